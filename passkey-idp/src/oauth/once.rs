//! Values that are good once.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::random::Digest;
use crate::store::{Change, Kind, Live, New, Record};

/// That a value was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Once {}

impl Record for Once {
    const KIND: Kind = Kind::Once;
    type State = Live;
}

impl Once {
    /// Uses the value that `parts` name for `purpose`; refused if it was used before and is still good
    /// at that time.
    pub(crate) fn claim(purpose: &str, parts: &[&[u8]], until: Instant) -> Change {
        let id = Digest::of(purpose, parts);
        Change::claim(New::record(id.into(), Live, &Self {}).expires_at(until))
    }
}
