//! `/authorize`: a browser brings a client's request (OAuth 2.1 §3.1).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use passkey_idp::application::{Application, ApplicationId, ApplicationState};
use passkey_idp::oauth::authorize::{self, AuthorizationRequest, RequestUri, Way};
use passkey_idp::oauth::{ErrorCode, Parameters};
use passkey_idp::store::{Commit, RowId, StoreExt as _};

use super::super::session::SessionCookie;
use super::super::viewer::Viewer;
use super::progress::{Passage, Stop};
use super::visit::{Visit, as_query};
use crate::state::App;

/// `GET /authorize`
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    session: SessionCookie,
    RawQuery(query): RawQuery,
) -> Response {
    let language = viewer.language;
    let shown = async {
        let mut visit = Visit::begin(&app, viewer, session)?;
        let id = brought(&visit.passage, query.as_deref()).await?;
        let stage = visit.passage.next(&id).await?;
        Ok::<_, Stop>(visit.answered(&stage))
    };
    let shown = shown.await;
    shown.unwrap_or_else(|stop| stop.page(&app, language))
}

/// `POST /authorize`
pub(super) async fn repeat(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let repeated = as_query("/authorize", &headers, &body);
    repeated.unwrap_or_else(|stop| stop.page(&app, viewer.language))
}

/// `GET /authorize/{id}`: the browser comes back from signing in.
pub(super) async fn go_on(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    viewer: Viewer,
    session: SessionCookie,
) -> Response {
    let language = viewer.language;
    let went_on = async {
        let id: RowId = id.parse().map_err(|_invalid| Stop::Unknown)?;
        let mut visit = Visit::resume(&app, &viewer, session)?;
        let stage = visit.passage.next(&id).await?;
        Ok::<_, Stop>(visit.answered(&stage))
    };
    let went_on = went_on.await;
    went_on.unwrap_or_else(|stop| stop.page(&app, language))
}

/// Keeps the request that a browser has brought, and tells where.
async fn brought(passage: &Passage<'_>, query: Option<&str>) -> Result<RowId, Stop> {
    let (app, now) = (passage.app, passage.now);
    let parameters = parameters(query.unwrap_or_default())?;
    let client = client(app, &parameters).await?;
    if let Some(uri) = parameters.get("request_uri") {
        return pushed(passage, uri, &client.id).await;
    }
    let mut request = authorize::read(&client.id, &client.client, &parameters, Way::Browser)?;
    request.progress.browser = passage.browser;
    let brought = request.bring(&app.random, now)?;
    match app.store.commit(brought.changes, now).await? {
        Commit::Done(_) => Ok(brought.id),
        Commit::Refused { .. } => Err(unknown()),
    }
}

/// The request that the client has pushed; what else the browser brings does not count (RFC 9126 §4).
async fn pushed(passage: &Passage<'_>, uri: &str, client: &ApplicationId) -> Result<RowId, Stop> {
    let (app, now) = (passage.app, passage.now);
    let refused = || Stop::Show(ErrorCode::InvalidRequestUri.because("push the request again"));
    let uri: RequestUri = uri.parse().map_err(|_invalid| refused())?;
    let row = uri.row_id();
    let found = app.store.find::<AuthorizationRequest>(&row).await?;
    let request = found.ok_or_else(refused)?;
    let opened = request.open(client, passage.browser, now);
    let opened = opened.map_err(|_refusal| refused())?;
    match app.store.commit(vec![opened], now).await? {
        Commit::Done(_) => Ok(request.id),
        Commit::Refused { .. } => Err(refused()),
    }
}

pub(super) fn parameters(query: &str) -> Result<Parameters, Stop> {
    let invalid = ErrorCode::InvalidRequest.because("the parameters are malformed or repeated");
    Parameters::parse(query).map_err(|_invalid| Stop::Show(invalid))
}

const fn unknown() -> Stop {
    Stop::Show(ErrorCode::InvalidRequest.because("client_id is unknown"))
}

/// The client, which only says who it is.
pub(super) async fn client(app: &App, parameters: &Parameters) -> Result<Application, Stop> {
    let id = parameters.get("client_id").ok_or_else(unknown)?;
    let id: ApplicationId = id.parse().map_err(|_invalid| unknown())?;
    let found = app.store.find::<Application>(&id.row_id()).await?;
    let known = found.filter(|found| found.state == ApplicationState::Active);
    Ok(known.ok_or_else(unknown)?.body)
}
