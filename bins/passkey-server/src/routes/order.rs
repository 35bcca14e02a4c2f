//! The pages of an order: what is asked, and the answer.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use passkey_idp::Instant;
use passkey_idp::application::Application;
use passkey_idp::id::{OrderId, ViewerSecret};
use passkey_idp::order::{self, Order, Refusal, Status};
use passkey_idp::store::{StoreExt as _, Stored};
use server_kit::form::Form;

use super::finish::onward;
use super::page::answer;
use super::viewer::{Viewer, csrf};
use crate::pages::{Language, Message, Party};
use crate::state::{App, OWN, now};

mod approve;
mod asked;
mod failure;
mod scan;
mod waiting;

use failure::Failure;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/o/{id}", get(show).post(respond))
        .merge(waiting::routes())
        .merge(scan::routes())
        .route_layer(from_fn(in_person))
}

/// Whatever looks ahead of a person opens no order: a prefetch, or a `HEAD` for the preview of a link.
pub(super) async fn in_person(request: Request, next: Next) -> Response {
    let purpose = request.headers().get("sec-purpose");
    let purpose = purpose.map_or(&b""[..], HeaderValue::as_bytes);
    if purpose.starts_with(b"prefetch") {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    } else if request.method() == Method::HEAD {
        StatusCode::OK.into_response()
    } else {
        next.run(request).await
    }
}

/// One request of a browser about an order.
struct Visit<'a> {
    app: &'a App,
    id: OrderId,
    secret: ViewerSecret,
    cookie: Option<(HeaderName, String)>,
    language: Language,
    now: Instant,
}

impl<'a> Visit<'a> {
    /// A browser comes to see how an order stands.
    fn begin(app: &'a App, id: OrderId, viewer: Viewer) -> Result<Self, Failure> {
        let language = viewer.language;
        let (secret, cookie) = viewer.known(app)?;
        Ok(Self {
            app,
            id,
            secret,
            cookie,
            language,
            now: now(),
        })
    }

    /// A browser sends the form of a page that it was shown.
    fn posted(app: &'a App, id: &str, viewer: &Viewer, form: &Form) -> Result<Self, Failure> {
        let id = id.parse().map_err(|_invalid| Failure::Unknown)?;
        let token = form.one("csrf").map_err(|_twice| Failure::Form)?;
        let secret = viewer.secret().filter(|_| viewer.sent(token, &id));
        Ok(Self {
            app,
            id,
            secret: secret.ok_or(Failure::Foreign)?.clone(),
            cookie: None,
            language: viewer.language,
            now: now(),
        })
    }

    /// The answer, with what makes a new browser known.
    fn answered(self, response: Response) -> Result<Response, Failure> {
        let mut response = response;
        if let Some((name, value)) = self.cookie {
            response.headers_mut().insert(name, value.parse()?);
        }
        Ok(response)
    }

    async fn order(&self) -> Result<Stored<Order>, Failure> {
        let row = Order::row_id(&self.id);
        let found = self.app.store.find::<Order>(&row).await?;
        found.ok_or(Failure::Unknown)
    }

    /// Who asks, by name, and where the answer goes.
    async fn party(&self, order: &Stored<Order>) -> Result<Party, Failure> {
        let host = order.body.redirect.as_ref().map(|to| host(to.as_str()));
        let own = || host_of(&self.app.settings.origin).to_owned();
        if order.body.application.as_str() == OWN {
            return Ok(Party::new(self.app.party.name(), own()));
        }
        let row = order.body.application.row_id();
        let found = self.app.store.find::<Application>(&row).await?;
        let title = found.map_or_else(
            || order.body.application.to_string(),
            |found| found.body.title,
        );
        Ok(Party::new(&title, host.map_or_else(own, str::to_owned)))
    }

    fn action(&self) -> String {
        format!("/o/{}", self.id)
    }

    fn token(&self) -> String {
        csrf(&self.secret, &self.id).to_string()
    }

    /// Where the page is that waits for another device.
    fn elsewhere(&self) -> String {
        format!("/o/{}/qr", self.id)
    }
}

