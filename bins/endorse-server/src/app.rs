//! What all routes share.

use std::time::SystemTime;

use endorse::UnixTime;
use server_kit::audit::{Audit, Entry};
use server_kit::gate::{Gate, HasGate};
use server_kit::limit::{HasPeerLimit, PeerLimit};
use server_kit::observe::{Metrics, ReadyFlag};

use crate::{Server, ServerError};

/// The scopes that a caller may have. Devices are no callers: their SIM is their credential.
pub mod scope {
    /// Metrics.
    pub const METRICS: &str = "endorse:metrics";
    /// What a token says, and whether it is still good.
    pub const INTROSPECT: &str = "endorse:introspect";
    /// Revoking tokens.
    pub const REVOKE: &str = "endorse:revoke";
    /// All of them.
    pub const ALL: &[&str] = &[METRICS, INTROSPECT, REVOKE];
}

/// What makes up a server, beside its sockets.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "put together by the binary and by tests"
)]
pub struct App {
    /// The engine.
    pub server: Server,
    /// Who may ask what is not for devices.
    pub gate: Gate,
    /// How often one network peer may ask.
    pub peers: PeerLimit,
    /// Where audit lines go.
    pub audit: Audit,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether the store has answered lately.
    pub ready: ReadyFlag,
}

impl App {
    /// Leaves the traces of what a device asked for: never who it is.
    pub fn trace<T>(&self, action: &'static str, outcome: &Result<T, ServerError>) {
        let outcome = outcome.as_ref().err().map_or("success", ServerError::code);
        self.audit
            .record(&Entry::new("device", "sim", action, outcome));
        metrics::counter!("endorse_requests_total", "action" => action, "outcome" => outcome)
            .increment(1);
    }
}

impl HasGate for App {
    fn gate(&self) -> &Gate {
        &self.gate
    }
}

impl HasPeerLimit for App {
    fn peer_limit(&self) -> &PeerLimit {
        &self.peers
    }
}

/// The present time.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge where the clock is read"
)]
pub fn now() -> UnixTime {
    SystemTime::now().into()
}
