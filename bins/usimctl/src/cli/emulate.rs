//! `usimctl emulate`: a software card for other programs.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{Exit, Failure, source, vpcd, vpcd::Address};

#[derive(Args)]
pub(crate) struct Emulate {
    /// Put it into vsmartcard's virtual reader that listens there: HOST or HOST:PORT
    #[arg(long, value_name = "ADDR")]
    vpcd: Address,
    /// The card's identity and keys, a TOML file
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Where the card keeps its sequence numbers, PINs and files
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

impl Emulate {
    /// Until it is killed.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let mut card = source::soft_card(self.profile.as_deref(), self.state.as_deref())?;
        Ok(vpcd::run(&mut card, self.vpcd))
    }
}
