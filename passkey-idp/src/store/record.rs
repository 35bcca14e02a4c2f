//! Records: rows with a type.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use super::{Row, RowId, StoreError};
use crate::Instant;

/// Declares the kinds and the names that stores know them by.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// What a row is: the table it stands in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $variant,)+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name, in lower case with underscores.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

kinds! {
    /// Something a user is asked to approve.
    Order = "order",
    /// A user.
    User = "user",
    /// A passkey.
    Credential = "credential",
    /// An application that may place orders.
    Application = "application",
    /// Proof of what was signed.
    Evidence = "evidence",
    /// A name that one row at a time may hold.
    Slot = "slot",
    /// A name that one row at a time may hold for minutes, or a code that leads to a row.
    Hold = "hold",
    /// A value that may be used once: an assertion's or a DPoP proof's `jti`.
    Once = "once",
    /// A key that signs tokens and evidence.
    SigningKey = "signing_key",
    /// A browser that has signed in.
    Session = "session",
    /// A session that has ended, of which something may be left.
    Ending = "ending",
    /// What a user lets an application know.
    Consent = "consent",
    /// An authorization request that was pushed (RFC 9126), or that waits for its order.
    AuthorizationRequest = "authorization_request",
    /// An authorization code.
    AuthorizationCode = "authorization_code",
    /// Refresh tokens that came from one grant.
    RefreshFamily = "refresh_family",
    /// An access token that may be asked about or revoked.
    AccessToken = "access_token",
    /// A device's request (RFC 8628).
    DeviceGrant = "device_grant",
    /// A backchannel request (OpenID Connect CIBA).
    Backchannel = "backchannel",
    /// A message to be delivered to an application: a ping, a push, a logout.
    Delivery = "delivery",
    /// What lets a user in who has lost their keys.
    Recovery = "recovery",
    /// A line of the audit trail.
    Audit = "audit",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The states of a record.
pub trait State: Copy + Eq + fmt::Debug + Send + Sync + 'static {
    /// Every state.
    const ALL: &'static [Self];

    /// Its name, in lower case; no two states of a record share one.
    fn name(self) -> &'static str;

    /// The state of that name.
    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.name() == name)
    }
}

/// The only state of what has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing else to it")]
pub struct Live;

impl State for Live {
    const ALL: &'static [Self] = &[Self];

    fn name(self) -> &'static str {
        "live"
    }
}

/// What may be kept: the body of a row.
///
/// Its JSON form must always exist (no map with keys that are not text), and later versions of this
/// crate must read what earlier ones wrote.
pub trait Record: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its kind, which no other record has.
    const KIND: Kind;

    /// Its states.
    type State: State;
}

/// A record as it stands in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored<R: Record> {
    /// Its name within its kind.
    pub id: RowId,
    /// Whose it is.
    pub owner: Option<RowId>,
    /// Its state.
    pub state: R::State,
    /// Incremented by each update.
    pub version: u64,
    /// When it was inserted.
    pub created_at: Instant,
    /// When it was last changed.
    pub changed_at: Instant,
    /// From then on it is of no use.
    pub expires_at: Instant,
    /// What it says.
    pub body: R,
}

impl<R: Record> Stored<R> {
    /// Whether it is of no use any more: at `expires_at` and later.
    pub fn has_expired(&self, now: Instant) -> bool {
        self.expires_at <= now
    }
}

impl<R: Record> TryFrom<Row> for Stored<R> {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let malformed = |source| StoreError::Malformed {
            kind: R::KIND.name(),
            source,
        };
        if row.kind != R::KIND {
            return Err(malformed("it is of another kind".into()));
        }
        let state = R::State::from_name(&row.state)
            .ok_or_else(|| malformed("its state is unknown".into()))?;
        let body = serde_json::from_str(&row.body).map_err(|source| malformed(source.into()))?;
        Ok(Self {
            id: row.id,
            owner: row.owner,
            state,
            version: row.version,
            created_at: row.created_at,
            changed_at: row.changed_at,
            expires_at: row.expires_at,
            body,
        })
    }
}

/// A record's JSON form.
pub(super) fn to_json<R: Record>(record: &R) -> String {
    serde_json::to_string(record).expect("a record's JSON form always exists")
}
