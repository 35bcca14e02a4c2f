//! Vectors and resynchronisation over HTTP, for callers that prove who they are.

mod error;
mod routes;
mod wire;

use std::sync::Arc;

use aka::Rand;
use server_kit::{
    audit::{Audit, Entry},
    caller::Caller,
    gate::Gate,
    observe::Metrics,
};

use crate::{Centre, Directory};

pub use error::ApiError;
pub use routes::{app, description};
use wire::{ResyncAnswer, ResyncRequest, VectorAnswer, VectorsAnswer, VectorsRequest};

/// The scopes that a caller may have.
pub mod scope {
    /// Vectors: whoever has one can be the network to a subscriber.
    pub const VECTORS: &str = "auc:vectors";
    /// Resynchronisation.
    pub const RESYNC: &str = "auc:resync";
    /// Metrics.
    pub const METRICS: &str = "auc:metrics";
    /// All of them.
    pub const ALL: &[&str] = &[VECTORS, RESYNC, METRICS];
}

/// What makes up the server, beside its sockets.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "put together by the binary and by tests"
)]
pub struct App<D> {
    /// Who makes the vectors.
    pub centre: Arc<Centre<D>>,
    /// Who may ask.
    pub gate: Gate,
    /// Where audit lines go.
    pub audit: Audit,
    /// What is counted.
    pub metrics: Metrics,
}

impl<D: Directory> App<D> {
    async fn make(
        &self,
        caller: &Caller,
        request: &VectorsRequest,
    ) -> Result<VectorsAnswer, ApiError> {
        caller.may(scope::VECTORS)?;
        let (imsi, count, of) = (request.imsi()?, request.count()?, request.purpose()?);
        caller.reaches([imsi.as_str()])?;
        let mut vectors = Vec::new();
        for _ in 0..count {
            let rand = Rand::generate(getrandom::fill).map_err(ApiError::Randomness)?;
            let vector = self.centre.vector_for(&imsi, rand, of).await?;
            vectors.push(VectorAnswer::from(vector));
        }
        Ok(VectorsAnswer { vectors })
    }

    async fn follow(
        &self,
        caller: &Caller,
        request: &ResyncRequest,
    ) -> Result<ResyncAnswer, ApiError> {
        caller.may(scope::RESYNC)?;
        let (imsi, rand, auts) = (request.imsi()?, request.rand()?, request.auts()?);
        caller.reaches([imsi.as_str()])?;
        let outcome = self.centre.resynchronise(&imsi, &rand, &auts).await?;
        Ok(outcome.into())
    }

    fn trace(&self, caller: &Caller, action: &'static str, outcome: &'static str) {
        self.audit
            .record(&Entry::new(caller.name(), "subscriber", action, outcome));
        metrics::counter!("auc_requests_total", "edge" => "http", "action" => action, "outcome" => outcome)
            .increment(1);
    }
}
