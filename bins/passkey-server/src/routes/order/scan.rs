//! What a code leads to on another device: the number, and then the order.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use passkey_idp::order::{self, Guest, MOST_WRONG_NUMBERS, Number, Order, Refusal, Status};
use passkey_idp::qr::Frame;
use passkey_idp::random::Digest;
use passkey_idp::store::Stored;
use server_kit::form::Form;

use super::super::page::answer;
use super::super::viewer::Viewer;
use super::{Failure, Visit, page_of, to};
use crate::pages::{Message, NumberMatch};
use crate::state::App;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/q/{code}", get(scan))
        .route("/o/{id}/number", get(ask).post(take))
}

/// A code was scanned. Whatever is wrong with it, the answer is the same.
async fn scan(State(app): State<Arc<App>>, Path(code): Path<String>, viewer: Viewer) -> Response {
    let language = viewer.language;
    let scanned = async {
        let frame = Frame::parse(&code)?;
        let visit = Visit::begin(&app, frame.order(), viewer)?;
        let response = scanned(&visit, &frame).await?;
        visit.answered(response)
    };
    page_of(scanned.await, &app, language)
}

async fn scanned(visit: &Visit<'_>, frame: &Frame<'_>) -> Result<Response, Failure> {
    let order = match visit.order().await {
        Err(Failure::Unknown) => return Err(Failure::Code),
        found => found?,
    };
    if order.body.is_viewed_by(&visit.secret) {
        return Ok(to(&visit.action()));
    }
    let secret = order.body.open_secret(&visit.app.sealer)?;
    let guest = order.scan(frame, &secret, &visit.secret, visit.now)?;
    if order.status(visit.now) == Status::Pending && order.body.wanted_number().is_some() {
        return Ok(to(&number_page(visit, &guest)));
    }
    open(visit, &guest, None).await?;
    Ok(to(&visit.action()))
}

async fn open(
    visit: &Visit<'_>,
    guest: &Guest,
    number: Option<Number>,
) -> Result<Stored<Order>, Failure> {
    let opened = order::advance(&*visit.app.store, &visit.id, visit.now, |order| {
        order.open(guest, number, visit.now)
    });
    Ok(opened.await?)
}

fn number_page(visit: &Visit<'_>, guest: &Guest) -> String {
    format!("/o/{}/number?ticket={}", visit.id, guest.ticket())
}

/// Asks for the number, or tells what came of it.
async fn ask(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    viewer: Viewer,
) -> Response {
    let language = viewer.language;
    let asked = async {
        let query = Form::parse(query.unwrap_or_default().as_bytes());
        let query = query.map_err(|_invalid| Failure::Form)?;
        let (visit, order, guest) = readmitted(&app, &id, viewer, query.one("ticket")).await?;
        let status = order.status(visit.now);
        if order.body.is_viewed_by(&visit.secret) {
            return Ok(to(&visit.action()));
        }
        if status == Status::Rejected {
            return Ok(rejected(&visit, &order));
        }
        if status == Status::Pending {
            return asked(&visit, &order, &guest).await;
        }
        Err(Failure::Order(Refusal::Status(status)))
    };
    page_of(asked.await, &app, language)
}

/// The browser that has shown a code before, by the ticket that it got for it.
async fn readmitted<'a, E>(
    app: &'a App,
    id: &str,
    viewer: Viewer,
    ticket: Result<Option<&str>, E>,
) -> Result<(Visit<'a>, Stored<Order>, Guest), Failure> {
    let id = id.parse().map_err(|_invalid| Failure::Code)?;
    let visit = Visit::begin(app, id, viewer)?;
    let order = match visit.order().await {
        Err(Failure::Unknown) => return Err(Failure::Code),
        found => found?,
    };
    let ticket = ticket.ok().flatten();
    let ticket = ticket.and_then(|ticket| Digest::try_from(ticket.to_owned()).ok());
    let secret = order.body.open_secret(&app.sealer)?;
    let guest = ticket.and_then(|ticket| order.readmit(&ticket, &secret, &visit.secret));
    Ok((visit, order, guest.ok_or(Failure::Code)?))
}

async fn asked(
    visit: &Visit<'_>,
    order: &Stored<Order>,
    guest: &Guest,
) -> Result<Response, Failure> {
    let party = visit.party(order).await?;
    let (action, ticket) = (
        format!("/o/{}/number", visit.id),
        guest.ticket().to_string(),
    );
    let mut page = NumberMatch::new(&party, &action);
    (page.language, page.csrf) = (visit.language, &ticket);
    page.wrong = order.body.wrong_numbers > 0;
    Ok(answer(visit.app, StatusCode::OK, &page, None))
}

fn rejected(visit: &Visit<'_>, order: &Stored<Order>) -> Response {
    let page = if order.body.wrong_numbers < MOST_WRONG_NUMBERS {
        Message::rejected(visit.language)
    } else {
        Message::mismatched(visit.language)
    };
    answer(visit.app, StatusCode::OK, &page, None)
}

/// Takes the number, or the refusal of what nobody has seen.
async fn take(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    viewer: Viewer,
    form: Form,
) -> Response {
    let language = viewer.language;
    let taken = async {
        let (visit, _, guest) = readmitted(&app, &id, viewer, form.one("csrf")).await?;
        let decision = form.one("decision").map_err(|_twice| Failure::Form)?;
        let done = match decision {
            Some("match") => matched(&visit, &guest, &form).await,
            Some("reject") => decline(&visit, &guest).await,
            _ => Err(Failure::Form),
        };
        match done {
            Ok(()) | Err(Failure::Order(Refusal::Status(_) | Refusal::WrongNumber)) => {
                Ok(to(&number_page(&visit, &guest)))
            }
            Err(failure) => Err(failure),
        }
    };
    page_of(taken.await, &app, language)
}

async fn matched(visit: &Visit<'_>, guest: &Guest, form: &Form) -> Result<(), Failure> {
    let number = form.one("number").map_err(|_twice| Failure::Form)?;
    let number = number.and_then(|number| number.parse().ok());
    let order = open(visit, guest, number).await?;
    let outcome = if order.body.is_viewed_by(&visit.secret) {
        "success"
    } else {
        "refused"
    };
    let application = order.body.application.as_str();
    visit.app.trace("browser", application, "match", outcome);
    Ok(())
}

async fn decline(visit: &Visit<'_>, guest: &Guest) -> Result<(), Failure> {
    let declined = order::advance(&*visit.app.store, &visit.id, visit.now, |order| {
        order.decline(guest, visit.now)
    });
    let order = declined.await?;
    let application = order.body.application.as_str();
    visit.app.trace("browser", application, "reject", "success");
    Ok(())
}
