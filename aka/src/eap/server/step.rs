//! What passes between the server and its caller.

use core::fmt;

use super::super::{Attribute, Malformed, Nai, NoRoom, Resumption};
use crate::{
    Auts, Rand,
    network::{Triplet, Vector},
};

/// What the caller does next.
#[non_exhaustive]
pub enum Step<'a> {
    /// Send this request; its response goes to [`Server::receive`](super::Server::receive).
    Send(&'a [u8]),
    /// Look somebody up; [`Server::answer`](super::Server::answer) goes on.
    NeedVector(Wanted<'a>),
    /// Authenticated: send this EAP-Success; the keys are there.
    Success(&'a [u8]),
    /// Not authenticated: send this EAP-Failure.
    Failure(&'a [u8], Reason),
}

impl fmt::Debug for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(_) => f.write_str("Send([redacted])"),
            Self::NeedVector(wanted) => f.debug_tuple("NeedVector").field(wanted).finish(),
            Self::Success(_) => f.write_str("Success"),
            Self::Failure(_, reason) => f.debug_tuple("Failure").field(reason).finish(),
        }
    }
}

/// Who is to be looked up, and what for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Wanted<'a> {
    /// Permanent, a pseudonym, or for fast re-authentication.
    pub identity: &'a Nai,
    /// What for.
    pub purpose: Purpose,
}

/// What the server needs the caller for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Purpose {
    /// The identity is new: answer with a vector, with what is to be resumed, or that it is
    /// unknown.
    Identify,
    /// A full authentication is to be begun: answer with a vector.
    Authenticate,
    /// The card's SQN is ahead: follow it with this, and answer with a vector that comes after
    /// ([`Home::resynchronise`](crate::network::Home::resynchronise)).
    Resynchronise {
        /// The challenge that was stale.
        rand: Rand,
        /// The card's token.
        auts: Auts,
    },
}

/// What the caller found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer<'a> {
    /// The subscriber, by a vector that was never used before. For EAP-AKA' its AMF has the
    /// separation bit; CK' and IK' are made of it here.
    Vector(&'a Vector),
    /// The subscriber, by two or three triplets with different challenges, for EAP-SIM.
    Triplets(&'a [Triplet]),
    /// The keys that are known with an identity for fast re-authentication. They are good for
    /// once: forget them before the request goes out.
    Resume(&'a Resumption),
    /// Nobody has this identity: the peer is asked for another one as long as there is one.
    Unknown,
    /// Somebody has it, but shall not be let in.
    Refuse,
}

/// The identities that the peer shall use from now on.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "RFC 4187 §10 closes the set")]
pub struct Next<'a> {
    /// For full authentications (AT_NEXT_PSEUDONYM): a username, without the realm
    /// (RFC 4187 §4.1.1.4).
    pub pseudonym: Option<&'a Nai>,
    /// For fast re-authentication (AT_NEXT_REAUTH_ID): with a realm that leads to this server
    /// (RFC 4187 §4.1.1.5).
    pub reauth_id: Option<&'a Nai>,
}

impl<'a> Next<'a> {
    /// As it is.
    pub const NONE: Self = Self {
        pseudonym: None,
        reauth_id: None,
    };

    pub(super) fn attributes(self) -> impl Iterator<Item = Attribute<'a>> {
        let pseudonym = self.pseudonym.map(Nai::as_bytes);
        let reauth_id = self.reauth_id.map(Nai::as_bytes);
        let pseudonym = pseudonym.map(Attribute::NextPseudonym);
        pseudonym
            .into_iter()
            .chain(reauth_id.map(Attribute::NextReauthId))
    }
}

/// Why the peer is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Nobody has the identity, and there is no other to ask for.
    Unknown,
    /// The caller said so.
    Refused,
    /// The peer did not believe AUTN, or what came with it (AKA-Authentication-Reject).
    Rejected,
    /// The peer could not go on; its AT_CLIENT_ERROR_CODE (RFC 4187 §10.20).
    ClientError(u16),
    /// RES or AT_MAC is wrong, or the peer saw other identity rounds.
    WrongResponse,
    /// The card was followed, and is not content.
    OutOfStep,
    /// The response cannot be read.
    Malformed,
    /// The response does not belong here.
    Unexpected,
}

/// Nothing is to be done for what came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The peer's octets are no packet.
    #[error("the peer sent no EAP packet")]
    Malformed(#[source] Malformed),
    /// The packet is no response to the last request, or one of another method: discard it.
    #[error("the packet is not for this server")]
    NotForUs,
    /// The peer wants another method (RFC 3748 §5.3.1): begin that, or give up.
    #[error("the peer wants another method")]
    Nak,
    /// The server waits for something else.
    #[error("the call comes out of turn")]
    OutOfTurn,
    /// The answer is none that this method can use: of another method, EAP-AKA' without the
    /// separation bit in AMF, EAP-SIM with fewer than two or with equal challenges.
    #[error("the answer does not suit the method")]
    Unsuitable,
    /// The caller's buffer is too small for the request.
    #[error("the request does not fit")]
    NoRoom(#[from] NoRoom),
}
