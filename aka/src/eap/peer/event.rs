//! What passes between the peer and its caller.

use core::fmt;

use super::{
    super::{Malformed, NoRoom},
    Challenge, GsmChallenge,
};

/// Nothing is to be sent for what came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    /// The server's octets are no packet.
    #[error("the server sent no EAP packet")]
    Malformed(#[source] Malformed),
    /// The server's packet is of another method, or a response.
    #[error("the packet is not for this peer")]
    NotForUs,
    /// A Success came too early, or a Failure after a success that both sides have told of: it is
    /// to be discarded (RFC 3748 §4.2).
    #[error("the packet comes out of its time")]
    Untimely,
    /// The caller's buffer is too small for the reply.
    #[error("the reply does not fit")]
    NoRoom(#[from] NoRoom),
}

/// What follows from a packet of the server.
#[non_exhaustive]
pub enum Event<'p, 'i> {
    /// To be sent.
    Reply(&'p [u8]),
    /// The USIM is to be asked, once (EAP-AKA, EAP-AKA').
    Challenge(Challenge<'p, 'i>),
    /// The SIM is to be asked (EAP-SIM).
    GsmChallenge(GsmChallenge<'p, 'i>),
    /// Authenticated: the link is secured with [`Peer::keys`](super::Peer::keys).
    Success,
    /// Not authenticated.
    Failure,
}

impl fmt::Debug for Event<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reply(_) => "Reply([redacted])",
            Self::Challenge(_) => "Challenge([redacted])",
            Self::GsmChallenge(_) => "GsmChallenge([redacted])",
            Self::Success => "Success",
            Self::Failure => "Failure",
        })
    }
}

/// Which methods the peer would rather take than EAP-AKA (RFC 9048 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bidding {
    /// EAP-AKA is as good as EAP-AKA'.
    Indifferent,
    /// EAP-AKA', so a server of EAP-AKA that would take it was kept from offering it.
    PrefersAkaPrime,
}
