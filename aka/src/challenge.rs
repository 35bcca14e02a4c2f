//! What travels between home and card: the challenge, and the card's resynchronisation token.

use subtle::ConstantTimeEq;

use crate::{Ak, Sqn, octets::public_octets};

public_octets! {
    /// The random challenge RAND: 16 octets from a CSPRNG (TS 33.102 §6.3.2).
    Rand, 16
}

public_octets! {
    /// The authentication management field AMF: 2 octets (TS 33.102 Annex H).
    Amf, 2
}

impl Rand {
    /// Fills a challenge from a cryptographically secure generator.
    ///
    /// ```
    /// # fn system_generator(octets: &mut [u8]) -> Result<(), std::io::Error> { octets.fill(7); Ok(()) }
    /// // for example with `getrandom::fill`
    /// let rand = aka::Rand::generate(system_generator)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// The generator's own; there is no challenge without randomness.
    pub fn generate<E>(fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut octets = [0; Self::SIZE];
        fill(&mut octets)?;
        Ok(Self(octets))
    }
}

impl Amf {
    /// The separation bit is set: vectors for EPS, 5GS and EAP-AKA' (TS 33.102 Annex H, TS 33.401 §6.1.1).
    pub const SEPARATED: Self = Self([0x80, 0x00]);
    /// All bits zero: as in AUTS (TS 33.102 §6.3.3).
    pub const ZERO: Self = Self([0x00, 0x00]);

    /// Whether the separation bit, the most significant one, is set.
    pub const fn is_separated(self) -> bool {
        self.0[0] & 0x80 != 0
    }
}

public_octets! {
    /// A message authentication code of 8 octets: MAC-A of f1 or MAC-S of f1* (TS 33.102 §6.3).
    ///
    /// Compare with [`verify`](Mac::verify), which takes the same time wherever the difference is.
    Mac, 8
}

impl Mac {
    /// Whether both are the same, in constant time.
    pub fn verify(self, other: Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

public_octets! {
    /// The authentication token AUTN = SQN ⊕ AK ‖ AMF ‖ MAC-A: 16 octets (TS 33.102 §6.3.2).
    Autn, 16
}

impl Autn {
    /// Puts the token together; `concealed` is SQN ⊕ AK.
    pub const fn from_parts(concealed: [u8; 6], amf: Amf, mac: Mac) -> Self {
        let [c0, c1, c2, c3, c4, c5] = concealed;
        let [a0, a1] = amf.0;
        let [m0, m1, m2, m3, m4, m5, m6, m7] = mac.0;
        Self([
            c0, c1, c2, c3, c4, c5, a0, a1, m0, m1, m2, m3, m4, m5, m6, m7,
        ])
    }

    /// SQN ⊕ AK, the concealed sequence number.
    pub const fn concealed_sqn(&self) -> [u8; 6] {
        let [c0, c1, c2, c3, c4, c5, ..] = self.0;
        [c0, c1, c2, c3, c4, c5]
    }

    /// The authentication management field.
    pub const fn amf(&self) -> Amf {
        let [.., a0, a1, _, _, _, _, _, _, _, _] = self.0;
        Amf([a0, a1])
    }

    /// MAC-A.
    pub const fn mac(&self) -> Mac {
        let [.., m0, m1, m2, m3, m4, m5, m6, m7] = self.0;
        Mac([m0, m1, m2, m3, m4, m5, m6, m7])
    }
}

public_octets! {
    /// The resynchronisation token AUTS = SQN_MS ⊕ AK* ‖ MAC-S: 14 octets (TS 33.102 §6.3.3).
    Auts, 14
}

impl Auts {
    /// Puts the token together; `concealed` is SQN_MS ⊕ AK*.
    pub const fn from_parts(concealed: [u8; 6], mac: Mac) -> Self {
        let [c0, c1, c2, c3, c4, c5] = concealed;
        let [m0, m1, m2, m3, m4, m5, m6, m7] = mac.0;
        Self([c0, c1, c2, c3, c4, c5, m0, m1, m2, m3, m4, m5, m6, m7])
    }

    /// SQN_MS ⊕ AK*, the concealed sequence number of the card.
    pub const fn concealed_sqn(&self) -> [u8; 6] {
        let [c0, c1, c2, c3, c4, c5, ..] = self.0;
        [c0, c1, c2, c3, c4, c5]
    }

    /// MAC-S.
    pub const fn mac(&self) -> Mac {
        let [.., m0, m1, m2, m3, m4, m5, m6, m7] = self.0;
        Mac([m0, m1, m2, m3, m4, m5, m6, m7])
    }
}

/// SQN ⊕ AK as it goes over the air.
pub(crate) fn conceal(sqn: Sqn, ak: &Ak) -> [u8; 6] {
    let mut concealed = sqn.to_bytes();
    for (octet, mask) in concealed.iter_mut().zip(ak.expose()) {
        *octet ^= mask;
    }
    concealed
}

/// The sequence number behind SQN ⊕ AK.
pub(crate) fn reveal(concealed: [u8; 6], ak: &Ak) -> Sqn {
    Sqn::from_bytes(conceal(Sqn::from_bytes(concealed), ak))
}
