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
            return Err(bad("the body's content type is not application/json"));
        }
        let Ok(octets) = Bytes::from_request(request, state).await else {
            return Err(bad("the body is too long, or did not arrive"));
        };
        let read = serde_json::from_slice(&octets).map(Self);
        // what serde says would quote the body
        read.map_err(|_quotes_the_body| {
            bad("the body is not a JSON object with the members that this takes")
        })
    }
}

fn bad(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_request", detail)
}

/// Whether a body is of this kind by its content type, whatever parameters follow.
pub(crate) fn has_content_type(headers: &HeaderMap, kind: &str) -> bool {
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
    async fn a_wrong_body_is_not_quoted() {
        for body in ["", "[]", r#"{"imsi":465}"#, r#"{"k":"465b"}"#] {
            let problem = read("application/json", body).await.unwrap_err();
            assert!(!problem.detail().contains("465"), "{body}");
        }
    }
}
