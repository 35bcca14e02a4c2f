//! Hot-plug as server-sent events: every SIM once at the beginning, and each one that changes.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, StreamExt as _, stream};
use server_kit::caller::Caller;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{access::Access, v1::body::SimBody};
use crate::{
    error::ApiError,
    state::{App, scope},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Follows the SIMs: an event `sim` for each at the beginning, and whenever one changes.
#[utoipa::path(get, path = "/v1/events", tag = "sims", responses(
    (status = 200, body = SimBody, content_type = "text/event-stream"),
    (status = "default", body = server_kit::problem::Problem, content_type = "application/problem+json"),
))]
async fn events(
    State(app): State<Arc<App>>,
    Access(caller): Access,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    caller.may(scope::READ)?;
    let ending = app.ending.clone();
    let follower = Follower {
        changes: app.changes.subscribe(),
        app,
        caller,
        first: true,
    };
    let events = stream::unfold(follower, Follower::next)
        .flat_map(stream::iter)
        .map(Ok)
        .take_until(ending.cancelled_owned());
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

struct Follower {
    app: Arc<App>,
    caller: Caller,
    changes: Receiver<String>,
    first: bool,
}

impl Follower {
    async fn next(mut self) -> Option<(Vec<Event>, Self)> {
        if self.first {
            self.first = false;
            return Some((self.sims(|_| true), self));
        }
        let changed = match self.changes.recv().await {
            Ok(name) => self.sims(|sim| sim == name),
            Err(RecvError::Lagged(_)) => self.sims(|_| true),
            Err(RecvError::Closed) => return None,
        };
        Some((changed, self))
    }

    fn sims(&self, wanted: impl Fn(&str) -> bool) -> Vec<Event> {
        let sims = self.app.sims.of(&self.caller);
        sims.iter()
            .filter(|(_, sim)| wanted(sim.name()))
            .filter_map(|(index, sim)| {
                let event = Event::default().event("sim");
                event.json_data(SimBody::new(*index, sim)).ok()
            })
            .collect()
    }
}
