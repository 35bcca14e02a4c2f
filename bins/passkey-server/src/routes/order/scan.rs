//! What a code leads to on another device: the number, and then the order.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Path, RawQuery};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use passkey_idp::order::{self, Guest, Number, Order, Refusal, Status};
use passkey_idp::qr::Frame;
use passkey_idp::random::Digest;
use passkey_idp::store::Stored;
use server_kit::form::Form;

use super::super::page::answer;
use super::visit::viewer;
use super::{Failure, Step, Visit, refused, to};
use crate::pages::{NumberMatch, Opening};
use crate::state::App;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/q/{code}", get(scan))
        .route("/q/{code}/qr", get(wait).post(open_to_wait))
        .route("/o/{id}/number", get(ask).post(take))
}

/// A browser that has read a code.
struct Scanned {
    visit: Visit,
    code: String,
}

impl FromRequestParts<Arc<App>> for Scanned {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let viewer = viewer(parts, app).await;
        let language = viewer.language;
        let code = Path::<String>::from_request_parts(parts, app).await;
        let code = code.map_or_else(|_| String::new(), |Path(code)| code);
        let begun = Frame::parse(&code).map_err(Failure::from);
        let begun = begun.and_then(|frame| Visit::begin(app, frame.order(), viewer));
        match begun {
            Ok(visit) => Ok(Self { visit, code }),
            Err(failure) => Err(failure.page(app, language)),
        }
    }
}

/// A code was scanned. Whatever is wrong with it, the answer is the same.
async fn scan(Scanned { visit, code }: Scanned) -> Response {
    let scanned = scanned(&visit, &code).await;
    visit.told(scanned)
}

async fn scanned(visit: &Visit, code: &str) -> Result<Response, Failure> {
    let order = known(visit).await?;
    if order.body.is_viewed_by(&visit.secret) {
        return Ok(to(&visit.action()));
    }
    let guest = admitted(visit, &order, code)?;
    let asks = order.body.wanted_number().is_some() || !visit.is_in_person();
    if asks && order.status(visit.now) == Status::Pending {
        return Ok(to(&number_page(visit, &guest)));
    }
    open(visit, &guest, None).await?;
    Ok(to(&visit.action()))
}

/// The application sends a browser to the page that shows codes.
async fn wait(Scanned { visit, code }: Scanned) -> Response {
    let waits = waits(&visit, &code).await;
    visit.told(waits)
}

/// The same for whoever had to say that they are a person.
async fn open_to_wait(Scanned { visit, code }: Scanned, form: Form) -> Response {
    let (app, language) = (Arc::clone(&visit.app), visit.language);
    match visit.sent(&form) {
        Ok(visit) => {
            let waits = waits(&visit, &code).await;
            visit.told(waits)
        }
        Err(failure) => failure.page(&app, language),
    }
}

async fn waits(visit: &Visit, code: &str) -> Result<Response, Failure> {
    let guest = admitted(visit, &known(visit).await?, code)?;
    let number = Number::generate(&visit.app.random)?;
    let waits = |order: &Stored<Order>| order.hand_over_by(&guest, number, visit.now);
    match visit.step(waits).await {
        Ok(Step::Taken(_)) => Ok(to(&visit.elsewhere())),
        Ok(Step::Asks) => Ok(visit.asks(&format!("/q/{code}/qr"))),
        Err(Failure::Order(Refusal::Status(_))) => Ok(to(&visit.action())),
        Err(failure) => Err(failure),
    }
}

/// The order of a code; that there is none is told like everything else that is wrong with a code.
async fn known(visit: &Visit) -> Result<Stored<Order>, Failure> {
    match visit.order().await {
        Err(Failure::Unknown) => Err(Failure::Code),
        found => found,
    }
}

fn admitted(visit: &Visit, order: &Stored<Order>, code: &str) -> Result<Guest, Failure> {
    let secret = order.body.open_secret(&visit.app.sealer)?;
    Ok(order.scan(&Frame::parse(code)?, &secret, &visit.secret, visit.now)?)
}

async fn open(
    visit: &Visit,
    guest: &Guest,
    number: Option<Number>,
) -> Result<Stored<Order>, Failure> {
    let opened = order::advance(&*visit.app.store, &visit.id, visit.now, |order| {
        order.open(guest, number, visit.now)
    });
    Ok(opened.await?)
}

