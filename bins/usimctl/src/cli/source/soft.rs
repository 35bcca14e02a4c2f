//! The software card, as its flags describe it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;
use usim::soft::{Profile, SoftCard, StateFile};

use crate::cli::Failure;

#[derive(Args)]
pub(crate) struct SoftArgs {
    /// A software card with the identity and keys of this TOML file
    #[arg(long, global = true, value_name = "FILE")]
    soft_profile: Option<PathBuf>,
    /// A software card that keeps its sequence numbers, PINs and files here
    #[arg(long, global = true, value_name = "FILE")]
    soft_state: Option<PathBuf>,
}

impl SoftArgs {
    /// Whether one is asked for.
    pub(crate) const fn is_given(&self) -> bool {
        self.soft_profile.is_some() || self.soft_state.is_some()
    }

    pub(crate) fn card(&self) -> Result<SoftCard, Failure> {
        card(
            profile(self.soft_profile.as_deref())?,
            self.soft_state.as_deref(),
        )
    }
}

/// The profile in a file, or the default one.
pub(crate) fn profile(path: Option<&Path>) -> Result<Profile, Failure> {
    let profile = path.map(read).transpose();
    Ok(profile.map_err(Failure::Usage)?.unwrap_or_default())
}

/// The card of a profile, which goes on where its state was left.
pub(crate) fn card(profile: Profile, state: Option<&Path>) -> Result<SoftCard, Failure> {
    match state {
        Some(path) => resume(profile, path).map_err(Failure::System),
        None => Ok(SoftCard::new(profile)),
    }
}

fn read(path: &Path) -> anyhow::Result<Profile> {
    let profile = fs::read_to_string(path).context("cannot read the profile");
    let profile = profile.and_then(|text| Ok(Profile::from_toml(&text)?));
    profile.with_context(|| path.display().to_string())
}

fn resume(profile: Profile, path: &Path) -> anyhow::Result<SoftCard> {
    let card = StateFile::open(path).and_then(|state| SoftCard::with_state(profile, state));
    card.with_context(|| path.display().to_string())
}
