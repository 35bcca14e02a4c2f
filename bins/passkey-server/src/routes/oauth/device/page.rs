//! `/device`: where a user types in what their device shows, and signs that they mean it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use passkey_idp::Instant;
use passkey_idp::application::{Application, ApplicationState};
use passkey_idp::id::{OrderId, ViewerSecret};
use passkey_idp::oauth::Parameters;
use passkey_idp::oauth::device::{DeviceGrant, UserCode};
use passkey_idp::order::{Cause, Document, MediaType, Order, Placement, What};
use passkey_idp::store::{Commit, Hold, StoreExt as _, Stored};
use server_kit::form::Form;
use server_kit::listen::Peer;

use super::super::super::page;
use super::super::super::viewer::{Viewer, token_of};
use super::super::answer::see_other;
use super::super::progress::Stop;
use super::super::visit::keep;
use crate::pages::{Connect, Grant, Language, Message};
use crate::state::{App, now};

/// `GET /device`: the form, with the code in it if the address has one. It is sent by the user, who has
/// compared it with what the device shows.
pub(in super::super) async fn show(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> Response {
    let language = viewer.language;
    let parameters = Parameters::parse(&query.unwrap_or_default()).unwrap_or_default();
    let code = parameters.get("user_code").unwrap_or_default();
    // what is no code is not repeated on a page of ours
    let code = code.parse::<UserCode>().map(|code| code.to_string());
    match viewer.known(&app) {
        Ok((secret, cookie)) => {
            let code = code.unwrap_or_default();
            let mut response = form(&app, (&secret, language), &code, StatusCode::OK);
            keep(&mut response, cookie.map(|(_, cookie)| cookie));
            response
        }
        Err(error) => Stop::from(error).page(&app, language),
    }
}

/// `POST /device`
pub(in super::super) async fn typed_in(
    State(app): State<Arc<App>>,
    peer: Option<Extension<Peer>>,
    viewer: Viewer,
    form: Form,
) -> Response {
    let language = viewer.language;
    let asked = async {
        let csrf = form.one("csrf").map_err(|_twice| Stop::Foreign)?;
        let secret = viewer.secret().filter(|_| viewer.has_sent(csrf, PAGE));
        let secret = secret.ok_or(Stop::Foreign)?;
        if app.guesses.admit(peer.as_deref()).is_err() {
            let page = Message::too_many(language);
            return Ok(page::answer(
                &app,
                StatusCode::TOO_MANY_REQUESTS,
                &page,
                None,
            ));
        }
        let code = form.one("user_code").map_err(|_twice| Stop::Foreign)?;
        let visit = Visit {
            app: &app,
            secret,
            language,
            now: now(),
        };
        if let Some(order) = visit.ask(code.unwrap_or_default()).await? {
            let page = format!("/o/{order}?ui_locales={}", language.tag());
            return Ok(see_other(&page));
        }
        app.trace("browser", "device", "type in", "refused");
        let typed = code.unwrap_or_default();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(self::form(&app, (secret, language), typed, status))
    };
    let asked: Result<Response, Stop> = asked.await;
    asked.unwrap_or_else(|stop| stop.page(&app, language))
}

/// A browser where a code was typed in.
struct Visit<'a> {
    app: &'a App,
    secret: &'a ViewerSecret,
    language: Language,
    now: Instant,
}

impl Visit<'_> {
    /// Asks the user for the device that shows `code`; nothing if none does, or not any more.
    async fn ask(&self, code: &str) -> Result<Option<OrderId>, Stop> {
        let Ok(code) = code.parse::<UserCode>() else {
            return Ok(None);
        };
        let Some((device, client)) = self.waiting(&code).await? else {
            return Ok(None);
        };
        let (app, now) = (self.app, self.now);
        let mut placement = Placement::new(client.id.clone(), self.what(&code, &client, &device)?);
        placement.timeout = device.expires_at.since(now);
        placement.grace = DeviceGrant::LIFETIME;
        placement.cause = Some(Cause::Device(device.id.clone()));
        let placed = placement.place(&app.sealer, &app.random, now)?;
        let row = Order::row_id(&placed.id);
        let Ok(asked) = device.ask(self.secret.digest(), row, now) else {
            return Ok(None);
        };
        let changes = vec![asked, placed.change];
        let kept = app.store.commit(changes, now).await?;
        app.trace("browser", client.id.as_str(), "type in", "success");
        Ok(matches!(kept, Commit::Done(_)).then_some(placed.id))
    }

    async fn waiting(
        &self,
        code: &UserCode,
    ) -> Result<Option<(Stored<DeviceGrant>, Application)>, Stop> {
        let store = &self.app.store;
        let hold = store.find::<Hold>(&code.row_id()).await?;
        let Some(hold) = hold.filter(|hold| !hold.has_expired(self.now)) else {
            return Ok(None);
        };
        let Some(device) = store.find::<DeviceGrant>(&hold.body.record).await? else {
            return Ok(None);
        };
        let row = device.body.client.row_id();
        let client = store.find::<Application>(&row).await?;
        let known = client.filter(|client| client.state == ApplicationState::Active);
        Ok(known.map(|client| (device, client.body)))
    }

    /// What the user signs: which device it is, and what it may do.
    fn what(
        &self,
        code: &UserCode,
        client: &Application,
        device: &Stored<DeviceGrant>,
    ) -> Result<What, Stop> {
        let words = self.language.words();
        let mut text = words.device_asks.with(&code.to_string());
        text.push_str("\n\n");
        text.push_str(&words.device_may.with(&client.title));
        for scope in device.body.scope.iter() {
            text.push_str("\n\u{2013} ");
            text.push_str(Grant::words(scope, self.language));
        }
        let document = Document::new(MediaType::Plain, text, None);
        document.map(What::Sign).map_err(|_title| Stop::Unknown)
    }
}

fn form(
    app: &App,
    (secret, language): (&ViewerSecret, Language),
    code: &str,
    status: StatusCode,
) -> Response {
    let csrf = token_of(secret, PAGE).to_string();
    let mut page = Connect::new(language, code, &csrf);
    page.wrong = status != StatusCode::OK;
    page::answer(app, status, &page, None)
}

/// What the forms of the page are tied to, beside the browser.
const PAGE: &[u8] = b"device";
