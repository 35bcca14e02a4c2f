//! The bootstrapping server function of GBA: Ub towards terminals (TS 33.220 §4.5.2, TS 24.109
//! §4), and keys for the NAFs that the home trusts, as Zn gives them.
//!
//! What is open and what was agreed stands in memory: after a restart, or when a terminal comes
//! to another instance, it bootstraps again, as it does when its keys end. Sequence numbers are
//! the [`Centre`]'s, and durable before a challenge leaves.

mod expiring;
pub mod http;
mod identity;
mod naf_keys;
mod state;
mod ub;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aka::http_digest::{InvalidQuoted, Quoted, UriCheck};

use crate::Centre;
pub use naf_keys::{GrantedKey, KeyKind, NafKeyError};
use state::State;
pub use ub::{Answer, Refusal, Request};

/// Which cards keep Ks for themselves (GBA_U), as user security settings say elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum KsOnCard {
    /// None: CK and IK go to the terminal (GBA_ME).
    Never,
    /// Those whose terminal says `3gpp-gba-uicc`.
    #[default]
    Asked,
    /// All.
    Always,
}

/// How a [`Bsf`] goes about it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The BSF's domain name.
    pub name: Quoted,
    /// How closely credentials must name what was asked for.
    pub uri: UriCheck,
    /// Which cards keep Ks.
    pub ks_on_card: KsOnCard,
    /// For how many seconds keys are good. A day.
    pub lifetime: u64,
    /// For how many seconds a challenge waits for its answer. 30.
    pub patience: u64,
    /// How many challenges may be open for one subscriber, those that were answered wrongly
    /// included. 8.
    pub challenges_each: usize,
    /// How many challenges may be open in all, counted alike. 10 000.
    pub challenges: usize,
}

impl Settings {
    /// Of the BSF with this domain name, which is its realm and the end of each B-TID.
    ///
    /// # Errors
    /// [`InvalidQuoted`] for text that is no name.
    pub fn new(name: &str) -> Result<Self, InvalidQuoted> {
        Ok(Self {
            name: name.parse()?,
            uri: UriCheck::Strict,
            ks_on_card: KsOnCard::default(),
            lifetime: 24 * 60 * 60,
            patience: 30,
            challenges_each: 8,
            challenges: 10_000,
        })
    }
}

/// A bootstrapping server function over the subscribers of a [`Centre`].
pub struct Bsf<D> {
    centre: Arc<Centre<D>>,
    settings: Settings,
    state: Mutex<State>,
}

impl<D> Bsf<D> {
    /// Nothing is open yet.
    pub fn new(centre: Arc<Centre<D>>, settings: Settings) -> Self {
        let state = Mutex::new(State::new(&settings));
        Self {
            centre,
            settings,
            state,
        }
    }

    /// How it goes about it.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// No change of the state ends in the middle.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D> fmt::Debug for Bsf<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bsf = f.debug_struct("Bsf");
        bsf.field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
