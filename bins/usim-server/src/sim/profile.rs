//! What is known of a SIM's card.

use aka::{Imsi, MncLength};

/// What a card said of itself when its session was opened.
///
/// `Debug` shows neither IMSI nor ICCID.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Profile {
    /// Whether the card answers.
    pub status: Status,
    /// The card's own number.
    pub iccid: Option<String>,
    /// The subscriber's identity.
    pub imsi: Option<Imsi>,
    /// How long the MNC in it is.
    pub mnc_length: Option<MncLength>,
    /// The applications of EF.DIR.
    pub applications: Vec<Application>,
    /// PIN1, or the universal PIN.
    pub pin: Option<Pin>,
}

/// Whether a card answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// It does.
    Ready,
    /// There is none.
    #[default]
    Absent,
    /// It, or the way to it, does not work.
    Failed,
    /// It wants its PIN first, or the PIN is blocked.
    Locked,
}

/// An application of the card.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Application {
    /// Its identifier.
    pub aid: Vec<u8>,
    /// `usim`, `isim`, or nothing known.
    pub kind: Option<&'static str>,
    /// What the card calls it.
    pub label: Option<String>,
}

/// A PIN's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pin {
    /// Whether it must be verified.
    pub enabled: bool,
    /// How many tries are left, where the card says so.
    pub tries_left: Option<u8>,
}

impl Pin {
    pub(super) const fn new(enabled: bool, tries_left: Option<u8>) -> Self {
        Self {
            enabled,
            tries_left,
        }
    }
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
