//! `usimctl emulate`: a software card for other programs.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use usim::soft::{
    Quirks, SoftCard, Stop,
    modem::{self, Event},
};

use crate::cli::{Exit, Failure, source, vpcd, vpcd::Address};

#[derive(Args)]
pub(crate) struct Emulate {
    #[command(flatten)]
    front: Front,
    /// The card's identity and keys, a TOML file
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Where the card keeps its sequence numbers, PINs and files
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Front {
    /// Put it into vsmartcard's virtual reader that listens there: HOST or HOST:PORT
    #[arg(long, value_name = "ADDR")]
    vpcd: Option<Address>,
    /// Put it into a modem that speaks AT commands at this name, a link to a pseudo terminal
    #[arg(long, value_name = "LINK")]
    pty: Option<PathBuf>,
}

impl Emulate {
    /// Until it is killed.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let profile = source::soft_profile(self.profile.as_deref())?;
        let quirks = profile.quirks.clone();
        let mut card = source::soft_card(profile, self.state.as_deref())?;
        match (self.front.vpcd, &self.front.pty) {
            (Some(address), _) => Ok(vpcd::run(&mut card, address)),
            (None, Some(link)) => modem(&mut card, link, &quirks),
            (None, None) => unreachable!("one of the group is required"),
        }
    }
}

fn modem(card: &mut SoftCard, link: &Path, quirks: &Quirks) -> Result<Exit, Failure> {
    let name = link.display();
    modem::run(card, link, quirks, &Stop::new(), |event| match event {
        Event::Ready => eprintln!("usimctl: the modem is at {name}"),
        Event::HungUp | _ => eprintln!("usimctl: the modem hung up"),
    })
    .with_context(|| name.to_string())
    .map_err(Failure::System)?;
    Ok(Exit::Done)
}
