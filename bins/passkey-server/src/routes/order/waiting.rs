//! The page that waits for another device: a code that changes, a number, and how the order stands.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use passkey_idp::order::{self, Number, Order, Refusal, Status};
use passkey_idp::qr::uyulala;
use passkey_idp::store::Stored;
use serde_json::json;
use server_kit::form::Form;

use super::super::page::answer;
use super::super::viewer::Viewer;
use super::{Failure, Visit, page_of, reject, to};
use crate::pages::{Progress, Waiting, svg};
use crate::state::App;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/o/{id}/qr", get(show).post(cancel))
        .route("/o/{id}/qr.svg", get(image))
        .route("/o/{id}/state", get(state))
}

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

async fn shown(visit: &Visit<'_>) -> Result<Response, Failure> {
    let number = Number::generate(&visit.app.random)?;
    let waits = order::advance(&*visit.app.store, &visit.id, visit.now, |order| {
        order.hand_over(&visit.secret, number, visit.now)
    });
    match waits.await.map_err(Failure::from) {
        Ok(order) => page(visit, &order).await,
        // it is answered: its own page tells how
        Err(Failure::Order(Refusal::Status(_))) => Ok(to(&visit.action())),
        Err(failure) => Err(failure),
    }
}

async fn page(visit: &Visit<'_>, order: &Stored<Order>) -> Result<Response, Failure> {
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
    Ok(answer(visit.app, StatusCode::OK, &page, None))
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

async fn cancel(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    viewer: Viewer,
    form: Form,
) -> Response {
    let language = viewer.language;
    let cancelled = async {
        let visit = Visit::posted(&app, &id, &viewer, &form)?;
        match reject(&visit).await {
            Ok(()) | Err(Failure::Order(Refusal::Status(_))) => Ok(to(&visit.action())),
            Err(failure) => Err(failure),
        }
    };
    page_of(cancelled.await, &app, language)
}

/// The order, for the page that waits for it and for nobody else.
async fn waited_for<'a>(
    app: &'a App,
    id: &str,
    viewer: Viewer,
) -> Result<(Visit<'a>, Stored<Order>), Failure> {
    let id = id.parse().map_err(|_invalid| Failure::Unknown)?;
    let visit = Visit::begin(app, id, viewer)?;
    let order = visit.order().await?;
    if order.body.is_waited_for_by(&visit.secret) {
        Ok((visit, order))
    } else {
        Err(Failure::Unknown)
    }
}

/// The code of this very second. The secret that makes it stays here.
async fn image(State(app): State<Arc<App>>, Path(id): Path<String>, viewer: Viewer) -> Response {
    let language = viewer.language;
    let drawn = async {
        let (visit, order) = waited_for(&app, &id, viewer).await?;
        if order.status(visit.now) != Status::Pending {
            return Err(Failure::Unknown);
        }
        let secret = order.body.open_secret(&app.sealer)?;
        let frame = uyulala::frame(&visit.id, &secret, order.age(visit.now));
        let image = svg(&format!("{}/q/{frame}", app.settings.origin))?;
        Ok(([(header::CONTENT_TYPE, "image/svg+xml")], image).into_response())
    };
    page_of(drawn.await, &app, language)
}

/// How the order stands: in words, and where to go when there is nothing left to wait for.
async fn state(State(app): State<Arc<App>>, Path(id): Path<String>, viewer: Viewer) -> Response {
    let language = viewer.language;
    let stands = async {
        let (visit, order) = waited_for(&app, &id, viewer).await?;
        let status = order.status(visit.now);
        let open = [Status::Pending, Status::Viewed].contains(&status);
        let next = (!open).then(|| visit.action());
        let stands = json!({
            "text": progress(status).words(language),
            "code": status == Status::Pending,
            "next": next,
        });
        Ok(Json(stands).into_response())
    };
    page_of(stands.await, &app, language)
}
