//! The home's side: vectors are made and cards followed here (TS 33.102 §6.3.2, §6.3.5, Annex C.1).

mod asynchronous;
mod home;
mod profile;
mod sequence;
mod store;
mod vector;

#[cfg(feature = "std")]
mod memory;

pub use asynchronous::{AsyncHome, AsyncSqnStore};
pub use home::{Home, ResyncError, VectorError};
#[cfg(feature = "std")]
pub use memory::{MemoryError, MemoryStore};
pub use profile::{Profile, SplitSeq};
pub use sequence::{Resynchronisation, Sequence, SequenceError};
pub use store::{SqnStore, Swap};
pub use vector::{Request, Triplet, Vector};
