//! One request of a browser about an order.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use passkey_idp::Instant;
use passkey_idp::application::Application;
use passkey_idp::id::{OrderId, ViewerSecret};
use passkey_idp::order::{self, Order, Refusal};
use passkey_idp::random::Digest;
use passkey_idp::store::{Change, StoreExt as _, Stored};
use server_kit::form::Form;
use server_kit::problem::Problem;

use super::super::arrival::Arrival;
use super::super::page::answer;
use super::super::viewer::{Viewer, csrf};
use super::{Failure, host, host_of};
use crate::pages::{Language, Opening, Party};
use crate::state::{App, OWN, now};

/// A browser, and the order that it comes for.
pub(super) struct Visit {
    pub(super) app: Arc<App>,
    pub(super) id: OrderId,
    pub(super) secret: ViewerSecret,
    pub(super) language: Language,
    pub(super) now: Instant,
    arrival: Arrival,
    cookie: Option<(HeaderName, String)>,
}

/// What came of a step.
pub(super) enum Step {
    /// The order stands so now.
    Taken(Box<Stored<Order>>),
    /// Nobody knows yet whether a person wants it.
    Asks,
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let viewer = viewer(parts, app).await;
        let language = viewer.language;
        let begun = async { Self::begin(app, order_of(parts).await?, viewer) };
        begun.await.map_err(|failure| failure.page(app, language))
    }
}

/// The form of a page that the browser was shown.
pub(super) struct Posted(pub(super) Visit, pub(super) Form);

impl FromRequest<Arc<App>> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let viewer = viewer(&mut parts, app).await;
        let language = viewer.language;
        let id = order_of(&mut parts).await;
        let form = Form::from_request(Request::from_parts(parts, body), app).await;
        let form = form.map_err(Problem::into_response)?;
        let begun = id.and_then(|id| Visit::begin(app, id, viewer)?.sent(&form));
        match begun {
            Ok(visit) => Ok(Self(visit, form)),
            Err(failure) => Err(failure.page(app, language)),
        }
    }
}

pub(super) async fn viewer(parts: &mut Parts, app: &Arc<App>) -> Viewer {
    let Ok(viewer) = Viewer::from_request_parts(parts, app).await;
    viewer
}

/// The order that the path names.
async fn order_of(parts: &mut Parts) -> Result<OrderId, Failure> {
    let named = Path::<String>::from_request_parts(parts, &()).await;
    let id = named.ok().and_then(|Path(id)| id.parse().ok());
    id.ok_or(Failure::Unknown)
}

impl Visit {
    /// A browser comes to see how an order stands.
    pub(super) fn begin(app: &Arc<App>, id: OrderId, viewer: Viewer) -> Result<Self, Failure> {
        let (language, arrival) = (viewer.language, viewer.arrival);
        let (secret, cookie) = viewer.known(app)?;
        Ok(Self {
            app: Arc::clone(app),
            id,
            secret,
            language,
            now: now(),
            arrival,
            cookie,
        })
    }

    /// The browser has sent the form of a page that it was shown: that takes a person.
    pub(super) fn sent(self, form: &Form) -> Result<Self, Failure> {
        let token = form.one("csrf").ok().flatten();
        let token = token.and_then(|token| Digest::try_from(token.to_owned()).ok());
        if token != Some(csrf(&self.secret, &self.id)) {
            return Err(Failure::Foreign);
        }
        let arrival = Arrival::Person;
        Ok(Self { arrival, ..self })
    }

    /// The answer, with what makes a new browser known, or the page that says why there is none.
    pub(super) fn told(self, answer: Result<Response, Failure>) -> Response {
        let answer = answer.and_then(|mut response| {
            if let Some((name, value)) = &self.cookie {
                response.headers_mut().insert(name, value.parse()?);
            }
            Ok(response)
        });
        answer.unwrap_or_else(|failure| failure.page(&self.app, self.language))
    }

    pub(super) async fn order(&self) -> Result<Stored<Order>, Failure> {
        let row = Order::row_id(&self.id);
        let found = self.app.store.find::<Order>(&row).await?;
        found.ok_or(Failure::Unknown)
    }

    /// Takes a step that a person wants; for whoever may be none, only one that changes nothing.
    pub(super) async fn step(
        &self,
        decide: impl Fn(&Stored<Order>) -> Result<Vec<Change>, Refusal> + Send,
    ) -> Result<Step, Failure> {
        if self.arrival == Arrival::Unknown {
            let order = self.order().await?;
            return Ok(if decide(&order)?.is_empty() {
                Step::Taken(Box::new(order))
            } else {
                Step::Asks
            });
        }
        let taken = order::advance(&*self.app.store, &self.id, self.now, decide).await?;
        Ok(Step::Taken(Box::new(taken)))
    }

    /// Asks whoever may be no person to press a button.
    pub(super) fn asks(&self, action: &str) -> Response {
        let csrf = self.token();
        let page = Opening::new(self.language, action, &csrf);
        answer(&self.app, StatusCode::OK, &page, None)
    }

    /// Whether a person seems to ask.
    pub(super) fn is_in_person(&self) -> bool {
        self.arrival == Arrival::Person
    }

    /// Who asks, by name, and where the answer goes.
    pub(super) async fn party(&self, order: &Stored<Order>) -> Result<Party, Failure> {
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

    pub(super) fn action(&self) -> String {
        format!("/o/{}", self.id)
    }

    pub(super) fn token(&self) -> String {
        csrf(&self.secret, &self.id).to_string()
    }

    /// Where the page is that waits for another device.
    pub(super) fn elsewhere(&self) -> String {
        format!("/o/{}/qr", self.id)
    }

    /// Tells the audit trail what came of something here.
    pub(super) fn trace(&self, order: &Order, action: &'static str, outcome: &'static str) {
        let application = order.application.as_str();
        self.app.trace("browser", application, action, outcome);
    }
}

/// See Other (RFC 9110 §15.4.4): a reload does not post again.
pub(super) fn to(address: &str) -> Response {
    let location = [(header::LOCATION, address.to_owned())];
    (StatusCode::SEE_OTHER, location).into_response()
}
