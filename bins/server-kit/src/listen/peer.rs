//! The other end of a connection.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use crate::caller::PeerCertificate;

/// Who is at the other end: found in the extensions of every request that [`super::serve`] passes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    address: Option<SocketAddr>,
    certificate: Option<Arc<PeerCertificate>>,
    layer: Layer,
}

/// What the connection is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Plain,
    Tls,
}

impl Peer {
    /// A peer on a TCP connection.
    pub fn tcp(address: SocketAddr) -> Self {
        Self {
            address: Some(address),
            certificate: None,
            layer: Layer::Plain,
        }
    }

    /// A peer on a unix socket.
    pub fn unix() -> Self {
        Self {
            address: None,
            certificate: None,
            layer: Layer::Plain,
        }
    }

    /// The same peer on a connection with TLS.
    #[must_use]
    pub fn over_tls(self) -> Self {
        Self {
            layer: Layer::Tls,
            ..self
        }
    }

    /// The same peer with the client certificate that TLS has verified.
    #[must_use]
    pub fn with_certificate(self, certificate: PeerCertificate) -> Self {
        Self {
            certificate: Some(Arc::new(certificate)),
            ..self
        }
    }

    /// The verified client certificate.
    pub fn certificate(&self) -> Option<&PeerCertificate> {
        self.certificate.as_deref()
    }

    /// Its address; a unix socket has none.
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.map(|address| address.ip().to_canonical())
    }

    /// Whether TLS protects the connection.
    pub fn is_tls(&self) -> bool {
        self.layer == Layer::Tls
    }

    /// Whether the connection came over the loopback interface; a unix socket has none.
    pub fn is_loopback(&self) -> bool {
        self.ip().is_some_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ip() {
            Some(ip) => ip.fmt(f),
            None => f.write_str("unix"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told_from_the_network_also_when_mapped_to_ipv6() {
        let loopback = |text: &str| Peer::tcp(text.parse().unwrap()).is_loopback();
        assert!(loopback("127.0.0.1:1") && loopback("[::1]:1") && loopback("[::ffff:127.0.0.1]:1"));
        assert!(!loopback("192.0.2.1:1") && !Peer::unix().is_loopback());
    }

    #[test]
    fn a_peer_is_shown_without_its_port() {
        assert_eq!(Peer::tcp("[::1]:5".parse().unwrap()).to_string(), "::1");
        assert_eq!(Peer::unix().to_string(), "unix");
    }
}
