//! Names that one record at a time may hold, and further secrets that lead to a record.

use serde::{Deserialize, Serialize};

use super::{Change, Kind, Live, New, Record, RowId};
use crate::Instant;
use crate::random::Digest;

/// Which record holds a name, until it gives it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing else to it")]
pub struct Slot {
    /// The record's row, of whatever kind the name is for.
    pub record: RowId,
}

/// Which record holds a name or a code for some minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing else to it")]
pub struct Hold {
    /// The record's row, of whatever kind the name is for.
    #[serde(alias = "grant")]
    pub record: RowId,
}

impl Record for Slot {
    const KIND: Kind = Kind::Slot;
    type State = Live;
}

impl Record for Hold {
    const KIND: Kind = Kind::Hold;
    type State = Live;
}

impl Slot {
    /// The slot of the name that `parts` make for `purpose`; they cannot be read from it.
    pub fn row_id(purpose: &str, parts: &[&[u8]]) -> RowId {
        Digest::of(purpose, parts).into()
    }

    /// What gives the slot to `record`; refused while another holds it.
    pub fn claim(id: RowId, record: RowId) -> Change {
        Change::claim(New::record(id, Live, &Self { record }))
    }
}

impl Hold {
    /// The place of the name that `parts` make for `purpose`; they cannot be read from it.
    pub fn row_id(purpose: &str, parts: &[&[u8]]) -> RowId {
        Digest::of(purpose, parts).into()
    }

    /// What lets `record` hold the name until then; refused while another holds it.
    pub fn claim(id: RowId, record: RowId, until: Instant) -> Change {
        Change::claim(New::record(id, Live, &Self { record }).expires_at(until))
    }
}
