//! The key derivation function of TS 33.220 §B.2: HMAC-SHA-256 over FC ‖ P0 ‖ L0 ‖ P1 ‖ L1 ...

use core::ops::Deref;

use zeroize::Zeroizing;

use crate::{
    Ck, Ik,
    octets::wiped,
    sha256::{Hmac, Message},
};

/// The function under a key that is taken in once.
#[derive(Clone)]
pub(crate) struct Kdf(Hmac);

impl Kdf {
    #[inline]
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(Hmac::new(key))
    }

    /// Under CK ‖ IK.
    #[inline]
    pub(crate) fn of_keys(ck: &Ck, ik: &Ik) -> Self {
        let mut key = Derived([0; 32]);
        let (halves, _) = key.0.as_chunks_mut();
        for (half, octets) in halves.iter_mut().zip([ck.expose(), ik.expose()]) {
            *half = *octets;
        }
        Self::new(&key.0)
    }

    /// Parameters have at most 65535 octets; all of ours are far shorter.
    pub(crate) fn derive(&self, fc: u8, parameters: &[&[u8]]) -> Derived {
        let (mut derived, mut string) = (Derived([0; 32]), self.0.message());
        write(&mut string, fc, parameters);
        string.code(&mut derived.0);
        derived
    }

    /// Two at once, in hardly more time than one.
    #[inline]
    pub(crate) fn derive_two(
        &self,
        (fc, parameters): (u8, &[&[u8]]),
        (other_fc, other_parameters): (u8, &[&[u8]]),
    ) -> (Derived, Derived) {
        let (mut derived, mut other) = (Derived([0; 32]), Derived([0; 32]));
        let (mut string, mut other_string) = (self.0.message(), self.0.message());
        write(&mut string, fc, parameters);
        write(&mut other_string, other_fc, other_parameters);
        let codes = [&mut derived.0, &mut other.0];
        Message::codes([&mut string, &mut other_string], codes);
        (derived, other)
    }

    /// The last 16 octets.
    pub(crate) fn derive_128(&self, fc: u8, parameters: &[&[u8]]) -> Zeroizing<[u8; 16]> {
        let (_, last) = split(&self.derive(fc, parameters));
        last
    }
}

/// Writes S of §B.2.
#[inline]
fn write(string: &mut Message<'_>, fc: u8, parameters: &[&[u8]]) {
    string.write(&[fc]);
    for parameter in parameters {
        let length = u16::try_from(parameter.len()).unwrap_or(u16::MAX);
        string.write(parameter);
        string.write(&length.to_be_bytes());
    }
}

/// What was derived, a key.
pub(crate) struct Derived([u8; 32]);

wiped!(Derived: 0);

impl Derived {
    /// The last 16 octets, for a type that wipes them.
    #[inline]
    pub(crate) fn last_half(&self) -> [u8; 16] {
        let [_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, last @ ..] = self.0;
        last
    }
}

impl Deref for Derived {
    type Target = [u8; 32];

    #[inline]
    fn deref(&self) -> &[u8; 32] {
        &self.0
    }
}

/// CK ‖ IK.
pub(crate) fn joined(ck: &Ck, ik: &Ik) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    for (to, from) in key.iter_mut().zip(ck.expose().iter().chain(ik.expose())) {
        *to = *from;
    }
    key
}

/// The first and the last 16 octets.
pub(crate) fn split(octets: &[u8; 32]) -> (Zeroizing<[u8; 16]>, Zeroizing<[u8; 16]>) {
    let [first @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = *octets;
    let [_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, last @ ..] = *octets;
    (Zeroizing::new(first), Zeroizing::new(last))
}
