//! The body of a signed provisioning call.

use strict_jws::json::{Kind, Value};

use super::ALGORITHM;
use crate::body::{document, member, scalar, string};
use crate::{InvalidBody, RequestParameters};

/// What every body of the flat family has beside its parameters.
const OWN: [&str; 6] = [
    "keyId",
    "nonce",
    "keyLength",
    "length",
    "algorithm",
    "timestamp",
];

const NESTED: &str = "requestParameters";

/// `POST /v1/provisioning/...`: under which key, and with which parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvisioningCall {
    key_id: String,
    timestamp: Option<String>,
    parameters: RequestParameters,
}

impl ProvisioningCall {
    /// Reads either form: parameters under `requestParameters`, or beside `keyId`, `keyLength`,
    /// `algorithm` and `timestamp`.
    ///
    /// # Errors
    /// [`InvalidBody`], also for parameters in both places, and for another algorithm than SHA-256.
    pub fn read(body: &[u8]) -> Result<Self, InvalidBody> {
        let document = document(body)?;
        let root = document.root();
        if member(root, "algorithm").is_some() && string(root, "algorithm")? != ALGORITHM {
            return Err(InvalidBody::Invalid("algorithm"));
        }
        let timestamp = member(root, "timestamp").map(scalar).transpose();
        Ok(Self {
            key_id: string(root, "keyId")?.into_owned(),
            timestamp: timestamp.or(Err(InvalidBody::Invalid("timestamp")))?,
            parameters: parameters(root)?,
        })
    }

    /// The key's name.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// What the device asks for.
    pub fn parameters(&self) -> &RequestParameters {
        &self.parameters
    }

    /// The parameters, taken out.
    pub fn into_parameters(self) -> RequestParameters {
        self.parameters
    }

    /// Whether the body was made at the time `timestamp` of its header field, as far as it says.
    pub fn is_of(&self, timestamp: u64) -> bool {
        let own = self.timestamp.as_ref();
        own.is_none_or(|own| *own == timestamp.to_string())
    }
}

fn parameters(root: Value<'_>) -> Result<RequestParameters, InvalidBody> {
    let flat = RequestParameters::of_members(root, &[&OWN[..], &[NESTED]].concat())?;
    match member(root, NESTED) {
        None => Ok(flat),
        Some(_) if !flat.is_empty() => Err(InvalidBody::Ambiguous),
        Some(nested) if nested.kind() == Kind::Object => RequestParameters::of_members(nested, &[]),
        Some(_) => Err(InvalidBody::Invalid(NESTED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<(String, String)>, InvalidBody> {
        let call = ProvisioningCall::read(body.as_bytes())?;
        assert_eq!(call.key_id(), "k");
        let pairs = call.parameters().iter();
        Ok(pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect())
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn nested_and_flat_parameters_are_the_same() {
        assert_eq!(
            read(r#"{"keyId":"k","requestParameters":null}"#),
            Ok(vec![])
        );
        let expected = Ok(vec![pair("floor", "7"), pair("site", "roof")]);
        let nested = r#"{"keyId":"k","requestParameters":{"site":"roof","floor":7}}"#;
        assert_eq!(read(nested), expected);
        let flat = r#"{"nonce":"AAAA","keyId":"k","keyLength":32,"timestamp":"1","algorithm":"SHA-256","site":"roof","floor":7}"#;
        assert_eq!(read(flat), expected);
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let both = r#"{"keyId":"k","site":"roof","requestParameters":{"site":"cellar"}}"#;
        assert_eq!(read(both), Err(InvalidBody::Ambiguous));
        let twice = r#"{"keyId":"k","keyId":"other"}"#;
        assert!(matches!(read(twice), Err(InvalidBody::Json(_))));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (body, refusal) in [
            ("{}", InvalidBody::Missing("keyId")),
            (r#"{"keyId":7}"#, InvalidBody::Invalid("keyId")),
            (
                r#"{"keyId":"k","requestParameters":"x"}"#,
                InvalidBody::Invalid("requestParameters"),
            ),
            (
                r#"{"keyId":"k","algorithm":"MD5"}"#,
                InvalidBody::Invalid("algorithm"),
            ),
            (
                r#"{"keyId":"k","timestamp":[]}"#,
                InvalidBody::Invalid("timestamp"),
            ),
            (r#"{"keyId":"k","deep":{}}"#, InvalidBody::Parameter),
        ] {
            assert_eq!(read(body), Err(refusal), "{body}");
        }
    }

    #[test]
    fn the_times_of_body_and_header_are_one() {
        let call = |body: &str| ProvisioningCall::read(body.as_bytes()).unwrap();
        assert!(call(r#"{"keyId":"k"}"#).is_of(5));
        assert!(call(r#"{"keyId":"k","timestamp":"5"}"#).is_of(5));
        assert!(call(r#"{"keyId":"k","timestamp":5}"#).is_of(5));
        assert!(!call(r#"{"keyId":"k","timestamp":"6"}"#).is_of(5));
    }
}
