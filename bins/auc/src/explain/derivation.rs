//! A key derivation, with everything that goes into it.

use std::fmt;

use ring::{digest, hmac};
use zeroize::Zeroizing;

type Octets = Zeroizing<Vec<u8>>;

/// How one key comes of another; the key, S and the outcome are secrets, and wiped on drop.
#[derive(Clone)]
pub struct Derivation {
    name: &'static str,
    key: Octets,
    input: Input,
    /// How many octets, from the end, of what the function gives.
    size: usize,
}

#[derive(Clone)]
enum Input {
    /// HMAC-SHA-256 over FC ‖ P0 ‖ L0 ‖ P1 ‖ L1 ... (TS 33.220 §B.2).
    Kdf(u8, Vec<Octets>),
    /// SHA-256 over values side by side (TS 33.501 §A.5).
    Hash(Vec<Octets>),
    /// PRF' over values side by side (RFC 9048 §3.4.1).
    Prf(Vec<Octets>),
}

impl Derivation {
    /// By the function of TS 33.220 §B.2.
    pub(super) fn kdf(name: &'static str, key: &[u8], fc: u8, parameters: &[&[u8]]) -> Self {
        Self::new(name, key, Input::Kdf(fc, owned(parameters)), 32)
    }

    /// The same, of which the last 16 octets are taken.
    pub(super) fn kdf_128(name: &'static str, key: &[u8], fc: u8, parameters: &[&[u8]]) -> Self {
        let size = 16;
        Self {
            size,
            ..Self::kdf(name, key, fc, parameters)
        }
    }

    /// The last 16 octets of SHA-256.
    pub(super) fn hash_128(name: &'static str, parts: &[&[u8]]) -> Self {
        Self::new(name, &[], Input::Hash(owned(parts)), 16)
    }

    /// So many octets of PRF'.
    pub(super) fn prf(name: &'static str, key: &[u8], parts: &[&[u8]], size: usize) -> Self {
        Self::new(name, key, Input::Prf(owned(parts)), size)
    }

    fn new(name: &'static str, key: &[u8], input: Input, size: usize) -> Self {
        let key = Zeroizing::new(key.to_vec());
        Self {
            name,
            key,
            input,
            size,
        }
    }

    /// What is derived.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The key that it is derived from; nothing for a plain hash.
    pub fn expose_key(&self) -> &[u8] {
        &self.key
    }

    /// S: what HMAC-SHA-256, SHA-256 or PRF' is taken over.
    pub fn expose_s(&self) -> Octets {
        let mut s = Octets::default();
        match &self.input {
            Input::Kdf(fc, parameters) => {
                s.push(*fc);
                for parameter in parameters {
                    s.extend_from_slice(parameter);
                    s.extend(length(parameter));
                }
            }
            Input::Hash(parts) | Input::Prf(parts) => {
                for part in parts {
                    s.extend_from_slice(part);
                }
            }
        }
        s
    }

    /// S in its parts, for people: `FC 10, P0 00f110, L0 0003, ...`.
    pub fn expose_parts(&self) -> Zeroizing<String> {
        let parts = match &self.input {
            Input::Kdf(fc, parameters) => {
                let numbered = parameters.iter().enumerate().map(|(n, parameter)| {
                    let (p, l) = (hex::encode(&**parameter), hex::encode(length(parameter)));
                    format!("P{n} {p}, L{n} {l}")
                });
                let fc = format!("FC {fc:02x}");
                std::iter::once(fc).chain(numbered).collect()
            }
            Input::Hash(parts) | Input::Prf(parts) => {
                parts.iter().map(|p| hex::encode(&**p)).collect::<Vec<_>>()
            }
        };
        Zeroizing::new(parts.join(", "))
    }

    /// What comes of it.
    pub fn expose_output(&self) -> Octets {
        let s = self.expose_s();
        match &self.input {
            Input::Kdf(..) => last(hmac_of(&self.key, &[&s]).as_ref(), self.size),
            Input::Hash(_) => last(digest::digest(&digest::SHA256, &s).as_ref(), self.size),
            Input::Prf(_) => self.prf_output(&s),
        }
    }

    /// T1 ‖ T2 ‖ ..., Tn = HMAC(K, Tn-1 ‖ S ‖ n).
    fn prf_output(&self, s: &[u8]) -> Octets {
        let (mut output, mut block) = (Octets::default(), Octets::default());
        for number in 1..=u8::MAX {
            if output.len() >= self.size {
                break;
            }
            let next = hmac_of(&self.key, &[&block, s, &[number]]);
            block = Zeroizing::new(next.as_ref().to_vec());
            output.extend_from_slice(&block);
        }
        output.truncate(self.size);
        output
    }
}

impl fmt::Debug for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Derivation({}, [redacted])", self.name)
    }
}

fn owned(parts: &[&[u8]]) -> Vec<Octets> {
    let parts = parts.iter();
    parts.map(|part| Zeroizing::new(part.to_vec())).collect()
}

fn length(parameter: &[u8]) -> [u8; 2] {
    u16::try_from(parameter.len())
        .unwrap_or(u16::MAX)
        .to_be_bytes()
}

fn hmac_of(key: &[u8], parts: &[&[u8]]) -> hmac::Tag {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut context = hmac::Context::with_key(&key);
    for part in parts {
        context.update(part);
    }
    context.sign()
}

fn last(octets: &[u8], size: usize) -> Octets {
    let skipped = octets.len().saturating_sub(size);
    Zeroizing::new(octets.iter().skip(skipped).copied().collect())
}
