//! The header: `alg`, `kid`, `typ`, and nothing else.

use std::borrow::Cow;

use crate::json::{Bounds, Document, Kind, ObjectWriter, Value};
use crate::{Algorithm, InvalidKeyId, KeyId, Refusal};

/// Members that would change how a token is verified (RFC 7515 §4.1, RFC 7516 §4.1, RFC 7797).
const FORBIDDEN: [&str; 11] = [
    "crit", "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "zip", "cty", "b64", "enc",
];

/// What a token says of itself before its signature is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    algorithm: Algorithm,
    key_id: KeyId,
}

impl Header {
    /// The `alg`.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `kid`.
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// Reads a header, and hands its `typ` to `expects`.
    pub(crate) fn read(
        text: &[u8],
        expects: impl FnOnce(Option<&str>) -> bool,
    ) -> Result<Self, Refusal> {
        let document = document(text)?;
        let members = Members::of(document.root())?;
        if members.jwk.is_some() {
            return Err(Refusal::ForbiddenMember("jwk"));
        }
        let algorithm = members.algorithm()?;
        let key_id = members.key_id.ok_or(Refusal::MissingMember("kid"))?;
        let key_id = key_id
            .parse()
            .map_err(|InvalidKeyId| Refusal::InvalidKeyId)?;
        if !expects(members.typ.as_deref()) {
            return Err(Refusal::UnexpectedTyp);
        }
        Ok(Self { algorithm, key_id })
    }

    /// The header of a token under `key_id`: `kid`, `alg` and then `typ`.
    pub(crate) fn write(algorithm: Algorithm, key_id: &KeyId, typ: Option<&str>) -> String {
        let mut object = ObjectWriter::new();
        object
            .string("kid", key_id.as_str())
            .string("alg", algorithm.name());
        if let Some(typ) = typ {
            object.string("typ", typ);
        }
        object.finish()
    }
}

/// The header's text as a document.
pub(crate) fn document(text: &[u8]) -> Result<Document<'_>, Refusal> {
    Document::parse(text, Bounds::HEADER).map_err(Refusal::HeaderJson)
}

/// The members that some header may have.
#[derive(Default)]
pub(crate) struct Members<'d> {
    pub(crate) algorithm: Option<Cow<'d, str>>,
    pub(crate) key_id: Option<Cow<'d, str>>,
    pub(crate) typ: Option<Cow<'d, str>>,
    pub(crate) jwk: Option<Value<'d>>,
}

impl<'d> Members<'d> {
    /// Sorts the members out; a `jwk` is for the caller to take or to refuse.
    pub(crate) fn of(header: Value<'d>) -> Result<Self, Refusal> {
        if header.kind() != Kind::Object {
            return Err(Refusal::HeaderNotAnObject);
        }
        let mut members = Self::default();
        for (name, value) in header.members() {
            match &*name {
                "alg" => members.algorithm = Some(string("alg", value)?),
                "kid" => members.key_id = Some(string("kid", value)?),
                "typ" => members.typ = Some(string("typ", value)?),
                "jwk" => members.jwk = Some(value),
                other => return Err(unwanted(other)),
            }
        }
        Ok(members)
    }

    pub(crate) fn algorithm(&self) -> Result<Algorithm, Refusal> {
        let name = self
            .algorithm
            .as_deref()
            .ok_or(Refusal::MissingMember("alg"))?;
        Algorithm::from_name(name).ok_or(Refusal::UnsupportedAlgorithm)
    }
}

fn string<'d>(name: &'static str, value: Value<'d>) -> Result<Cow<'d, str>, Refusal> {
    value.string().ok_or(Refusal::WrongType(name))
}

fn unwanted(name: &str) -> Refusal {
    let forbidden = FORBIDDEN.iter().find(|forbidden| **forbidden == name);
    forbidden.map_or(Refusal::UnknownMember, |name| {
        Refusal::ForbiddenMember(name)
    })
}
