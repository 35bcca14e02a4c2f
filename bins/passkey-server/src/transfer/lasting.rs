//! Which kinds of rows last, and what each must look like.

use std::error::Error;

use passkey_idp::application::Application;
use passkey_idp::credential::Credential;
use passkey_idp::evidence::Evidence;
use passkey_idp::oauth::consent::Consent;
use passkey_idp::oauth::refresh::RefreshFamily;
use passkey_idp::store::{Kind, Record, Slot, State as _};
use passkey_idp::user::User;
use serde_json::Value;

use crate::keys::StoredKey;

type State = Result<&'static str, Box<dyn Error + Send + Sync>>;

/// A kind of rows that is worth moving to another database.
pub(super) struct Lasting {
    pub(super) kind: Kind,
    state: fn(&str, &Value) -> State,
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

    const fn of<R: Record>() -> Self {
        Self {
            kind: R::KIND,
            state: state::<R>,
        }
    }

    pub(super) fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|lasting| lasting.kind.name() == name)
    }

    /// The name of a row's state, if its body is one of this kind.
    pub(super) fn state(&self, name: &str, body: &Value) -> State {
        (self.state)(name, body)
    }
}

fn state<R: Record>(name: &str, body: &Value) -> State {
    R::deserialize(body)?;
    let state = R::State::from_name(name).ok_or("unknown state")?;
    Ok(state.name())
}
