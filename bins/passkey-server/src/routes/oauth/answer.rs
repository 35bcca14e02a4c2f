//! Answers to authorization requests: `state` and `iss` are in each, a code or an error, never both
//! (OAuth 2.1 §4.1.2, RFC 9207).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use passkey_idp::application::RedirectUri;
use passkey_idp::id::Code;
use passkey_idp::oauth::OAuthError;
use passkey_idp::oauth::authorize::{AuthorizationRequest, Refusal, ResponseMode};
use zeroize::Zeroizing;

use super::super::page;
use super::progress::Stop;
use crate::pages::{Handover, Language};
use crate::state::App;

/// What a client is told, and where. `Debug` shows no code.
pub(super) struct Answer {
    redirect_uri: RedirectUri,
    response_mode: ResponseMode,
    state: Option<String>,
    said: Said,
}

enum Said {
    Code(Zeroizing<String>),
    Error(OAuthError),
}

impl Answer {
    /// It gets this code.
    pub(super) fn code(request: &AuthorizationRequest, code: &Code) -> Self {
        Self::to(request, Said::Code(code.expose()))
    }

    /// It gets nothing.
    pub(super) fn error(request: &AuthorizationRequest, error: OAuthError) -> Self {
        Self::to(request, Said::Error(error))
    }

    fn to(request: &AuthorizationRequest, said: Said) -> Self {
        Self {
            redirect_uri: request.redirect_uri.clone(),
            response_mode: request.response_mode,
            state: request.state.clone(),
            said,
        }
    }

    /// The error, if it is one.
    pub(super) fn refusal(&self) -> Option<OAuthError> {
        match self.said {
            Said::Code(_) => None,
            Said::Error(error) => Some(error),
        }
    }

    /// The address that tells it.
    pub(super) fn address(&self, issuer: &str) -> String {
        self.redirect_uri.with_query(self.fields(issuer))
    }

    /// What brings the browser there.
    pub(super) fn render(&self, app: &App, language: Language) -> Response {
        let issuer = &app.settings.origin;
        match self.response_mode {
            ResponseMode::Query => see_other(&self.address(issuer)),
            ResponseMode::FormPost => {
                let fields = self.fields(issuer);
                let to = self.redirect_uri.as_str();
                let mut handover = Handover::new(to, &fields);
                handover.language = language;
                page::answer(app, StatusCode::OK, &handover, Some(to))
            }
        }
    }

    fn fields<'a>(&'a self, issuer: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut fields = match &self.said {
            Said::Code(code) => vec![("code", code.as_str())],
            Said::Error(error) => vec![
                ("error", error.code.name()),
                ("error_description", error.description),
            ],
        };
        fields.extend(self.state.as_deref().map(|state| ("state", state)));
        fields.push(("iss", issuer));
        fields
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Show(error) => Self::Show(error),
            Refusal::Return {
                error,
                redirect_uri,
                response_mode,
                state,
            } => Self::Return(Answer {
                redirect_uri,
                response_mode,
                state,
                said: Said::Error(error),
            }),
        }
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

/// See Other (RFC 9110 §15.4.4): never a method that would post a form again (RFC 9700 §4.12).
pub(super) fn see_other(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
