//! `/authorize`: a browser brings a client's request (OAuth 2.1 §3.1).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use passkey_idp::Instant;
use passkey_idp::application::{Application, ApplicationId, ApplicationState};
use passkey_idp::oauth::authorize::{self, AuthorizationRequest, RequestUri, Way};
use passkey_idp::oauth::{ErrorCode, Parameters};
use passkey_idp::random::Digest;
use passkey_idp::store::{Commit, RowId, StoreExt as _};

use super::super::session::{SessionCookie, begun};
use super::super::viewer::Viewer;
use super::answer::see_other;
use super::consent;
use super::progress::{Passage, Stage, Stop};
use crate::pages::Language;
use crate::state::{App, now};

/// `GET /authorize`
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    session: SessionCookie,
    RawQuery(query): RawQuery,
) -> Response {
    let language = viewer.language;
    let shown = async {
        let (secret, cookie) = viewer.known(&app)?;
        let mut passage = Passage {
            app: &app,
            browser: Some(secret.digest()),
            session,
            begun: None,
            now: now(),
        };
        let id = brought(&app, query.as_deref(), secret.digest(), passage.now).await?;
        let stage = passage.next(&id).await?;
        let mut response = show(&app, &stage, (secret.expose_bytes(), language));
        keep(&mut response, cookie.map(|(_, cookie)| cookie));
        keep(
            &mut response,
            passage.begun.map(|secret| begun(&app, &secret)),
        );
        Ok::<_, Stop>(response)
    };
    let shown = shown.await;
    shown.unwrap_or_else(|stop| stop.page(&app, language))
}

/// `POST /authorize`: the same as a query, so that the browser shows its cookies, which it leaves out
/// of another site's post.
pub(super) async fn repeat(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let is_form = server_kit::body::has_content_type(&headers, "application/x-www-form-urlencoded");
    match std::str::from_utf8(&body) {
        Ok(query) if is_form && query.len() <= LONGEST => see_other(&format!("/authorize?{query}")),
        _ => {
            let error = ErrorCode::InvalidRequest.because("the body is no form, or too long");
            Stop::Show(error).page(&app, viewer.language)
        }
    }
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
        let secret = viewer.secret().ok_or(Stop::Foreign)?;
        let id: RowId = id.parse().map_err(|_invalid| Stop::Unknown)?;
        let mut passage = Passage {
            app: &app,
            browser: Some(secret.digest()),
            session,
            begun: None,
            now: now(),
        };
        let stage = passage.next(&id).await?;
        let mut response = show(&app, &stage, (secret.expose_bytes(), language));
        keep(
            &mut response,
            passage.begun.map(|secret| begun(&app, &secret)),
        );
        Ok::<_, Stop>(response)
    };
    let went_on = went_on.await;
    went_on.unwrap_or_else(|stop| stop.page(&app, language))
}

/// The page or the redirect of a stage.
pub(super) fn show(app: &App, stage: &Stage, (secret, language): (&[u8], Language)) -> Response {
    match stage {
        Stage::SignIn(order, _) => see_other(&format!("/o/{order}?ui_locales={}", language.tag())),
        Stage::Consent(question) => consent::page(app, question, (secret, language)),
        Stage::Answer(answer) => answer.render(app, language),
    }
}

/// Adds a cookie.
pub(super) fn keep(response: &mut Response, cookie: Option<String>) {
    if let Some(value) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Keeps the request that `browser` has brought, and tells where.
async fn brought(
    app: &App,
    query: Option<&str>,
    browser: Digest,
    now: Instant,
) -> Result<RowId, Stop> {
    let parameters = parameters(query.unwrap_or_default())?;
    let client = client(app, &parameters).await?;
    if let Some(uri) = parameters.get("request_uri") {
        return pushed(app, uri, (&client.id, browser), now).await;
    }
    let mut request = authorize::read(&client.id, &client.client, &parameters, Way::Browser)?;
    request.progress.browser = Some(browser);
    let brought = request.bring(&app.random, now)?;
    app.store.commit(vec![brought.change], now).await?;
    Ok(brought.id)
}

/// The request that the client has pushed; what else the browser brings does not count (RFC 9126 §4).
async fn pushed(
    app: &App,
    uri: &str,
    (client, browser): (&ApplicationId, Digest),
    now: Instant,
) -> Result<RowId, Stop> {
    let refused = || Stop::Show(ErrorCode::InvalidRequestUri.because("push the request again"));
    let uri: RequestUri = uri.parse().map_err(|_invalid| refused())?;
    let found = app
        .store
        .find::<AuthorizationRequest>(&uri.row_id())
        .await?;
    let request = found.ok_or_else(refused)?;
    let opened = request.open(client, Some(browser), now);
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

/// The client, which only says who it is.
pub(super) async fn client(app: &App, parameters: &Parameters) -> Result<Application, Stop> {
    let unknown = || Stop::Show(ErrorCode::InvalidRequest.because("client_id is unknown"));
    let id = parameters.get("client_id").ok_or_else(unknown)?;
    let id: ApplicationId = id.parse().map_err(|_invalid| unknown())?;
    let found = app.store.find::<Application>(&id.row_id()).await?;
    let known = found.filter(|found| found.state == ApplicationState::Active);
    Ok(known.ok_or_else(unknown)?.body)
}

/// A query that is longer is nobody's.
const LONGEST: usize = 8 * 1024;
