//! Which kinds of rows last, and what each must look like.

use std::error::Error;

use passkey_idp::application::Application;
use passkey_idp::credential::Credential;
use passkey_idp::evidence::Evidence;
use passkey_idp::oauth::consent::Consent;
use passkey_idp::oauth::refresh::RefreshFamily;
use passkey_idp::store::{Kind, Record, RowId, Slot, State as _};
use passkey_idp::user::User;

use super::Entry;
use crate::keys::StoredKey;
use crate::state::require_foreign;

type Why = Box<dyn Error + Send + Sync>;

/// What a body says of the row that it is kept in.
trait Placed: Record {
    /// Whether that row bears the name which the body demands.
    fn is_named(&self, id: &RowId) -> bool;

    /// Whose that row is.
    fn owner(&self) -> Option<RowId>;

    /// Whether such a record may be here at all.
    fn admitted(&self) -> Result<(), Why> {
        Ok(())
    }
}

/// A kind of rows that is worth moving to another database.
pub(super) struct Lasting {
    pub(super) kind: Kind,
    state: fn(&Entry) -> Result<&'static str, Why>,
}

impl Lasting {
    /// Users after what is theirs, so that what appears meanwhile is not without its user.
    pub(super) const ALL: &[Self] = &[
        Self::of::<StoredKey>(),
        Self::of::<Application>(),
        Self::of::<Evidence>(),
        Self::of::<Slot>(),
        Self::of::<RefreshFamily>(),
        Self::of::<Consent>(),
        Self::of::<Credential>(),
        Self::of::<User>(),
    ];

    const fn of<R: Placed>() -> Self {
        Self {
            kind: R::KIND,
            state: state::<R>,
        }
    }

    pub(super) fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|lasting| lasting.kind.name() == name)
    }

    /// The name of a row's state, if its body is one of this kind and belongs into this row.
    pub(super) fn state(&self, entry: &Entry) -> Result<&'static str, Why> {
        (self.state)(entry)
    }
}

fn state<R: Placed>(entry: &Entry) -> Result<&'static str, Why> {
    let body = R::deserialize(&entry.body)?;
    body.admitted()?;
    if !body.is_named(&entry.id) {
        return Err("its body belongs to a row of another name".into());
    }
    if body.owner() != entry.owner {
        return Err("its body belongs to another owner".into());
    }
    let state = R::State::from_name(&entry.state).ok_or("unknown state")?;
    Ok(state.name())
}

impl Placed for Application {
    fn is_named(&self, id: &RowId) -> bool {
        self.id.row_id() == *id
    }

    fn owner(&self) -> Option<RowId> {
        None
    }

    fn admitted(&self) -> Result<(), Why> {
        Ok(require_foreign(&self.id)?)
    }
}

impl Placed for User {
    fn is_named(&self, id: &RowId) -> bool {
        Self::row_id(&self.id) == *id
    }

    fn owner(&self) -> Option<RowId> {
        None
    }
}

impl Placed for Credential {
    fn is_named(&self, id: &RowId) -> bool {
        Self::row_id(&self.id) == *id
    }

    fn owner(&self) -> Option<RowId> {
        Some(User::row_id(&self.user))
    }
}

impl Placed for Consent {
    fn is_named(&self, id: &RowId) -> bool {
        Self::row_id(&self.user, &self.client) == *id
    }

    fn owner(&self) -> Option<RowId> {
        Some(User::row_id(&self.user))
    }
}

impl Placed for RefreshFamily {
    fn is_named(&self, id: &RowId) -> bool {
        Self::row_id(&self.id) == *id
    }

    fn owner(&self) -> Option<RowId> {
        Some(self.grant.authentication.user.digest().into())
    }
}

impl Placed for Evidence {
    /// Its package says at what time it stands, which is compared with that.
    fn is_named(&self, _id: &RowId) -> bool {
        true
    }

    fn owner(&self) -> Option<RowId> {
        Some(User::row_id(&self.user))
    }
}

impl Placed for StoredKey {
    /// Its name is the key's, which is sealed: it is compared when that is opened.
    fn is_named(&self, _id: &RowId) -> bool {
        true
    }

    fn owner(&self) -> Option<RowId> {
        None
    }
}

impl Placed for Slot {
    /// What the name is of cannot be read from it.
    fn is_named(&self, _id: &RowId) -> bool {
        true
    }

    fn owner(&self) -> Option<RowId> {
        None
    }
}
