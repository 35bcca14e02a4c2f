//! OpenID Connect Client-Initiated Backchannel Authentication (CIBA Core 1.0): a client asks, the user
//! answers on a device of their own, and the client polls, is pinged, or is sent the tokens.
//!
//! | you want | look at |
//! |---|---|
//! | to open a request that its client has signed | [`open`] |
//! | to read a request | [`read`] |
//! | to know which user it is about | [`Hint::user`] |
//! | to place it | [`BackchannelRequest::begin`] |
//! | to answer a client that polls | [`Stored::poll`](crate::store::Stored::poll) |
//! | to tell a client that waits for a ping or a push | [`Exchange::announce`] |
//!
//! ```
//! use passkey_idp::ciba::{self, Hints};
//! use passkey_idp::oauth::{Client, Flow, Parameters};
//!
//! let mut registered = Client::default();
//! registered.flows = vec![Flow::Ciba];
//! registered.scope = "openid".parse()?;
//! let form = "scope=openid&login_hint=AQEBAQEBAQEBAQEBAQEBAQ&binding_message=Till+7";
//! let parameters = Parameters::parse(form)?;
//! let request = ciba::read(&"rp".parse()?, &registered, &parameters, Hints::One)?;
//! assert_eq!(request.message.as_ref().map(|message| message.text()), Some("Till 7"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Exchange::announce`]: crate::oauth::token::Exchange::announce

mod begin;
mod exchange;
mod hint;
mod message;
mod notification;
mod poll;
mod request;
mod signed;

use serde::{Deserialize, Serialize};

pub use begin::Begun;
pub use exchange::Announced;
pub use hint::{Hint, Known};
pub use notification::{Mode, Notification, NotificationToken};
pub use poll::Polled;
pub use request::{BackchannelRequest, Hints, read};
pub use signed::{Opened, open};

use crate::application::ApplicationId;
use crate::id::AuthReqId;
use crate::oauth::{Pace, Scope};
use crate::seal::Sealed;
use crate::store::{Kind, Record, RowId, State};

/// A request that waits for its user, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Backchannel {
    /// Who asks.
    pub client: ApplicationId,
    /// The order that the user answers.
    pub order: RowId,
    /// What is asked for.
    pub scope: Scope,
    /// Levels of authentication in order of preference (`acr_values`).
    pub acr_values: Vec<String>,
    /// How the client learns of the answer.
    pub mode: Mode,
    /// How often the client may poll.
    pub pace: Pace,
    /// What it is pinged or pushed with: request identifier and notification token.
    pub notice: Option<Sealed>,
}

/// Whether tokens were given for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the state machine is closed")]
pub enum BackchannelState {
    /// None were.
    Open,
    /// They were: that happens once.
    Redeemed,
}

impl State for BackchannelState {
    const ALL: &'static [Self] = &[Self::Open, Self::Redeemed];

    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Redeemed => "redeemed",
        }
    }
}

impl Record for Backchannel {
    const KIND: Kind = Kind::Backchannel;
    type State = BackchannelState;
}

impl Backchannel {
    /// Where the request stands that a client asks about with `id`.
    pub fn row_id(id: &AuthReqId) -> RowId {
        id.digest().into()
    }
}

#[cfg(test)]
mod tests;
