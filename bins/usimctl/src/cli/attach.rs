//! `usimctl attach`: the SIM as a card in a PC/SC reader of this machine.

use clap::Args;

use crate::cli::{Exit, Failure, source::SourceArgs, vpcd, vpcd::Address};

#[derive(Args)]
pub(crate) struct Attach {
    /// Where vsmartcard's virtual reader listens: HOST or HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1")]
    vpcd: Address,
}

impl Attach {
    /// Until it is killed.
    pub(crate) fn run(&self, source: &SourceArgs) -> Result<Exit, Failure> {
        let mut transport = source.transport()?;
        Ok(vpcd::run(&mut *transport, self.vpcd))
    }
}
