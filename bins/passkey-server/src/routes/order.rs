//! The pages of an order: what is asked, and the answer.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use passkey_idp::order::{self, MOST_WRONG_NUMBERS, Order, Refusal, Status};
use passkey_idp::store::{Change, Stored};
use server_kit::form::Form;

use super::arrival::in_person;
use super::finish::onward;
use super::page::answer;
use crate::pages::{Language, Message};
use crate::state::App;

mod approve;
mod asked;
mod failure;
mod scan;
mod visit;
mod waiting;

use failure::Failure;
use visit::{Posted, Step, Visit, to};

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/o/{id}", get(show).post(respond))
        .merge(waiting::routes())
        .merge(scan::routes())
        .route_layer(from_fn(in_person))
}

/// Shows an order to the first browser that comes, and to no other.
async fn show(visit: Visit) -> Response {
    let shown = shown(&visit).await;
    visit.told(shown)
}

async fn shown(visit: &Visit) -> Result<Response, Failure> {
    let order = visit.order().await?;
    let status = order.status(visit.now);
    match status {
        Status::Viewed if order.body.is_waited_for_by(&visit.secret) => {
            return Ok(to(&visit.elsewhere()));
        }
        Status::Pending | Status::Viewed => {}
        Status::Signed
        | Status::Collected
        | Status::Rejected
        | Status::Cancelled
        | Status::Expired => return Ok(closed(visit, &order, status)),
    }
    match visit.step(view(visit)).await? {
        Step::Taken(order) => asked::page(visit, &order).await,
        Step::Asks => Ok(visit.asks(&visit.action())),
    }
}

fn view(visit: &Visit) -> impl Fn(&Stored<Order>) -> Result<Vec<Change>, Refusal> {
    |order| order.view(Some(&visit.secret), None, visit.now)
}

/// Where an order that is over leads the browser that answered it; others learn nothing.
fn closed(visit: &Visit, order: &Stored<Order>, status: Status) -> Response {
    let language = visit.language;
    if status == Status::Expired {
        let page = Message::expired(language);
        return answer(&visit.app, StatusCode::GONE, &page, None);
    }
    let answers = order.body.answers_to(&visit.secret);
    if !answers && !order.body.is_viewed_by(&visit.secret) {
        let page = Message::answered(language);
        return answer(&visit.app, StatusCode::CONFLICT, &page, None);
    }
    let onward = onward(&visit.id, order, status).filter(|_| answers);
    let leads = |to: &&str| to.starts_with("http") || to.starts_with('/');
    if let Some(address) = onward.as_deref().filter(leads) {
        return to(address);
    }
    let page = match (status, &order.body.what) {
        (Status::Rejected, _) => refused(&order.body, language),
        (Status::Cancelled, _) => Message::cancelled(language),
        (_, order::What::Register { .. }) => Message::registered(language),
        _ => Message::signed(language),
    };
    let page = match onward {
        Some(address) => page.with_way_back(address),
        None => page,
    };
    answer(&visit.app, StatusCode::OK, &page, None)
}

/// Why an order is rejected: somebody has said no, or typed wrong numbers.
fn refused(order: &Order, language: Language) -> Message {
    if order.wrong_numbers < MOST_WRONG_NUMBERS {
        Message::rejected(language)
    } else {
        Message::mismatched(language)
    }
}

/// Takes a page's form.
async fn respond(Posted(visit, form): Posted) -> Response {
    let responded = responded(&visit, &form).await;
    visit.told(responded)
}

async fn responded(visit: &Visit, form: &Form) -> Result<Response, Failure> {
    let decision = form.one("decision").map_err(|_twice| Failure::Form)?;
    let done = match decision {
        Some("open") => visit.step(view(visit)).await.map(drop),
        Some("approve") => approve::approve(visit, form).await,
        Some("reject") => reject(visit).await,
        _ => Err(Failure::Form),
    };
    stands(visit, done)
}

/// Where the page is that tells how the order stands: a double click, or a reload, does no harm.
fn stands(visit: &Visit, done: Result<(), Failure>) -> Result<Response, Failure> {
    match done {
        Ok(()) | Err(Failure::Order(Refusal::Status(_))) => Ok(to(&visit.action())),
        Err(failure) => Err(failure),
    }
}

async fn reject(visit: &Visit) -> Result<(), Failure> {
    let rejected = order::advance(&*visit.app.store, &visit.id, visit.now, |order| {
        order.reject(Some(&visit.secret), visit.now)
    });
    visit.trace(&rejected.await?.body, "reject", "success");
    Ok(())
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
