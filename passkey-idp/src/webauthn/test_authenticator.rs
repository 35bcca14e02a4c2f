//! Passkeys in software, for tests: right in everything, or wrong in what [`Quirks`] says.

mod asn1;
mod write;

use std::fmt;

use ring::digest::{SHA256, digest};
use serde_json::Value;
use strict_jws::{Algorithm, PublicKey, SigningKey, SystemRandom, base64};

use self::write::{bytes, map, text};
use super::{
    Assertion, AssertionResponse, AttestationResponse, CredentialId, Octets, Registration,
};
use crate::id::UserId;
use crate::random;

/// An authenticator with one passkey, which can be used everywhere.
///
/// ```
/// use passkey_idp::id::UserId;
/// use passkey_idp::webauthn::{Ask, Quirks, TestAuthenticator};
///
/// let mut authenticator = TestAuthenticator::es256(UserId::from([1; 16]));
/// let ask = Ask::new(&[7; 32], "idp.example", "https://idp.example");
/// let registration = authenticator.register(&ask, &Quirks::none());
/// let cloned = Quirks { counter: Some(1), ..Quirks::none() };
/// let assertion = authenticator.sign(&ask, &cloned);
/// assert_eq!(assertion.raw_id, registration.raw_id);
/// ```
pub struct TestAuthenticator {
    key: SigningKey,
    credential_id: CredentialId,
    user: UserId,
    counter: u32,
    aaguid: [u8; 16],
}

/// What a browser passes on to an authenticator.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests elsewhere make it")]
pub struct Ask {
    /// The challenge.
    pub challenge: Vec<u8>,
    /// The relying party's identifier.
    pub rp_id: String,
    /// The page's origin.
    pub origin: String,
}

/// Changes something that is right into something that may not be.
pub type Rewrite = Box<dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync>;

