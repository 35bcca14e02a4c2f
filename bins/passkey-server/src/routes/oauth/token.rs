//! The token endpoint: a table from grant types to what answers them.

use std::pin::Pin;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use passkey_idp::application::Application;
use passkey_idp::oauth::token::{Caller, Exchange, TokenRequest, Tokens};
use passkey_idp::oauth::{ErrorCode, Parameters, TokenIssuer};
use passkey_idp::store::Store;
use passkey_idp::{Duration, Instant};
use serde_json::json;
use strict_jws::{Signer, Thumbprint};
use utoipa::ToSchema;

use super::super::ciba;
use super::call::Call;
use super::device;
use super::error::Failure;
use crate::keys::Current;
use crate::state::{App, now};

/// What a handler of a grant type is given: the client has authenticated, or is public.
#[derive(Clone, Copy)]
pub(in super::super) struct Asked<'a> {
    pub(in super::super) app: &'a App,
    pub(in super::super) client: &'a Application,
    /// The key that the client has proven to hold.
    pub(in super::super) key: Option<Thumbprint>,
    pub(in super::super) parameters: &'a Parameters,
    pub(in super::super) now: Instant,
}

/// What a handler of a grant type gives.
pub(in super::super) type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<Tokens, Failure>> + Send + 'a>>;

type Handler = for<'a> fn(Asked<'a>) -> Answer<'a>;

/// Every grant type, and what answers it. `refresh` is what Uyulala's clients say.
const GRANTS: &[(&str, Handler)] = &[
    ("authorization_code", exchanged),
    ("refresh_token", exchanged),
    ("refresh", exchanged),
    (
        "urn:ietf:params:oauth:grant-type:device_code",
        device::redeemed,
    ),
    (ciba::GRANT, ciba::polled),
];

/// The grant types that discovery tells.
pub(super) fn grant_types() -> impl Iterator<Item = &'static str> {
    let names = GRANTS.iter().map(|(name, _)| *name);
    names.filter(|name| *name != "refresh")
}

/// What is exchanged for tokens.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct TokenForm {
    /// `authorization_code`, `refresh_token`, or another that discovery names.
    grant_type: String,
    /// An authorization code.
    code: Option<String>,
    /// Where the code went.
    redirect_uri: Option<String>,
    /// What its challenge was made from (RFC 7636).
    code_verifier: Option<String>,
    /// A device's code (RFC 8628).
    device_code: Option<String>,
    /// A backchannel request (CIBA).
    auth_req_id: Option<String>,
    /// A refresh token.
    refresh_token: Option<String>,
    /// Fewer scopes than were granted.
    scope: Option<String>,
    /// Who asks, where nothing else tells.
    client_id: Option<String>,
}

/// Tokens.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is made elsewhere")]
pub(super) struct TokenAnswer {
    /// A JWT (RFC 9068).
    access_token: String,
    /// `Bearer` or `DPoP`.
    token_type: String,
    /// Seconds.
    expires_in: u64,
    /// What was granted.
    scope: Option<String>,
    /// The next one; the last is not good any more.
    refresh_token: Option<String>,
    /// Who has signed in.
    id_token: Option<String>,
}

/// `POST /token` (OAuth 2.1 §3.2).
#[utoipa::path(post, path = "/token", tag = "OAuth", security(("client" = []), ()),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, body = TokenAnswer),
    (status = "default", body = super::error::Told),
))]
pub(in super::super) async fn token(
    State(app): State<Arc<App>>,
    call: Call,
) -> Result<Response, Failure> {
    let now = now();
    let client = call.client(&app, now).await?;
    let key = call.key(&app, now).await?;
    let named = call.parameters.get("grant_type");
    let named = named.ok_or(ErrorCode::InvalidRequest.because("grant_type is missing"))?;
    let mut grants = GRANTS.iter();
    let known = grants.find(|(name, _)| *name == named);
    let unknown = ErrorCode::UnsupportedGrantType.because("unknown grant_type");
    let (name, handler) = known.ok_or(unknown)?;
    let tokens = handler(Asked {
        app: &app,
        client: &client.body,
        key,
        parameters: &call.parameters,
        now,
    });
    let tokens = tokens.await;
    let outcome = if tokens.is_ok() { "success" } else { "refused" };
    tracing::debug!(grant_type = name, outcome, "tokens");
    app.trace(client.body.id.as_str(), name, "token", outcome);
    Ok(told(&tokens?))
}

fn exchanged(asked: Asked<'_>) -> Answer<'_> {
    Box::pin(async move {
        let request = TokenRequest::read(asked.parameters)?;
        let keys = asked.app.keys.now();
        let exchange = exchange(asked.app, asked.signer(&keys), asked.now);
        Ok(exchange.answer(asked.caller(), &request).await?)
    })
}

impl<'a> Asked<'a> {
    /// The key that signs for this client.
    pub(in super::super) fn signer<'k>(&self, keys: &'k Current) -> &'k Signer {
        keys.signer_of(self.client.client.id_token_alg.as_deref())
    }

    /// The client, as the library wants to know it.
    pub(in super::super) fn caller(&self) -> Caller<'a> {
        Caller {
            client: &self.client.id,
            registered: &self.client.client,
            key: self.key,
        }
    }
}

/// What makes tokens; `signer` is `app.keys.now().signer()`.
pub(crate) fn exchange<'a>(
    app: &'a App,
    signer: &'a Signer,
    now: Instant,
) -> Exchange<'a, dyn Store + 'a> {
    Exchange::new(&*app.store, issuer(app, signer), &app.random, now)
}

/// Whose tokens they are; `signer` is `app.keys.now().signer()`.
pub(super) fn issuer<'a>(app: &'a App, signer: &'a Signer) -> TokenIssuer<'a> {
    TokenIssuer {
        issuer: &app.settings.origin,
        signer,
        access: ACCESS,
        identity: IDENTITY,
    }
}

/// Tokens as a client reads them (RFC 6749 §5.1).
pub(in super::super) fn told(tokens: &Tokens) -> Response {
    let mut body = json!({
        "access_token": tokens.access_token,
        "token_type": tokens.token_type,
        "expires_in": tokens.expires_in.as_seconds(),
        "scope": tokens.scope.to_string(),
    });
    if let Some(members) = body.as_object_mut() {
        if let Some(token) = &tokens.refresh_token {
            members.insert("refresh_token".to_owned(), json!(*token.expose()));
        }
        if let Some(token) = &tokens.id_token {
            members.insert("id_token".to_owned(), json!(token));
        }
    }
    Json(body).into_response()
}

/// How long an access token is good.
const ACCESS: Duration = Duration::from_seconds(10 * 60);
/// How long an ID token is good.
const IDENTITY: Duration = Duration::from_seconds(10 * 60);
