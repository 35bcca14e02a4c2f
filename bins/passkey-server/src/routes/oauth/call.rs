//! A client's request to an endpoint: who it is, which key it holds, what it says.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method, header};
use passkey_idp::Instant;
use passkey_idp::application::{Application, ApplicationState};
use passkey_idp::oauth::{Credentials, ErrorCode, Expected, OAuthError, Parameters, dpop};
use passkey_idp::store::{Change, Commit, StoreExt as _, Stored};
use server_kit::body::has_content_type;
use server_kit::listen::Peer;
use server_kit::observe::CallerSlot;
use strict_jws::Thumbprint;
use strict_jws::dpop::Request as ProofRequest;

use super::DPOP;
use super::error::Failure;
use crate::state::App;

/// A form that a client has posted.
#[derive(Debug)]
pub(in super::super) struct Call {
    /// What the form says.
    pub(in super::super) parameters: Parameters,
    method: Method,
    path: String,
    headers: HeaderMap,
    slot: Option<CallerSlot>,
    peer: Option<Peer>,
}

impl FromRequest<Arc<App>> for Call {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let invalid = |why| Failure::from(ErrorCode::InvalidRequest.because(why));
        if !has_content_type(&parts.headers, FORM) {
            return Err(invalid("the body is no form by its content type"));
        }
        let body = Bytes::from_request(Request::new(body), app).await;
        let body = body.map_err(|_incomplete| invalid("the body is too long"))?;
        let text = std::str::from_utf8(&body).map_err(|_no_text| invalid("the body is no text"))?;
        // what `curl -d` says of any body that it is not told about
        if text.trim_start().starts_with('{') {
            return Err(invalid(
                "the body is JSON and its Content-Type says a form: say Content-Type: application/json",
            ));
        }
        Ok(Self {
            parameters: Parameters::parse(text)?,
            method: parts.method,
            path: parts.uri.path().to_owned(),
            headers: parts.headers,
            slot: parts.extensions.get::<CallerSlot>().cloned(),
            peer: parts.extensions.get::<Peer>().cloned(),
        })
    }
}

impl Call {
    /// The client, which has authenticated in the way that it is registered with, or is public.
    pub(in super::super) async fn client(
        &self,
        app: &App,
        now: Instant,
    ) -> Result<Stored<Application>, Failure> {
        let authorization = only(&self.headers, &header::AUTHORIZATION)?;
        let credentials = Credentials::read(authorization, &self.parameters)?;
        let id = credentials.client();
        let found = app.store.find::<Application>(&id.row_id()).await?;
        let known = found.filter(|found| found.state == ApplicationState::Active);
        let checked = match &known {
            Some(known) => self.check(app, (&credentials, &known.body), now),
            None => Err(UNKNOWN),
        };
        let authenticated = match checked {
            Ok(uses) => matches!(app.store.commit(uses, now).await?, Commit::Done(_)),
            Err(_) => false,
        };
        let Some(known) = known.filter(|_| authenticated) else {
            app.strangers.count(self.peer.as_ref(), id.as_str())?;
            app.trace("client", id.as_str(), "authenticate", "refused");
            return Err(UNKNOWN.into());
        };
        // whoever says so is a public client: its requests are counted by their peers alone
        if !known.body.client.is_public() {
            app.clients.check(id.as_str())?;
        }
        if let Some(slot) = &self.slot {
            slot.fill(id.as_str());
        }
        Ok(known)
    }

    /// The key that the client has proven to hold with this request (RFC 9449), if it has.
    pub(in super::super) async fn key(
        &self,
        app: &App,
        now: Instant,
    ) -> Result<Option<Thumbprint>, Failure> {
        let uri = format!("{}{}", app.settings.origin, self.path);
        let request = ProofRequest::new(self.method.as_str(), &uri);
        proven(app, &self.headers, request, now).await
    }

    /// What makes the client's assertion good once.
    fn check(
        &self,
        app: &App,
        (credentials, known): (&Credentials, &Application),
        now: Instant,
    ) -> Result<Vec<Change>, OAuthError> {
        let origin = &app.settings.origin;
        let audiences = [format!("{origin}/token"), format!("{origin}{}", self.path)];
        let [token, own] = &audiences;
        let expected = Expected {
            registered: &known.client,
            secrets: &known.accepted(now),
            audiences: &[origin, token, own],
        };
        credentials.check(expected, now)
    }
}

/// The key that the proof among `headers` proves for `request`; a proof is taken once by all instances.
pub(super) async fn proven(
    app: &App,
    headers: &HeaderMap,
    request: ProofRequest<'_>,
    now: Instant,
) -> Result<Option<Thumbprint>, Failure> {
    let Some(proof) = only(headers, &DPOP)? else {
        return Ok(None);
    };
    let taken = dpop::take(proof, request, app.nonces(), now)?;
    match app.store.commit(vec![taken.used], now).await? {
        Commit::Done(_) => Ok(Some(taken.key)),
        Commit::Refused { .. } => Err(ErrorCode::InvalidDpopProof
            .because("the proof was used before")
            .into()),
    }
}

/// The value of a header field that may stand there once.
pub(super) fn only<'h>(
    headers: &'h HeaderMap,
    name: &header::HeaderName,
) -> Result<Option<&'h str>, Failure> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(|value| value.to_str());
    match (value.transpose(), values.next()) {
        (Ok(value), None) => Ok(value),
        _ => Err(ErrorCode::InvalidRequest
            .because("a header field is malformed or repeated")
            .into()),
    }
}

const UNKNOWN: OAuthError = ErrorCode::InvalidClient.because("the client is not authenticated");

const FORM: &str = "application/x-www-form-urlencoded";
