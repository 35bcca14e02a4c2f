//! How far a request has got since a browser brought it.

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::oauth::Authentication;
use crate::random::Digest;
use crate::store::RowId;

/// What has become of a request since a browser brought it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::exhaustive_structs, reason = "the server makes it")]
pub struct Progress {
    /// The browser that brought it: no other gets its answer. None has, if it came over the API.
    pub browser: Option<Digest>,
    /// Who the user must be: the subject of an `id_token_hint` that was verified.
    pub user: Option<UserId>,
    /// The order by which the user signs in, if they have to.
    pub order: Option<RowId>,
    /// How they signed in for this very request.
    pub authentication: Option<Authentication>,
    /// Who consented to this very request.
    pub consented_by: Option<UserId>,
}
