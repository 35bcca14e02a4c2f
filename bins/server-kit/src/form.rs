//! Forms and queries (`application/x-www-form-urlencoded`), read strictly.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
};

use crate::{body::has_content_type, problem::Problem};

/// Names and values in their order.
///
/// ```
/// use server_kit::form::{Form, InvalidForm};
///
/// let form = Form::parse(b"token=a.b.c&hint=access+token&audience=x&audience=y")?;
/// assert_eq!(form.one("hint")?, Some("access token"));
/// assert_eq!(form.one("audience"), Err(InvalidForm::Twice));
/// # Ok::<(), InvalidForm>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

/// A form is refused; what it holds is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidForm {
    /// A `%` is not followed by two hex digits, or the octets are not UTF-8.
    #[error("the form is not percent-encoded UTF-8")]
    Encoding,
    /// There are more than 64 names.
    #[error("the form has more than 64 names")]
    TooMany,
    /// A name that may come once comes twice.
    #[error("a name comes twice that may come once")]
    Twice,
}

impl Form {
    /// How many names a form may have.
    pub const MAX_PAIRS: usize = 64;

    /// Reads a form's body, or a query.
    ///
    /// # Errors
    /// [`InvalidForm::Encoding`] and [`InvalidForm::TooMany`].
    pub fn parse(octets: &[u8]) -> Result<Self, InvalidForm> {
        let parts = octets.split(|octet| *octet == b'&');
        let mut pairs = Vec::new();
        for part in parts.filter(|part| !part.is_empty()) {
            if pairs.len() == Self::MAX_PAIRS {
                return Err(InvalidForm::TooMany);
            }
            let mut halves = part.splitn(2, |octet| *octet == b'=');
            let mut half = || decoded(halves.next().unwrap_or_default());
            pairs.push((half()?, half()?));
        }
        Ok(Self { pairs })
    }

    /// The value of a name that may come once; an empty one counts as none (RFC 6749 §3.2).
    ///
    /// # Errors
    /// [`InvalidForm::Twice`]
    pub fn one(&self, name: &str) -> Result<Option<&str>, InvalidForm> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
            (_, Some(_)) => Err(InvalidForm::Twice),
        }
    }

    /// All values of a name.
    pub fn all<'f>(&'f self, name: &str) -> impl Iterator<Item = &'f str> {
        let of_name = self.pairs.iter().filter(move |(known, _)| known == name);
        of_name.map(|(_, value)| value.as_str())
    }

    /// All names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.pairs.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All names and values, taken out.
    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.pairs
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Form({})", self.pairs.len())
    }
}

impl From<InvalidForm> for Problem {
    fn from(invalid: InvalidForm) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", invalid.to_string())
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bad = |detail| Problem::new(StatusCode::BAD_REQUEST, "bad_request", detail);
        if !has_content_type(request.headers(), "application/x-www-form-urlencoded") {
            return Err(bad("the body is no form by its content type"));
        }
        let octets = Bytes::from_request(request, state).await;
        let octets = octets.or(Err(bad("the body is too long, or did not arrive")))?;
        Ok(Self::parse(&octets)?)
    }
}

fn decoded(text: &[u8]) -> Result<String, InvalidForm> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        match octet {
            b'+' => octets.push(b' '),
            b'%' => {
                let (digits, after) = after.split_first_chunk().ok_or(InvalidForm::Encoding)?;
                octets.push(hex_octet(digits)?);
                rest = after;
            }
            other => octets.push(*other),
        }
    }
    String::from_utf8(octets).or(Err(InvalidForm::Encoding))
}

fn hex_octet(digits: &[u8; 2]) -> Result<u8, InvalidForm> {
    let mut octet = [0];
    hex::decode_to_slice(digits, &mut octet).or(Err(InvalidForm::Encoding))?;
    let [octet] = octet;
    Ok(octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Result<Vec<(String, String)>, InvalidForm> {
        Form::parse(text.as_bytes()).map(Form::into_pairs)
    }

    #[test]
    fn names_and_values_are_decoded() {
        let expected = [("a b", "ü&="), ("c", ""), ("d", "1=2")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs("a+b=%C3%bc%26%3D&c&&d=1=2"), Ok(expected.to_vec()));
        assert_eq!(pairs(""), Ok(vec![]));
    }

    #[test]
    fn what_is_not_encoded_rightly_is_refused() {
        for text in ["a=%", "a=%4", "a=%4g", "%zz=1", "a=%ff", "a=%C3"] {
            assert_eq!(pairs(text), Err(InvalidForm::Encoding), "{text}");
        }
        assert_eq!(pairs(&"a&".repeat(65)), Err(InvalidForm::TooMany));
        assert_eq!(pairs(&"a&".repeat(64)).map(|pairs| pairs.len()), Ok(64));
    }

    #[test]
    fn a_name_comes_once_or_is_refused() {
        let form = Form::parse(b"a=1&b=&c=1&c=2").unwrap();
        assert_eq!(form.one("a"), Ok(Some("1")));
        assert_eq!((form.one("b"), form.one("x")), (Ok(None), Ok(None)));
        assert_eq!(form.one("c"), Err(InvalidForm::Twice));
        assert_eq!(form.all("c").collect::<Vec<_>>(), ["1", "2"]);
    }
}