/// Shows an order to the first browser that comes, and to no other.
async fn show(State(app): State<Arc<App>>, Path(id): Path<String>, viewer: Viewer) -> Response {
    let language = viewer.language;
    let shown = async {
        let id = id.parse().map_err(|_invalid| Failure::Unknown)?;
        let visit = Visit::begin(&app, id, viewer)?;
        let response = shown(&visit).await?;
        visit.answered(response)
    };
    page_of(shown.await, &app, language)
}

/// The answer, or the page that says why there is none.
fn page_of(answer: Result<Response, Failure>, app: &App, language: Language) -> Response {
    answer.unwrap_or_else(|failure| failure.page(app, language))
}

async fn shown(visit: &Visit<'_>) -> Result<Response, Failure> {
    let order = visit.order().await?;
    match order.status(visit.now) {
        Status::Pending | Status::Viewed => {}
        status @ (Status::Signed
        | Status::Collected
        | Status::Rejected
        | Status::Cancelled
        | Status::Expired) => return Ok(closed(visit, &order, status)),
    }
    let waits = order.body.is_waited_for_by(&visit.secret);
    if waits && order.status(visit.now) == Status::Viewed {
        return Ok(to(&visit.elsewhere()));
    }
    let viewed = order::advance(&*visit.app.store, &visit.id, visit.now, |order| {
        order.view(Some(&visit.secret), None, visit.now)
    });
    asked::page(visit, &viewed.await?).await
}

/// Where an order that is over leads the browser that answered it; others learn nothing.
fn closed(visit: &Visit<'_>, order: &Stored<Order>, status: Status) -> Response {
    let language = visit.language;
    if status == Status::Expired {
        return answer(
            visit.app,
            StatusCode::GONE,
            &Message::expired(language),
            None,
        );
    }
    let answers = order.body.answers_to(&visit.secret);
    if !answers && !order.body.is_viewed_by(&visit.secret) {
        let page = Message::answered(language);
        return answer(visit.app, StatusCode::CONFLICT, &page, None);
    }
    let onward = onward(&visit.id, order, status).filter(|_| answers);
    let leads = |to: &&str| to.starts_with("http") || to.starts_with('/');
    if let Some(address) = onward.as_deref().filter(leads) {
        return to(address);
    }
    let page = match (status, &order.body.what) {
        (Status::Rejected, _) => Message::rejected(language),
        (Status::Cancelled, _) => Message::answered(language),
        (_, order::What::Register { .. }) => Message::registered(language),
        _ => Message::signed(language),
    };
    let page = match onward {
        Some(address) => page.with_way_back(address),
        None => page,
    };
    answer(visit.app, StatusCode::OK, &page, None)
}

/// Takes a page's form.
async fn respond(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    viewer: Viewer,
    form: Form,
) -> Response {
    let language = viewer.language;
    let responded = async {
        let visit = Visit::posted(&app, &id, &viewer, &form)?;
        responded(&visit, &form).await
    };
    page_of(responded.await, &app, language)
}

async fn responded(visit: &Visit<'_>, form: &Form) -> Result<Response, Failure> {
    let decision = form.one("decision").map_err(|_twice| Failure::Form)?;
    let done = match decision {
        Some("approve") => approve::approve(visit, form).await,
        Some("reject") => reject(visit).await,
        _ => Err(Failure::Form),
    };
    match done {
        // a double click, a reload: the page tells how it stands
        Ok(()) | Err(Failure::Order(Refusal::Status(_))) => Ok(to(&visit.action())),
        Err(failure) => Err(failure),
    }
}

async fn reject(visit: &Visit<'_>) -> Result<(), Failure> {
    let rejected = order::advance(&*visit.app.store, &visit.id, visit.now, |order| {
        order.reject(Some(&visit.secret), visit.now)
    });
    let order = rejected.await?;
    let application = order.body.application.as_str();
    visit.app.trace("browser", application, "reject", "success");
    Ok(())
}

/// See Other (RFC 9110 §15.4.4): a reload does not post again.
fn to(address: &str) -> Response {
    (
        StatusCode::SEE_OTHER,
        [(header::LOCATION, address.to_owned())],
    )
        .into_response()
}

/// The host, with its port, of an address.
pub(super) fn host(address: &str) -> &str {
    host_of(address)
        .split(['/', '?'])
        .next()
        .unwrap_or_default()
}

fn host_of(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, rest)| rest)
}
