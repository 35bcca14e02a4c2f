//! A rate limit by network peer, for servers whose requests come from people and devices.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{RateLimit, TooMany};
use crate::{listen::Peer, problem::Problem};

/// So many requests a second of one network peer, with bursts of twice that.
#[derive(Debug)]
pub struct PeerLimit(RateLimit);

impl PeerLimit {
    /// A limit of `rate` requests a second for each peer; zero is no limit.
    pub fn per_second(rate: u32) -> Self {
        Self(RateLimit::per_second(rate))
    }

    /// No limit, for tests.
    pub fn none() -> Self {
        Self::per_second(0)
    }

    /// Takes one request from a peer's budget. A unix socket's other end is a proxy, which is not
    /// one peer.
    ///
    /// # Errors
    /// The peer asks too often.
    pub fn admit(&self, peer: Option<&Peer>) -> Result<(), TooMany> {
        match peer.and_then(Peer::ip) {
            Some(ip) => self.0.check(&network(ip)),
            None => Ok(()),
        }
    }
}

/// What has a limit for peers.
pub trait HasPeerLimit {
    /// The limit.
    fn peer_limit(&self) -> &PeerLimit;
}

/// Middleware that answers a peer which asks too often with 429 and `Retry-After`.
pub async fn limit_peers<S: HasPeerLimit>(
    State(app): State<Arc<S>>,
    request: Request,
    next: Next,
) -> Response {
    match app.peer_limit().admit(request.extensions().get::<Peer>()) {
        Ok(()) => next.run(request).await,
        Err(too_many) => Problem::from(too_many).into_response(),
    }
}

/// An IPv4 address, or the /64 of an IPv6 address: whoever has one of its addresses has all.
pub fn network(ip: IpAddr) -> String {
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

    #[test]
    fn one_peer_does_not_use_up_another_and_a_proxy_is_no_peer() {
        let limit = PeerLimit::per_second(1);
        let peer = |text: &str| Peer::tcp(text.parse().unwrap());
        let greedy = peer("192.0.2.1:1");
        while limit.admit(Some(&greedy)).is_ok() {}
        assert_eq!(limit.admit(Some(&peer("192.0.2.2:1"))), Ok(()));
        assert_eq!(limit.admit(None), Ok(()));
    }
}
