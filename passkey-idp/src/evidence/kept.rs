//! Evidence in a store.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::application::ApplicationId;
use crate::id::{EvidenceId, OrderId, UserId};
use crate::store::{Change, Kind, Live, New, Record, RowId};
use crate::user::User;

/// A package, as it is kept: owned by the user who signed, in the order of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// Who signed.
    pub user: UserId,
    /// Which application asked.
    pub application: ApplicationId,
    /// The order, which is over when this exists.
    pub order: OrderId,
    /// The package.
    pub package: String,
}

impl Record for Evidence {
    const KIND: Kind = Kind::Evidence;
    type State = Live;
}

impl Evidence {
    pub(crate) const fn new(
        user: UserId,
        application: ApplicationId,
        order: OrderId,
        package: String,
    ) -> Self {
        Self {
            user,
            application,
            order,
            package,
        }
    }

    /// Where the evidence of that identifier stands, which was signed at `signed_at`.
    pub fn row_id(id: &EvidenceId, signed_at: Instant) -> RowId {
        RowId::in_time(signed_at, &id.digest())
    }

    /// What inserts it, to be kept until `purge_at`.
    pub(crate) fn insert(&self, id: &EvidenceId, signed_at: Instant, purge_at: Instant) -> Change {
        let new = New::record(Self::row_id(id, signed_at), Live, self);
        Change::insert(new.owned_by(User::row_id(&self.user)).purge_at(purge_at))
    }
}
