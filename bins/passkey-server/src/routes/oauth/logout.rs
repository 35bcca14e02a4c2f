//! Signing out, asked for by a client or not (OpenID Connect RP-Initiated Logout 1.0), and telling every
//! client of it (Back-Channel Logout 1.0).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use passkey_idp::Instant;
use passkey_idp::application::{Application, ApplicationState, RedirectUri};
use passkey_idp::id::ViewerSecret;
use passkey_idp::oauth::logout::{self, LogoutRequest};
use passkey_idp::oauth::session::BrowserSession;
use passkey_idp::oauth::{ErrorCode, IdToken, OAuthError, Parameters};
use passkey_idp::store::{StoreExt as _, Stored};
use server_kit::form::Form;

use super::super::page;
use super::super::session::{SessionCookie, ended};
use super::super::viewer::{Viewer, token_of};
use super::answer::see_other;
use super::authorize::parameters;
use super::progress::Stop;
use super::visit::{as_query, keep};
use crate::pages::{Language, Leave, Message};
use crate::state::{App, now};

pub(super) mod farewell;

/// `GET /logout`: the browser brings a client's wish, or its user's own.
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    session: SessionCookie,
    RawQuery(query): RawQuery,
) -> Response {
    let language = viewer.language;
    let begun = async {
        let (secret, cookie) = viewer.known(&app)?;
        let parameters = parameters(query.as_deref().unwrap_or_default())?;
        let wish = Wish::read(&app, &parameters).await?;
        let now = now();
        let open = session.open(&app, now).await?;
        let mut response = match open {
            Some(open) if !wish.request.is_of(&open.body) => wish.ask(&app, &secret, language),
            open => wish.grant(&app, open.as_ref(), (language, now)).await?,
        };
        keep(&mut response, cookie.map(|(_, cookie)| cookie));
        Ok::<_, Stop>(response)
    };
    let begun = begun.await;
    begun.unwrap_or_else(|stop| stop.page(&app, language))
}

/// `POST /logout`
pub(super) async fn repeat(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let repeated = as_query("/logout", &headers, &body);
    repeated.unwrap_or_else(|stop| stop.page(&app, viewer.language))
}

/// `POST /logout/answer`: yes or no. What the form carries is read as if it came for the first time.
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    session: SessionCookie,
    form: Form,
) -> Response {
    let language = viewer.language;
    let answered = async {
        let csrf = form.one("csrf").map_err(|_twice| Stop::Foreign)?;
        if !viewer.has_sent(csrf, PAGE) {
            return Err(Stop::Foreign);
        }
        match form.one("decision") {
            Ok(Some("leave")) => {}
            Ok(Some("stay")) => {
                let page = Message::stayed(language);
                return Ok(page::answer(&app, StatusCode::OK, &page, None));
            }
            _ => return Err(Stop::Foreign),
        }
        let wish = Wish::read(&app, &form.iter().collect()).await?;
        let now = now();
        let open = session.open(&app, now).await?;
        wish.grant(&app, open.as_ref(), (language, now)).await
    };
    let answered = answered.await;
    answered.unwrap_or_else(|stop| stop.page(&app, language))
}

/// That somebody should be signed out, and who says so.
struct Wish {
    request: LogoutRequest,
    client: Option<Application>,
}

impl Wish {
    async fn read(app: &App, parameters: &Parameters) -> Result<Self, Stop> {
        let keys = app.keys.now();
        let read = |token| IdToken::read(token, keys.published(), &app.settings.origin);
        let hint = parameters.get("id_token_hint").map(read).transpose();
        let hint = hint.map_err(|_invalid| Stop::Show(FORGED))?;
        let asker = logout::asker(parameters, hint.as_ref()).map_err(Stop::Show)?;
        let client = match &asker {
            Some(id) => {
                let found = app.store.find::<Application>(&id.row_id()).await?;
                let known = found.filter(|found| found.state == ApplicationState::Active);
                Some(known.ok_or(Stop::Show(UNKNOWN))?.body)
            }
            None => None,
        };
        let registered = client.as_ref().map(|client| (&client.id, &client.client));
        let request = logout::read(parameters, hint.as_ref(), registered).map_err(Stop::Show)?;
        Ok(Self { request, client })
    }

    /// Asks the user: whoever made the link has not shown that it knows them.
    fn ask(&self, app: &App, secret: &ViewerSecret, language: Language) -> Response {
        let csrf = token_of(secret, PAGE).to_string();
        let request = &self.request;
        let mut fields = Vec::new();
        fields.extend(request.client.as_ref().map(|id| ("client_id", id.as_str())));
        let redirect = request.redirect.as_ref().map(RedirectUri::as_str);
        fields.extend(redirect.map(|to| ("post_logout_redirect_uri", to)));
        fields.extend(request.state.as_deref().map(|state| ("state", state)));
        let mut page = Leave::new(language, &fields, &csrf);
        if let Some(client) = &self.client {
            page = page.asked_by(&client.title);
        }
        page::answer(app, StatusCode::OK, &page, redirect)
    }

    /// Signs the user out, and tells every client of it.
    async fn grant(
        &self,
        app: &App,
        session: Option<&Stored<BrowserSession>>,
        (language, now): (Language, Instant),
    ) -> Result<Response, Stop> {
        if let Some(session) = session {
            farewell::say(app, session, now).await?;
        }
        let mut response = match self.request.way_back() {
            Some(address) => see_other(&address),
            None => page::answer(app, StatusCode::OK, &Message::signed_out(language), None),
        };
        keep(&mut response, Some(ended(app)));
        Ok(response)
    }
}

/// What the forms of the page are tied to, beside the browser.
const PAGE: &[u8] = b"logout";

const FORGED: OAuthError = ErrorCode::InvalidRequest.because("id_token_hint was not issued here");
const UNKNOWN: OAuthError = ErrorCode::InvalidRequest.because("client_id is unknown");
