//! Which application asks: by its secret (HTTP Basic, RFC 7617), or by its certificate.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use passkey_idp::application::{Application, ApplicationId, ApplicationState, Dialect};
use passkey_idp::id::ClientSecret;
use passkey_idp::random::Digest;
use passkey_idp::store::{Slot, StoreError, StoreExt as _, Stored};
use server_kit::limit::TooMany;
use server_kit::listen::Peer;
use server_kit::observe::CallerSlot;
use strict_jws::base64;

use crate::state::{App, now};

/// Why an application is not let in.
#[derive(Debug)]
pub(super) enum Denied {
    /// It is nobody that we know, or not who it says.
    Unknown,
    /// It may not use this dialect.
    Dialect,
    /// It asks too often, or has failed too often.
    TooMany(TooMany),
    /// The store gives no answer.
    Store(StoreError),
}

/// The application whose name and secret stand in the request.
pub(super) async fn by_secret(
    app: &App,
    parts: &Parts,
    dialect: Dialect,
) -> Result<Stored<Application>, Denied> {
    let (id, secret) = shown(&parts.headers).ok_or(Denied::Unknown)?;
    let found = app.store.find::<Application>(&id.row_id()).await?;
    let accepts = |found: &Stored<Application>| found.body.accepts(&secret, now());
    let known = admitted(app, parts, found.filter(accepts), id.as_str())?;
    speaking(app, known, dialect)
}

/// The application that has registered the certificate which the connection was opened with.
pub(super) async fn by_certificate(
    app: &App,
    parts: &Parts,
    dialect: Dialect,
) -> Result<Stored<Application>, Denied> {
    let peer = parts.extensions.get::<Peer>();
    let certificate = peer.and_then(Peer::certificate);
    let certificate = Digest::from(certificate.ok_or(Denied::Unknown)?.fingerprint());
    let row = Application::certificate_row(&certificate);
    let slot = app.store.find::<Slot>(&row).await?;
    let id = slot.ok_or(Denied::Unknown)?.body.record;
    let found = app.store.find::<Application>(&id).await?;
    let knows = |found: &Stored<Application>| found.body.certificates.contains(&certificate);
    let known = admitted(app, parts, found.filter(knows), id.as_str())?;
    speaking(app, known, dialect)
}

fn admitted(
    app: &App,
    parts: &Parts,
    known: Option<Stored<Application>>,
    name: &str,
) -> Result<Stored<Application>, Denied> {
    let active = known.filter(|known| known.state == ApplicationState::Active);
    if let Some(known) = active {
        app.clients.check(name)?;
        if let Some(slot) = parts.extensions.get::<CallerSlot>() {
            slot.fill(name);
        }
        Ok(known)
    } else {
        app.strangers.count(parts.extensions.get::<Peer>(), name)?;
        app.trace("client", name, "authenticate", "refused");
        Err(Denied::Unknown)
    }
}

fn speaking(
    app: &App,
    known: Stored<Application>,
    dialect: Dialect,
) -> Result<Stored<Application>, Denied> {
    if known.body.speaks(dialect) {
        return Ok(known);
    }
    app.trace(known.body.id.as_str(), dialect.name(), "use", "refused");
    Err(Denied::Dialect)
}

fn shown(headers: &HeaderMap) -> Option<(ApplicationId, ClientSecret)> {
    let field = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = field.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let octets = base64::decode_padded(credentials.trim().as_bytes()).ok()?;
    let text = String::from_utf8(octets).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.parse().ok()?, secret.parse().ok()?))
}

impl From<TooMany> for Denied {
    fn from(too_many: TooMany) -> Self {
        Self::TooMany(too_many)
    }
}

impl From<StoreError> for Denied {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
