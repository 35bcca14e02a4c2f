//! The page that waits for another device: a code that changes, a number, and how the order stands.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use passkey_idp::order::{Number, Order, Refusal, Status};
use passkey_idp::qr::uyulala;
use passkey_idp::store::Stored;
use serde_json::json;

use super::super::page::answer;
use super::{Failure, Posted, Step, Visit, reject, stands, to};
use crate::pages::{Progress, Waiting, svg};
use crate::state::App;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/o/{id}/qr", get(show).post(respond))
        .route("/o/{id}/qr.svg", get(image))
        .route("/o/{id}/state", get(state))
}

async fn show(visit: Visit) -> Response {
    let shown = shown(&visit).await;
    visit.told(shown)
}

async fn shown(visit: &Visit) -> Result<Response, Failure> {
    let number = Number::generate(&visit.app.random)?;
    let waits = |order: &Stored<Order>| order.hand_over(&visit.secret, number, visit.now);
    match visit.step(waits).await {
        Ok(Step::Taken(order)) => page(visit, &order).await,
        Ok(Step::Asks) => Ok(visit.asks(&visit.elsewhere())),
        // it is answered: its own page tells how
        Err(Failure::Order(Refusal::Status(_))) => Ok(to(&visit.action())),
        Err(failure) => Err(failure),
    }
}

async fn page(visit: &Visit, order: &Stored<Order>) -> Result<Response, Failure> {
    let party = visit.party(order).await?;
    let (action, here, csrf) = (visit.elsewhere(), visit.action(), visit.token());
    let (image, state) = (format!("{action}.svg"), format!("{here}/state"));
    let number = order.body.wanted_number().map(|number| number.to_string());
    let mut page = Waiting::new(&party, &image, &state);
    page.language = visit.language;
    page.number = number.as_deref();
    page.progress = progress(order.status(visit.now));
    (page.cancel, page.csrf) = (&action, &csrf);
    page.ends = order.body.sign_until.unix_millis();
    page.seconds = order.body.sign_until.since(visit.now).as_seconds();
    page.here = Some(&here);
    Ok(answer(&visit.app, StatusCode::OK, &page, None))
}

fn progress(status: Status) -> Progress {
    match status {
        Status::Pending => Progress::Waiting,
        Status::Viewed => Progress::Viewed,
        Status::Signed | Status::Collected => Progress::Approved,
        Status::Rejected | Status::Cancelled => Progress::Rejected,
        Status::Expired => Progress::Expired,
    }
}

/// Gives up, or opens the page for whoever had to say that they are a person.
async fn respond(Posted(visit, form): Posted) -> Response {
    let responded = match form.one("decision") {
        Ok(Some("open")) => wait(&visit).await,
        _ => stands(&visit, reject(&visit).await),
    };
    visit.told(responded)
}

async fn wait(visit: &Visit) -> Result<Response, Failure> {
    shown(visit).await?;
    Ok(to(&visit.elsewhere()))
}

/// The order, for the page that waits for it and for nobody else.
async fn waited_for(visit: &Visit) -> Result<Stored<Order>, Failure> {
    let order = visit.order().await?;
    let waits = order.body.is_waited_for_by(&visit.secret);
    waits.then_some(order).ok_or(Failure::Unknown)
}

/// The code of this very second. The secret that makes it stays here.
async fn image(visit: Visit) -> Response {
    let drawn = drawn(&visit).await;
    visit.told(drawn)
}

async fn drawn(visit: &Visit) -> Result<Response, Failure> {
    let order = waited_for(visit).await?;
    if order.status(visit.now) != Status::Pending {
        return Err(Failure::Unknown);
    }
    let secret = order.body.open_secret(&visit.app.sealer)?;
    let frame = uyulala::frame(&visit.id, &secret, order.age(visit.now));
    let image = svg(&format!("{}/q/{frame}", visit.app.settings.origin))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], image).into_response())
}

/// How the order stands: in words, and where to go when there is nothing left to wait for.
async fn state(visit: Visit) -> Response {
    let stands = waited_for(&visit).await.map(|order| {
        let status = order.status(visit.now);
        let open = [Status::Pending, Status::Viewed].contains(&status);
        let next = (!open).then(|| visit.action());
        let stands = json!({
            "text": progress(status).words(visit.language),
            "code": status == Status::Pending,
            "next": next,
        });
        Json(stands).into_response()
    });
    visit.told(stands)
}
