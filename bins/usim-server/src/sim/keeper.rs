//! Follows a SIM's card as it comes and goes, and remembers what it says of itself.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use tokio::time::timeout;
use usim::{
    CardError, Error,
    transport::{TransportError, TransportErrorKind},
    worker::{State, WorkerError},
};

use super::{Changes, Profile, Session, Sim, Status};

/// How soon a card that failed to say who it is is asked again.
const AGAIN: Duration = Duration::from_secs(5);

/// Runs until the worker ends.
pub(super) async fn keep(sim: Arc<Sim>, changes: Changes) {
    let mut state = sim.worker.state();
    loop {
        let now = state.borrow_and_update().clone();
        let profile = match now {
            State::Ready { .. } => ask(&sim).await,
            State::Stopped => return,
            State::Opening | State::Absent | State::Failed(_) | _ => Profile::default(),
        };
        let settled = profile.status != Status::Failed;
        sim.remember(profile);
        // nobody may be listening
        changes.send(sim.name().to_owned()).unwrap_or_default();
        let changed = state.changed();
        if settled {
            if changed.await.is_err() {
                return;
            }
        } else if let Ok(Err(_closed)) = timeout(AGAIN, changed).await {
            return;
        }
    }
}

/// What the card says of itself; a card that wants its PIN says that.
async fn ask(sim: &Sim) -> Profile {
    let asked = sim.worker.run(sim.deadline, Session::profile).await;
    asked.unwrap_or_else(|error| {
        tracing::warn!(sim = sim.name(), %error, "the card does not say who it is");
        Profile {
            status: status(&error),
            ..Profile::default()
        }
    })
}

fn status(error: &WorkerError) -> Status {
    match error.error() {
        Some(Error::Card(CardError::PinRequired | CardError::PinBlocked)) => Status::Locked,
        Some(Error::Transport(error)) => of_transport(error),
        _ => Status::Failed,
    }
}

fn of_transport(error: &TransportError) -> Status {
    use TransportErrorKind as Kind;
    if error.kind() == Kind::PinRequired {
        Status::Locked
    } else if matches!(error.kind(), Kind::NoCard | Kind::CardRemoved) {
        Status::Absent
    } else {
        Status::Failed
    }
}

impl Sim {
    fn remember(&self, profile: Profile) {
        let mut known = self.profile.write().unwrap_or_else(PoisonError::into_inner);
        *known = Arc::new(profile);
    }
}
