//! Bodies in JSON, read strictly: no member twice, no deep nesting, nothing guessed.

use std::borrow::Cow;

use strict_jws::json::{Bounds, Document, InvalidJson, Kind, Value};

use crate::{RequestParameters, TooManyParameters};

/// Why a request's body is refused. What the body holds is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBody {
    /// It is no JSON document, or not one that everybody reads alike.
    #[error("the body is no strict JSON: {0}")]
    Json(#[from] InvalidJson),
    /// It is no JSON object.
    #[error("the body is no JSON object")]
    NotAnObject,
    /// A member is missing.
    #[error("the member {0} is missing")]
    Missing(&'static str),
    /// A member has another type or form than its own.
    #[error("the member {0} has a value that it cannot have")]
    Invalid(&'static str),
    /// Parameters stand in the body itself and under `requestParameters`.
    #[error("parameters stand in two places")]
    Ambiguous,
    /// A parameter is an array or an object.
    #[error("a parameter is no string, number or boolean")]
    Parameter,
    /// There are too many parameters.
    #[error(transparent)]
    TooMany(#[from] TooManyParameters),
}

impl RequestParameters {
    /// Reads a JSON object whose members are the parameters: strings as they are, numbers and booleans as
    /// they are written; `null` is none.
    ///
    /// ```
    /// use endorse::RequestParameters;
    ///
    /// let parameters = RequestParameters::from_json(br#"{"site":"roof","floor":7,"note":null}"#)?;
    /// assert_eq!((parameters.get("floor"), parameters.len()), (Some("7"), 2));
    /// # Ok::<(), endorse::InvalidBody>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidBody`]
    pub fn from_json(body: &[u8]) -> Result<Self, InvalidBody> {
        let document = document(body)?;
        Self::of_members(document.root(), &[])
    }

    /// The parameters among an object's members: all but those named `except`.
    pub(crate) fn of_members(object: Value<'_>, except: &[&str]) -> Result<Self, InvalidBody> {
        let wanted = object
            .members()
            .filter(|(name, value)| value.kind() != Kind::Null && !except.contains(&&**name));
        let pairs = wanted.map(|(name, value)| Ok((name.into_owned(), scalar(value)?)));
        let pairs: Vec<(String, String)> = pairs.collect::<Result<_, InvalidBody>>()?;
        Ok(Self::collect(pairs)?)
    }
}

/// The body as a document, which is an object.
pub(crate) fn document(body: &[u8]) -> Result<Document<'_>, InvalidBody> {
    let document = Document::parse(body, Bounds::PAYLOAD)?;
    if document.root().kind() == Kind::Object {
        Ok(document)
    } else {
        Err(InvalidBody::NotAnObject)
    }
}

/// The member of this name, unless it is missing or `null`.
pub(crate) fn member<'d>(object: Value<'d>, name: &str) -> Option<Value<'d>> {
    object
        .member(name)
        .filter(|value| value.kind() != Kind::Null)
}

/// The string of this name.
pub(crate) fn string<'d>(
    object: Value<'d>,
    name: &'static str,
) -> Result<Cow<'d, str>, InvalidBody> {
    let value = member(object, name).ok_or(InvalidBody::Missing(name))?;
    value.string().ok_or(InvalidBody::Invalid(name))
}

/// A string as it is, a number or a boolean as it is written.
pub(crate) fn scalar(value: Value<'_>) -> Result<String, InvalidBody> {
    match value.kind() {
        Kind::String => Ok(value.string().unwrap_or_default().into_owned()),
        Kind::Number | Kind::Boolean => Ok(value.raw().to_owned()),
        Kind::Null | Kind::Array | Kind::Object => Err(InvalidBody::Parameter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_flat_object_is_refused_with_the_reason() {
        for (body, refusal) in [
            ("", InvalidBody::Json(InvalidJson::UnexpectedEnd)),
            ("[]", InvalidBody::NotAnObject),
            (
                r#"{"a":"1","a":"2"}"#,
                InvalidBody::Json(InvalidJson::DuplicateMember),
            ),
            (r#"{"a":[]}"#, InvalidBody::Parameter),
            (r#"{"a":{"b":"c"}}"#, InvalidBody::Parameter),
        ] {
            let read = RequestParameters::from_json(body.as_bytes());
            assert_eq!(read, Err(refusal), "{body}");
        }
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(RequestParameters::MAX_LEN));
        let read = RequestParameters::from_json(long.as_bytes());
        assert_eq!(read, Err(InvalidBody::TooMany(TooManyParameters)));
    }

    #[test]
    fn scalars_are_strings_and_null_is_nothing() {
        let body = br#"{"s":"x\u0041","n":1.50,"b":true,"z":null}"#;
        let parameters = RequestParameters::from_json(body).unwrap();
        let pairs: Vec<_> = parameters.iter().collect();
        assert_eq!(pairs, [("b", "true"), ("n", "1.50"), ("s", "xA")]);
    }
}
