//! What all routes share.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use endorse::UnixTime;
use server_kit::audit::{Audit, Entry};
use server_kit::gate::Gate;
use server_kit::limit::{RateLimit, TooMany};
use server_kit::listen::Peer;
use server_kit::observe::{Metrics, Readiness};

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
    pub peers: RateLimit,
    /// Where audit lines go.
    pub audit: Audit,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether the store has answered lately.
    pub ready: Arc<AtomicBool>,
}

impl App {
    /// Takes one request from a peer's budget. A unix socket's other end is a proxy, which is not
    /// one peer.
    ///
    /// # Errors
    /// The peer asks too often.
    pub fn admit(&self, peer: Option<&Peer>) -> Result<(), TooMany> {
        match peer.and_then(Peer::ip) {
            Some(ip) => self.peers.check(&network(ip)),
            None => Ok(()),
        }
    }

    /// Leaves the traces of what a device asked for: never who it is.
    pub fn trace<T>(&self, action: &'static str, outcome: &Result<T, ServerError>) {
        let outcome = outcome.as_ref().err().map_or("success", ServerError::code);
        self.audit
            .record(&Entry::new("device", "sim", action, outcome));
        metrics::counter!("endorse_requests_total", "action" => action, "outcome" => outcome)
            .increment(1);
    }

    /// Whether requests can be served.
    pub fn readiness(&self) -> Readiness {
        if self.ready.load(Ordering::Relaxed) {
            Readiness::Ready
        } else {
            Readiness::NotReady("the store does not answer")
        }
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

/// An IPv4 address, or the /64 of an IPv6 address: whoever has one of its addresses has all.
fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_an_ipv6_network_are_one_peer() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::5"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::5"), network("2001:db8:1:3::5"));
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
