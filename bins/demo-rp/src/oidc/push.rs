//! Pushing the request to the provider first (RFC 9126): no browser can change it then.

use openidconnect::http::{Request, header};
use openidconnect::url::{Url, form_urlencoded};
use serde::Deserialize;
use strict_jws::base64;

use super::provider::Provider;
use super::{Oidc, SignInError};

#[derive(Deserialize)]
struct Pushed {
    request_uri: String,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// `onward`, or the shorter way where the provider takes requests from clients themselves.
pub(super) async fn pushed(
    oidc: &Oidc,
    provider: &Provider,
    onward: Url,
) -> Result<Url, SignInError> {
    let Some(endpoint) = &provider.push else {
        return Ok(onward);
    };
    let request = Request::post(endpoint.as_str())
        .header(header::AUTHORIZATION, oidc.basic())
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(onward.query().unwrap_or_default().as_bytes().to_vec())
        .map_err(SignInError::discovery)?;
    let answer = oidc.web.send(request).await;
    let answer = answer.map_err(SignInError::discovery)?;
    if !answer.status().is_success() {
        let refused: Option<Refused> = serde_json::from_slice(answer.body()).ok();
        let code = refused.map_or_else(|| answer.status().to_string(), |refused| refused.error);
        return Err(SignInError::refused(&code));
    }
    let pushed: Pushed = serde_json::from_slice(answer.body()).map_err(SignInError::discovery)?;
    let mut short = onward;
    short
        .query_pairs_mut()
        .clear()
        .append_pair("client_id", oidc.id())
        .append_pair("request_uri", &pushed.request_uri);
    Ok(short)
}

impl Oidc {
    /// HTTP Basic as OAuth has it (RFC 6749 §2.3.1).
    pub(crate) fn basic(&self) -> String {
        let form =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let pair = format!("{}:{}", form(self.id.as_str()), form(self.secret.secret()));
        format!("Basic {}", base64::encode_padded(pair.as_bytes()))
    }
}