/// Attests a new passkey: from what is to be signed, the form and the statement in CBOR.
pub type Attest = Box<dyn Fn(&[u8]) -> (&'static str, Vec<u8>) + Send + Sync>;

/// In what an authenticator, or the browser before it, is wrong.
#[derive(Default)]
#[expect(clippy::exhaustive_structs, reason = "tests elsewhere make it")]
pub struct Quirks {
    /// `type` in the client data.
    pub client_type: Option<&'static str>,
    /// Further members of the client data, each with a comma before it.
    pub client_members: Option<&'static str>,
    /// The client data altogether.
    pub client_data: Option<Rewrite>,
    /// The flags, those for what follows included.
    pub flags: Option<u8>,
    /// The counter.
    pub counter: Option<u32>,
    /// The user handle.
    pub user_handle: Handle,
    /// The credential's identifier, as the browser says.
    pub raw_id: Option<CredentialId>,
    /// The COSE key, before it is put into the authenticator data.
    pub public_key: Option<Rewrite>,
    /// The authenticator data, before it is signed.
    pub authenticator_data: Option<Rewrite>,
    /// The authenticator data, after it was signed.
    pub late_authenticator_data: Option<Rewrite>,
    /// The attestation; none otherwise.
    pub attest: Option<Attest>,
    /// The attestation object.
    pub attestation_object: Option<Rewrite>,
    /// The signature.
    pub signature: Option<Rewrite>,
}

/// Which user handle an authenticator returns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth way")]
pub enum Handle {
    /// That of the passkey's user.
    #[default]
    Own,
    /// None.
    Missing,
    /// These octets.
    Other(Vec<u8>),
}

impl Quirks {
    /// In nothing.
    pub fn none() -> Self {
        Self::default()
    }
}

impl Ask {
    /// The challenge `challenge` of `rp_id`, asked by a page of `origin`.
    pub fn new(challenge: &[u8], rp_id: &str, origin: &str) -> Self {
        Self {
            challenge: challenge.to_vec(),
            rp_id: rp_id.to_owned(),
            origin: origin.to_owned(),
        }
    }

    /// What creation or request options ask for on a page of `origin`; nothing if they are none.
    pub fn of_options(options: &Value, origin: &str) -> Option<Self> {
        let challenge = base64::decode(options.get("challenge")?.as_str()?.as_bytes()).ok()?;
        let rp_id = options
            .get("rpId")
            .or_else(|| options.get("rp")?.get("id"))?;
        Some(Self::new(&challenge, rp_id.as_str()?, origin))
    }
}

impl TestAuthenticator {
    /// Present and verified.
    pub const PRESENT_VERIFIED: u8 = 0x05;

    /// One that signs with ES256.
    pub fn es256(user: UserId) -> Self {
        Self::generated(Algorithm::Es256, user)
    }

    /// One that signs with EdDSA.
    pub fn eddsa(user: UserId) -> Self {
        Self::generated(Algorithm::EdDsa, user)
    }

    /// One that signs with RS256; all of these have the same key.
    pub fn rs256(user: UserId) -> Self {
        Self::with_pem(include_str!("test_authenticator/rsa2048.pem"), user)
    }

    fn generated(algorithm: Algorithm, user: UserId) -> Self {
        let pem = SigningKey::generate_pem(algorithm, &SystemRandom::new());
        Self::with_pem(&pem.expect("such keys can be made"), user)
    }

    fn with_pem(pem: &str, user: UserId) -> Self {
        let random = SystemRandom::new();
        let id: [u8; 32] = random::fill(&random).expect("there are random numbers");
        Self {
            key: SigningKey::from_pem(pem, &random).expect("it is a key"),
            credential_id: CredentialId::try_from(&id[..]).expect("it has 32 octets"),
            user,
            counter: 0,
            aaguid: [0; 16],
        }
    }

    /// Of that model.
    #[must_use]
    pub fn of_model(self, aaguid: [u8; 16]) -> Self {
        Self { aaguid, ..self }
    }

    /// For another user, with the same key and identifier.
    #[must_use]
    pub fn of_user(self, user: UserId) -> Self {
        Self { user, ..self }
    }

    /// The passkey's identifier.
    pub const fn credential_id(&self) -> &CredentialId {
        &self.credential_id
    }

    /// The passkey's public key in COSE.
    pub fn cose_key(&self) -> Vec<u8> {
        cose_key(self.key.public())
    }

    /// Makes the passkey known.
    pub fn register(&mut self, ask: &Ask, quirks: &Quirks) -> Registration {
        let client_data = client_data("webauthn.create", ask, quirks);
        let key = rewritten(self.cose_key(), quirks.public_key.as_ref());
        let id = self.credential_id.as_slice();
        let length = u16::try_from(id.len()).expect("identifiers are short");
        let attested = [&self.aaguid[..], &length.to_be_bytes(), id, &key].concat();
        let data = self.authenticator_data(ask, quirks, ATTESTED, &attested);
        let data = rewritten(data, quirks.late_authenticator_data.as_ref());
        let signed = [&data, digest(&SHA256, &client_data).as_ref()].concat();
        let (format, statement) = match &quirks.attest {
            Some(attest) => attest(&signed),
            None => ("none", map(&[])),
        };
        let object = map(&[
            (text("fmt"), text(format)),
            (text("attStmt"), statement),
            (text("authData"), bytes(&data)),
        ]);
        Registration {
            raw_id: self.raw_id(quirks),
            response: AttestationResponse {
                client_data_json: client_data.into(),
                attestation_object: rewritten(object, quirks.attestation_object.as_ref()).into(),
                transports: vec!["internal".to_owned()],
            },
        }
    }

    /// Signs.
    pub fn sign(&mut self, ask: &Ask, quirks: &Quirks) -> Assertion {
        let client_data = client_data("webauthn.get", ask, quirks);
        let data = self.authenticator_data(ask, quirks, 0, &[]);
        let hash = digest(&SHA256, &client_data);
        let signature = self.signature(&[&data, hash.as_ref()].concat());
        let data = rewritten(data, quirks.late_authenticator_data.as_ref());
        let handle = match &quirks.user_handle {
            Handle::Own => Some(self.user.as_bytes().to_vec()),
            Handle::Missing => None,
            Handle::Other(octets) => Some(octets.clone()),
        };
        Assertion {
            raw_id: self.raw_id(quirks),
            response: AssertionResponse {
                client_data_json: client_data.into(),
                authenticator_data: data.into(),
                signature: rewritten(signature, quirks.signature.as_ref()).into(),
                user_handle: handle.map(Octets::from),
            },
        }
    }

    fn raw_id(&self, quirks: &Quirks) -> CredentialId {
        quirks
            .raw_id
            .clone()
            .unwrap_or_else(|| self.credential_id.clone())
    }

    fn authenticator_data(
        &mut self,
        ask: &Ask,
        quirks: &Quirks,
        flags: u8,
        attested: &[u8],
    ) -> Vec<u8> {
        self.counter = self.counter.saturating_add(1);
        let hash = digest(&SHA256, ask.rp_id.as_bytes());
        let flags = quirks.flags.unwrap_or(Self::PRESENT_VERIFIED | flags);
        let counter = quirks.counter.unwrap_or(self.counter).to_be_bytes();
        let data = [hash.as_ref(), &[flags], &counter, attested].concat();
        rewritten(data, quirks.authenticator_data.as_ref())
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let signature = self.key.sign(message, &SystemRandom::new());
        let signature = signature.expect("there are random numbers");
        if self.key.algorithm() == Algorithm::Es256 {
            asn1::ecdsa(signature.as_ref())
        } else {
            signature.as_ref().to_vec()
        }
    }
}

impl fmt::Debug for TestAuthenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestAuthenticator")
            .field("credential_id", &self.credential_id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Quirks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quirks").finish_non_exhaustive()
    }
}

