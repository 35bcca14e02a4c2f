//! Bodies in JSON, as every server takes them.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A body in JSON that says so in its content type, which a web page's form cannot.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it is taken apart in handlers' arguments"
)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !has_content_type(request.headers(), "application/json") {
            return Err(InvalidBody::ContentType.into());
        }
        Ok(Self(read(request, state).await?))
    }
}

/// The text of such a body, for whoever reads it more strictly, or needs its octets.
#[derive(Clone)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it is taken apart in handlers' arguments"
)]
pub struct JsonText(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonText {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !has_content_type(request.headers(), "application/json") {
            return Err(InvalidBody::ContentType.into());
        }
        let octets = Bytes::from_request(request, state).await;
        Ok(Self(octets.or(Err(InvalidBody::Incomplete))?))
    }
}

impl std::fmt::Debug for JsonText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "JsonText({} octets)", self.0.len())
    }
}

/// Why a body is refused. What it holds is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBody {
    /// It does not say that it is JSON.
    #[error("the body's content type is not application/json")]
    ContentType,
    /// It says that it is what any web page may send anywhere, unasked.
    #[error("the body's content type is a form's or plain text, not application/json")]
    Form,
    /// It is longer than the server reads, or the connection broke.
    #[error("the body is too long, or did not arrive")]
    Incomplete,
    /// It is no JSON, or another object.
    #[error("the body is not a JSON object with the members that this takes")]
    Members,
}

/// Reads a body in JSON, whatever its content type says: for dialects whose clients say nothing.
///
/// # Errors
/// [`InvalidBody`]
pub async fn read<S: Send + Sync, T: DeserializeOwned>(
    request: Request,
    state: &S,
) -> Result<T, InvalidBody> {
    let Ok(octets) = Bytes::from_request(request, state).await else {
        return Err(InvalidBody::Incomplete);
    };
    // serde would take a list for an object, its items for members in their order
    if octets.trim_ascii_start().first() != Some(&b'{') {
        return Err(InvalidBody::Members);
    }
    // what serde says would quote the body
    serde_json::from_slice(&octets).map_err(|_quotes_the_body| InvalidBody::Members)
}

/// Reads a body in JSON whose content type says so, or nothing, or anything that a web page does not get
/// past a browser without asking first: for dialects whose clients are programs that say what they like.
///
/// # Errors
/// [`InvalidBody`]; [`InvalidBody::Form`] for the content types of Fetch §2.2.2 (CORS-safelisted).
pub async fn read_of_program<S: Send + Sync, T: DeserializeOwned>(
    request: Request,
    state: &S,
) -> Result<T, InvalidBody> {
    let headers = request.headers();
    if SAFELISTED
        .iter()
        .any(|kind| has_content_type(headers, kind))
    {
        return Err(InvalidBody::Form);
    }
    read(request, state).await
}

/// What a web page may send to any origin without asking (Fetch §2.2.2).
const SAFELISTED: [&str; 3] = [
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
];

impl From<InvalidBody> for Problem {
    fn from(invalid: InvalidBody) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", invalid.to_string())
    }
}

/// Whether a body is of this kind by its content type, whatever parameters follow.
pub fn has_content_type(headers: &HeaderMap, kind: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok());
    let essence = value.unwrap_or_default().split(';').next();
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(kind))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Eq)]
    struct Demo {
        imsi: String,
    }

    async fn read(kind: &str, body: &'static str) -> Result<Demo, Problem> {
        let request = Request::builder().header("content-type", kind);
        let request = request.body(body.into()).unwrap();
        Ok(Body::<Demo>::from_request(request, &()).await?.0)
    }

    #[tokio::test]
    async fn json_is_read_whatever_its_parameters() {
        for kind in ["application/json", "Application/JSON; charset=utf-8"] {
            let read = read(kind, r#"{"imsi":"1"}"#).await.unwrap();
            assert_eq!(read.imsi, "1");
        }
    }

    #[tokio::test]
    async fn a_form_is_refused_even_if_it_holds_json() {
        for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
            let problem = read(kind, r#"{"imsi":"1"}"#).await.unwrap_err();
            assert_eq!(problem.code(), "bad_request");
        }
    }

    #[tokio::test]
    async fn a_program_may_say_nothing_and_never_what_a_page_may_say_unasked() {
        let read = async |kind: Option<&str>| {
            let mut request = Request::builder();
            if let Some(kind) = kind {
                request = request.header("content-type", kind);
            }
            let request = request.body(r#"{"imsi":"1"}"#.into()).unwrap();
            read_of_program::<_, Demo>(request, &())
                .await
                .map(|read| read.imsi)
        };
        for kind in [
            None,
            Some("application/json"),
            Some("application/vnd.api+json"),
        ] {
            assert_eq!(read(kind).await, Ok("1".to_owned()), "{kind:?}");
        }
        for kind in [
            "text/plain",
            "Text/Plain;charset=UTF-8",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
        ] {
            assert_eq!(read(Some(kind)).await, Err(InvalidBody::Form), "{kind}");
        }
    }

    #[tokio::test]
    async fn a_wrong_body_is_not_quoted() {
        for body in ["", "[]", r#"["465"]"#, r#"{"imsi":465}"#, r#"{"k":"465b"}"#] {
            let problem = read("application/json", body).await.unwrap_err();
            assert!(!problem.detail().contains("465"), "{body}");
        }
    }
}
