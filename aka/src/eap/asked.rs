//! Which identity a server asks for; each time for more than before (RFC 4187 §4.1.6, RFC 4186 §4.2.5).

use super::{Attribute, Packet};

/// How far identity requests went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    Nothing,
    Any,
    Fullauth,
    Permanent,
}

impl Asked {
    /// What a request asks for, which is one kind of identity at most.
    pub(super) fn of(packet: &Packet<'_>) -> Option<Self> {
        let attributes = packet.attributes();
        match (
            attributes.any_id_req(),
            attributes.fullauth_id_req(),
            attributes.permanent_id_req(),
        ) {
            (false, false, false) => Some(Self::Nothing),
            (true, false, false) => Some(Self::Any),
            (false, true, false) => Some(Self::Fullauth),
            (false, false, true) => Some(Self::Permanent),
            _ => None,
        }
    }

    pub(super) const fn attribute(self) -> Option<Attribute<'static>> {
        match self {
            Self::Nothing => None,
            Self::Any => Some(Attribute::AnyIdReq),
            Self::Fullauth => Some(Attribute::FullauthIdReq),
            Self::Permanent => Some(Attribute::PermanentIdReq),
        }
    }

    /// What is left to ask for.
    pub(super) const fn more(self) -> Option<Self> {
        match self {
            Self::Nothing => Some(Self::Any),
            Self::Any => Some(Self::Fullauth),
            Self::Fullauth => Some(Self::Permanent),
            Self::Permanent => None,
        }
    }
}