fn rewritten(octets: Vec<u8>, rewrite: Option<&Rewrite>) -> Vec<u8> {
    match rewrite {
        Some(rewrite) => rewrite(octets),
        None => octets,
    }
}

fn client_data(ceremony: &str, ask: &Ask, quirks: &Quirks) -> Vec<u8> {
    let ceremony = quirks.client_type.unwrap_or(ceremony);
    let challenge = base64::encode(&ask.challenge);
    let more = quirks.client_members.unwrap_or(",\"crossOrigin\":false");
    let origin = &ask.origin;
    let json =
        format!(r#"{{"type":"{ceremony}","challenge":"{challenge}","origin":"{origin}"{more}}}"#);
    rewritten(json.into_bytes(), quirks.client_data.as_ref())
}

/// The COSE form of a key, in CTAP2's order.
fn cose_key(key: &PublicKey) -> Vec<u8> {
    let jwk: Value = serde_json::from_str(&key.to_jwk()).expect("a JWK is JSON");
    let member = |name: &str| {
        let text = jwk.get(name).and_then(Value::as_str).unwrap_or_default();
        bytes(&base64::decode(text.as_bytes()).expect("a JWK's members are base64url"))
    };
    let integer = write::integer;
    let entries = if key.algorithm() == Algorithm::Es256 {
        vec![
            (integer(1), integer(2)),
            (integer(3), integer(-7)),
            (integer(-1), integer(1)),
            (integer(-2), member("x")),
            (integer(-3), member("y")),
        ]
    } else if key.algorithm() == Algorithm::Rs256 {
        vec![
            (integer(1), integer(3)),
            (integer(3), integer(-257)),
            (integer(-1), member("n")),
            (integer(-2), member("e")),
        ]
    } else {
        vec![
            (integer(1), integer(1)),
            (integer(3), integer(-8)),
            (integer(-1), integer(6)),
            (integer(-2), member("x")),
        ]
    };
    map(&entries)
}

const ATTESTED: u8 = 0x40;