fn number_page(visit: &Visit, guest: &Guest) -> String {
    format!("/o/{}/number?ticket={}", visit.id, guest.ticket())
}

/// Asks for the number, or tells what came of it.
async fn ask(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Form::parse(query.unwrap_or_default().as_bytes());
    let asked = match query {
        Ok(query) => asked(&visit, &query).await,
        Err(_invalid) => Err(Failure::Form),
    };
    visit.told(asked)
}

async fn asked(visit: &Visit, query: &Form) -> Result<Response, Failure> {
    let (order, guest) = readmitted(visit, query, "ticket").await?;
    if order.body.is_viewed_by(&visit.secret) {
        return Ok(to(&visit.action()));
    }
    match order.status(visit.now) {
        Status::Pending => page(visit, &order, &guest).await,
        Status::Rejected => {
            let page = refused(&order.body, visit.language);
            Ok(answer(&visit.app, StatusCode::OK, &page, None))
        }
        Status::Viewed => Err(Failure::Order(Refusal::AnotherViewer)),
        status @ (Status::Signed | Status::Collected | Status::Cancelled | Status::Expired) => {
            Err(Failure::Order(Refusal::Status(status)))
        }
    }
}

/// The browser that has shown a code before, by the ticket that it got for it.
async fn readmitted(
    visit: &Visit,
    form: &Form,
    name: &str,
) -> Result<(Stored<Order>, Guest), Failure> {
    let order = known(visit).await?;
    let ticket = form.one(name).ok().flatten();
    let ticket = ticket.and_then(|ticket| Digest::try_from(ticket.to_owned()).ok());
    let secret = order.body.open_secret(&visit.app.sealer)?;
    let guest = ticket.and_then(|ticket| order.readmit(&ticket, &secret, &visit.secret));
    Ok((order, guest.ok_or(Failure::Code)?))
}

/// Asks for the number, or where there is none whether a person has scanned the code.
async fn page(visit: &Visit, order: &Stored<Order>, guest: &Guest) -> Result<Response, Failure> {
    let (action, ticket) = (
        format!("/o/{}/number", visit.id),
        guest.ticket().to_string(),
    );
    if order.body.wanted_number().is_none() {
        let page = Opening::new(visit.language, &action, &ticket);
        return Ok(answer(&visit.app, StatusCode::OK, &page, None));
    }
    let party = visit.party(order).await?;
    let mut page = NumberMatch::new(&party, &action);
    (page.language, page.csrf) = (visit.language, &ticket);
    page.wrong = order.body.wrong_numbers > 0;
    Ok(answer(&visit.app, StatusCode::OK, &page, None))
}

/// Takes the number, or the refusal of what nobody has seen.
async fn take(visit: Visit, form: Form) -> Response {
    let taken = taken(&visit, &form).await;
    visit.told(taken)
}

async fn taken(visit: &Visit, form: &Form) -> Result<Response, Failure> {
    let (_, guest) = readmitted(visit, form, "csrf").await?;
    let decision = form.one("decision").map_err(|_twice| Failure::Form)?;
    let done = match decision {
        Some("match") => matched(visit, &guest, form).await,
        Some("open") => open(visit, &guest, None).await.map(drop),
        Some("reject") => decline(visit, &guest).await,
        _ => Err(Failure::Form),
    };
    match done {
        Ok(()) | Err(Failure::Order(Refusal::Status(_) | Refusal::WrongNumber)) => {
            Ok(to(&number_page(visit, &guest)))
        }
        Err(failure) => Err(failure),
    }
}

async fn matched(visit: &Visit, guest: &Guest, form: &Form) -> Result<(), Failure> {
    let number = form.one("number").map_err(|_twice| Failure::Form)?;
    let number = number.and_then(|number| number.parse().ok());
    let order = open(visit, guest, number).await?;
    let outcome = if order.body.is_viewed_by(&visit.secret) {
        "success"
    } else {
        "refused"
    };
    visit.trace(&order.body, "match", outcome);
    Ok(())
}

async fn decline(visit: &Visit, guest: &Guest) -> Result<(), Failure> {
    let declined = order::advance(&*visit.app.store, &visit.id, visit.now, |order| {
        order.decline(guest, visit.now)
    });
    visit.trace(&declined.await?.body, "reject", "success");
    Ok(())
}
