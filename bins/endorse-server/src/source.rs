//! Where vectors come from: an authentication centre inside, or another server.

use std::fmt;
use std::pin::Pin;

use aka::network::Vector;
use aka::{Amf, Auts, Imsi, Rand};

mod embedded;
mod pace;
mod upstream;

pub use embedded::{Embedded, decoys, is_decoy};
pub use upstream::{Upstream, UpstreamError};

/// What all challenges carry, whatever a subscriber's own is: it would tell known SIMs from others.
/// Without the separation bit no terminal takes one from LTE or 5G (TS 33.401 §6.1.1), where whoever
/// relays it to a phone could read RES.
pub const AMF: Amf = Amf::ZERO;

/// What a source gives back later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, SourceError>> + Send + 'a>>;

/// A source failed.
#[derive(Debug, thiserror::Error)]
#[error("the authentication centre failed")]
pub struct SourceError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl SourceError {
    /// Wraps what the source's own means report.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

/// What came of an AUTS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it is the SIM's, or it is not")]
pub enum Resync {
    /// It is the SIM's: the next challenge is one that it takes.
    Followed,
    /// It is not, or there is no such SIM.
    Refused,
}

/// An authentication centre, as the server asks it.
pub trait VectorSource: fmt::Debug + Send + Sync {
    /// A vector for a fresh RAND, whose sequence number was stored before; none for a SIM that
    /// nobody knows, which takes as long.
    fn vector<'a>(&'a self, imsi: &'a Imsi) -> Answer<'a, Option<Vector>>;

    /// Follows the SIM that answered the challenge `rand` with `auts`.
    fn resynchronise<'a>(
        &'a self,
        imsi: &'a Imsi,
        rand: &'a Rand,
        auts: &'a Auts,
    ) -> Answer<'a, Resync>;
}
