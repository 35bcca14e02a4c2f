//! What all routes share, and the one way on which every request reaches a SIM.

use std::{sync::Arc, time::Duration};

use axum::http::request::Parts;
use jiff::Timestamp;
use server_kit::{
    audit::{Audit, Entry},
    caller::Caller,
    gate::Gate,
    limit::RateLimit,
    observe::Metrics,
};
use tokio_util::sync::CancellationToken;
use usim::{Authentication, Error, Iccid, Identity, ImsIdentity, apdu::Channel};

use crate::{
    activity::{Activity, Event},
    allow::AllowList,
    config::ErrorStatus,
    error::ApiError,
    sim::{Changes, Pass, Reach, Session, Sim},
    sims::Sims,
};

/// The scopes that a caller may have.
pub mod scope {
    /// Identities and the state of SIMs.
    pub const READ: &str = "sim:read";
    /// Authentication.
    pub const AUTHENTICATE: &str = "sim:authenticate";
    /// Commands as they are, and leases.
    pub const APDU: &str = "sim:apdu";
    /// All of them.
    pub const ALL: &[&str] = &[READ, AUTHENTICATE, APDU];
}

/// What makes up a server, beside its sockets.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "put together field by field, by the binary and by tests"
)]
pub struct App {
    /// The SIMs.
    pub sims: Arc<Sims>,
    /// The way in.
    pub gate: Gate,
    /// How often a SIM may be asked.
    pub per_sim: RateLimit,
    /// The commands that may be sent as they are.
    pub allow: AllowList,
    /// Where audit lines go.
    pub audit: Audit,
    /// The status of errors in the compatible dialect.
    pub errors: ErrorStatus,
    /// `http` or `https`, for the page.
    pub scheme: &'static str,
    /// How long a request may take at most, its body included.
    pub slowest_request: Duration,
    /// The longest lease.
    pub longest_lease: Duration,
    /// What is counted.
    pub metrics: Metrics,
    /// Cancelled when the server ends.
    pub ending: CancellationToken,
    /// Hears the names of SIMs whose card came or went.
    pub changes: Changes,
    /// What was asked lately.
    pub activity: Activity,
}

/// What a caller wants of a SIM.
#[derive(Clone, Debug)]
pub(crate) struct Wish<'a> {
    /// The scope that it takes.
    pub(crate) scope: &'static str,
    /// The word for it in the audit trail.
    pub(crate) action: &'static str,
    /// The SIM's name; none for the first one.
    pub(crate) sim: Option<&'a str>,
    /// The lease under which it is asked.
    pub(crate) lease: Option<String>,
    /// What its command would lay hands on.
    pub(crate) reach: Reach,
}

impl<'a> Wish<'a> {
    /// Something that takes `scope`, by the word `action`, of this SIM or the first one.
    pub(crate) fn new(scope: &'static str, action: &'static str, sim: Option<&'a str>) -> Self {
        Self {
            scope,
            action,
            sim,
            lease: None,
            reach: Reach::default(),
        }
    }

    /// The same, under a lease if there is one.
    pub(crate) fn under(self, lease: Option<String>) -> Self {
        Self { lease, ..self }
    }
}

/// What came of a wish: the SIM that it was, and the value.
#[derive(Debug)]
pub(crate) struct Granted<T> {
    pub(crate) sim: Arc<Sim>,
    pub(crate) value: T,
}

/// A value whose kind goes into the audit trail.
pub(crate) trait Outcome {
    /// One word for what came of it.
    fn class(&self) -> &'static str {
        "success"
    }
}

impl Outcome for Authentication {
    fn class(&self) -> &'static str {
        match self {
            Self::Success(_) => "success",
            Self::SyncFailure(_) => "synchronisation_failure",
        }
    }
}

impl Outcome for Identity {}
impl Outcome for (Identity, Iccid) {}
impl Outcome for ImsIdentity {}
impl Outcome for String {}
impl Outcome for Option<String> {}

impl App {
    /// Who sends a request, unless a foreign web page does or the caller asks too often.
    pub(crate) async fn admit(&self, request: &Parts) -> Result<Caller, ApiError> {
        Ok(self.gate.admit_fetching(request).await?)
    }

    /// The SIM that a wish is for, if the caller may have it.
    pub(crate) fn find(
        &self,
        caller: &Caller,
        wish: &Wish<'_>,
    ) -> Result<(usize, Arc<Sim>), ApiError> {
        caller.may(wish.scope)?;
        let (index, sim) = self.sims.find(caller, wish.sim)?;
        self.per_sim.check(sim.name())?;
        Ok((index, sim))
    }

    /// Does `work` on the SIM that the wish names, within its deadline, and leaves the traces.
    pub(crate) async fn grant<T: Outcome + Send + 'static>(
        &self,
        caller: &Caller,
        wish: Wish<'_>,
        work: impl FnOnce(&mut Session, Option<Channel>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Granted<T>, ApiError> {
        let (_, sim) = match self.find(caller, &wish) {
            Ok(found) => found,
            Err(error) => {
                self.refused(caller, &wish, &error);
                return Err(error);
            }
        };
        let pass = Pass {
            caller: caller.name().to_owned(),
            lease: wish.lease,
            reach: wish.reach,
        };
        let outcome = sim.run(pass, wish.action, work).await;
        let class = match &outcome {
            Ok(value) => value.class(),
            Err(error) => error.code(),
        };
        self.trace(caller, sim.name(), wish.action, class);
        outcome.map(|value| Granted { sim, value })
    }

    /// Leaves the traces of a wish that reached no SIM. What the caller called it may be a card's
    /// number, or anything; what is written down is the name that the server knows it by.
    pub(crate) fn refused(&self, caller: &Caller, wish: &Wish<'_>, error: &ApiError) {
        let named = wish.sim.and_then(|id| self.sims.named(id));
        let name = named.as_ref().map_or("*", |(_, sim)| sim.name());
        self.trace(caller, name, wish.action, error.code());
    }

    /// Leaves the traces of a request: the audit line, the count, the line on the page.
    pub(crate) fn trace(
        &self,
        caller: &Caller,
        sim: &str,
        action: &'static str,
        outcome: &'static str,
    ) {
        if action != action::READ {
            let entry = Entry::new(caller.name(), sim, action, outcome);
            self.audit.record(&entry);
        }
        metrics::counter!("usim_requests_total", "action" => action, "outcome" => outcome)
            .increment(1);
        self.activity.note(Event {
            time: Timestamp::now(),
            caller: caller.name().to_owned(),
            sim: sim.to_owned(),
            action,
            outcome,
        });
    }
}

/// The words for what is done with a SIM.
pub(crate) mod action {
    /// Identities and state: on the page and in the metrics, not in the audit trail.
    pub(crate) const READ: &str = "read";
    pub(crate) const AUTHENTICATE: &str = "authenticate";
    pub(crate) const APDU: &str = "apdu";
    pub(crate) const LEASE: &str = "lease";
}
