//! The digest itself (RFC 7616 §3.4).

use core::{fmt, str::FromStr};

use md5::{Digest as _, Md5};
use subtle::ConstantTimeEq as _;

use super::{Credentials, Password, Protection, Qop, quoted::Quoted};
use crate::{Hex, InvalidHex, octets::decode_hex};

/// What was sent: the method of a request, or nothing of an answer, and the body.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "RFC 7616 §3.4.3 closes the set")]
pub struct Sent<'a> {
    /// The method; empty of an answer.
    pub method: &'a str,
    /// The body as it goes over the wire.
    pub body: &'a [u8],
}

impl<'a> Sent<'a> {
    /// A `GET`, which has no body.
    pub const GET: Self = Self {
        method: "GET",
        body: b"",
    };

    /// An answer with this body.
    pub const fn back(body: &'a [u8]) -> Self {
        Self { method: "", body }
    }
}

/// A digest: 16 octets, 32 hexadecimal digits on the wire.
#[derive(Clone, Copy)]
pub struct Response([u8; 16]);

impl Response {
    /// Whether both are the same, in constant time.
    pub fn verify(self, other: Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    pub(super) const fn of_zeros() -> Self {
        Self([0; 16])
    }

    pub(super) fn of(
        credentials: &Credentials,
        protection: &Protection,
        password: &Password,
        sent: Sent<'_>,
    ) -> Self {
        let a1 = Md5::new()
            .chain_update(credentials.username.as_str())
            .chain_update(":")
            .chain_update(credentials.realm.as_str())
            .chain_update(":")
            .chain_update(password.expose());
        let mut digest = Md5::new();
        update_hex(&mut digest, a1);
        digest.update(":");
        digest.update(credentials.nonce.as_str());
        for part in [
            protection.nc.text().as_str(),
            protection.cnonce.as_str(),
            protection.qop.as_str(),
        ] {
            digest.update(":");
            digest.update(part);
        }
        digest.update(":");
        update_hex(&mut digest, a2(credentials, protection.qop, sent));
        Self(digest.finalize().0)
    }
}

/// `method:uri`, and the digest of the body where that is protected.
fn a2(credentials: &Credentials, qop: Qop, sent: Sent<'_>) -> Md5 {
    let mut a2 = Md5::new()
        .chain_update(sent.method)
        .chain_update(":")
        .chain_update(credentials.uri.as_str());
    if qop == Qop::AuthInt {
        a2.update(":");
        update_hex(&mut a2, Md5::new_with_prefix(sent.body));
    }
    a2
}

/// Digests go into digests as text.
fn update_hex(digest: &mut Md5, inner: Md5) {
    for octet in inner.finalize() {
        let digit = |nibble: u8| match nibble {
            0..=9 => b'0' + nibble,
            _ => b'a' + (nibble - 10),
        };
        digest.update([digit(octet >> 4), digit(octet & 15)]);
    }
}

impl FromStr for Response {
    type Err = InvalidHex;

    fn from_str(text: &str) -> Result<Self, InvalidHex> {
        let mut octets = [0; 16];
        let wrong = InvalidHex {
            name: "response",
            digits: 32,
        };
        decode_hex(text, &mut octets).ok_or(wrong)?;
        Ok(Self(octets))
    }
}

impl fmt::Display for Response {
    /// 32 digits in quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{:x}\"", Hex(&self.0))
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Response([redacted])")
    }
}

/// A client's nonce: 16 octets of a generator, as hexadecimal text.
#[derive(Clone, Debug)]
pub struct Cnonce(Quoted);

impl Cnonce {
    /// Takes the octets.
    pub fn new(octets: [u8; 16]) -> Self {
        Self(Quoted::of_ascii(alloc::format!("{:x}", Hex(&octets))))
    }

    pub(super) fn into_text(self) -> Quoted {
        self.0
    }
}

/// A nonce count: 8 hexadecimal digits (RFC 7616 §3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Count(pub(super) u32);

impl Count {
    pub(super) fn text(self) -> alloc::string::String {
        alloc::format!("{:08x}", self.0)
    }
}

impl FromStr for Count {
    type Err = InvalidHex;

    /// Reads digits in lower case, so that there is one text for each number.
    fn from_str(text: &str) -> Result<Self, InvalidHex> {
        let mut octets = [0; 4];
        let wrong = InvalidHex {
            name: "nc",
            digits: 8,
        };
        if text.bytes().any(|octet| octet.is_ascii_uppercase()) {
            return Err(wrong);
        }
        decode_hex(text, &mut octets).ok_or(wrong)?;
        Ok(Self(u32::from_be_bytes(octets)))
    }
}
