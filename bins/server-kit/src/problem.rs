//! Errors as HTTP answers: problem details (RFC 9457) with a word for programs.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;

/// A problem's answer: `application/problem+json` with `type`, `title`, `status`, `detail`, `code`.
///
/// ```
/// use axum::http::StatusCode;
/// use server_kit::problem::Problem;
///
/// let problem = Problem::new(StatusCode::NOT_FOUND, "no_such_sim", "no SIM has this name");
/// assert_eq!(problem.code(), "no_such_sim");
/// ```
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is (RFC 9457 §4.2.1).
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened, for a person.
    detail: String,
    /// What happened, for a program: a word that stays the same.
    code: &'static str,
    #[serde(skip)]
    retry_after: Option<u64>,
    #[serde(skip)]
    challenge: Option<String>,
}

impl Problem {
    /// A problem with its status, its word for programs and its sentence for people.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Unknown"),
            status: status.as_u16(),
            detail: detail.into(),
            code,
            retry_after: None,
            challenge: None,
        }
    }

    /// Says how credentials are to be shown (`WWW-Authenticate`, RFC 9110 §11.6.1). Without a word,
    /// 401 says `Bearer`.
    #[must_use]
    pub fn challenge(self, challenge: impl Into<String>) -> Self {
        Self {
            challenge: Some(challenge.into()),
            ..self
        }
    }

    /// Says after how many seconds another try makes sense (`Retry-After`, RFC 9110 §10.2.3).
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// The word for programs.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The sentence for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The headers that an answer with this problem carries, whatever its body's dialect.
    pub fn headers(&self) -> Vec<(header::HeaderName, HeaderValue)> {
        let mut headers = Vec::new();
        let challenge = self.challenge.as_deref();
        let challenge = challenge.and_then(|text| HeaderValue::from_str(text).ok());
        if let Some(challenge) = challenge {
            headers.push((header::WWW_AUTHENTICATE, challenge));
        } else if self.status == StatusCode::UNAUTHORIZED.as_u16() {
            headers.push((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        if let Some(seconds) = self.retry_after {
            headers.push((header::RETRY_AFTER, HeaderValue::from(seconds)));
        }
        headers
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response.headers_mut().extend(self.headers());
        response
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn the_body_has_the_five_members_in_order() {
        let problem = Problem::new(StatusCode::CONFLICT, "mac_failure", "the card refused AUTN");
        let response = problem.into_response();
        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/problem+json"
        );
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(
            &body[..],
            br#"{"type":"about:blank","title":"Conflict","status":409,"detail":"the card refused AUTN","code":"mac_failure"}"#
        );
    }

    #[test]
    fn an_unauthorized_answer_names_the_scheme() {
        let response = Problem::new(StatusCode::UNAUTHORIZED, "x", "x").into_response();
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }

    #[test]
    fn a_busy_answer_says_when_to_try_again() {
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "x", "x").retry_after(3);
        assert_eq!(problem.into_response().headers()[header::RETRY_AFTER], "3");
    }
}
