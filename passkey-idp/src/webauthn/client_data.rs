//! What a browser says that it was asked (WebAuthn §5.8.1).

use strict_jws::base64;
use strict_jws::json::{Bounds, Document, Kind, Value};

use super::{Ceremony, Malformed};

/// Client data, strictly read: no member twice, nothing but the top page of the origin itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientData {
    /// What was done.
    pub ceremony: Ceremony,
    /// The challenge that was signed.
    pub challenge: Vec<u8>,
    /// The page's origin, octet by octet.
    pub origin: String,
    /// Whether the page stood in a frame of another origin.
    pub framing: Framing,
}

/// Where the page stood that asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Framing {
    /// On top, or in frames of its own origin.
    SameOrigin,
    /// In a frame of another origin (`crossOrigin`, `topOrigin`).
    CrossOrigin,
}

impl ClientData {
    /// How many octets the longest has.
    pub const MAX_LEN: usize = 8192;

    /// Reads `clientDataJSON`.
    ///
    /// # Errors
    /// [`Malformed`]
    pub fn parse(octets: &[u8]) -> Result<Self, Malformed> {
        if octets.len() > Self::MAX_LEN {
            return Err(Malformed("the client data is too long"));
        }
        let document = Document::parse(octets, Bounds::PAYLOAD)
            .or(Err(Malformed("the client data is no strict JSON")))?;
        let root = document.root();
        if root.kind() != Kind::Object {
            return Err(Malformed("the client data is no JSON object"));
        }
        let ceremony = match string(root, "type")?.as_str() {
            "webauthn.create" => Ceremony::Registration,
            "webauthn.get" => Ceremony::Assertion,
            _ => return Err(Malformed("the client data is of no WebAuthn ceremony")),
        };
        let challenge = base64::decode(string(root, "challenge")?.as_bytes())
            .or(Err(Malformed("the challenge is no base64url")))?;
        Ok(Self {
            ceremony,
            challenge,
            origin: string(root, "origin")?,
            framing: framing(root)?,
        })
    }
}

fn framing(root: Value<'_>) -> Result<Framing, Malformed> {
    let cross = match root.member("crossOrigin") {
        None => false,
        Some(value) => value
            .boolean()
            .ok_or(Malformed("crossOrigin is no boolean"))?,
    };
    if cross || root.member("topOrigin").is_some() {
        Ok(Framing::CrossOrigin)
    } else {
        Ok(Framing::SameOrigin)
    }
}

fn string(root: Value<'_>, name: &str) -> Result<String, Malformed> {
    let value = root.member(name).and_then(|value| value.string());
    value
        .map(Into::into)
        .ok_or(Malformed("a member of the client data is missing"))
}
