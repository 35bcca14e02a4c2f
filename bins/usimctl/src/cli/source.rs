//! Where the SIM is.

mod remote;
mod soft;
mod trace;

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;
use usim::{
    Card, Subscriber,
    transport::{Transport, remote::Server},
};

use crate::cli::{Failure, pin};
use remote::RemoteArgs;
use soft::SoftArgs;
pub(crate) use soft::{card as soft_card, profile as soft_profile};

/// Where the SIM is, and how to get at it.
#[derive(Args)]
#[command(next_help_heading = "Where the SIM is")]
pub(crate) struct SourceArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    soft: SoftArgs,
    #[command(flatten)]
    server: RemoteArgs,
    /// Write what passes between here and the card into this file, for Wireshark, or for people
    /// where its name ends in .txt; what is secret is left out
    #[arg(long, global = true, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Verify PIN1 from this file first, if the card asks for it; - is standard input
    #[arg(long, global = true, value_name = "FILE")]
    unlock: Option<PathBuf>,
}

#[derive(Args)]
#[group(multiple = false)]
struct Place {
    /// A PC/SC reader: its name, a part of it that no other has, or its number
    #[cfg(feature = "pcsc")]
    #[arg(long, short, global = true, value_name = "NAME")]
    reader: Option<String>,
    /// A modem's serial port, such as /dev/ttyUSB2
    #[cfg(feature = "serial")]
    #[arg(long, short, global = true, value_name = "PORT")]
    modem: Option<String>,
    /// A server that shares SIMs: HOST, HOST:PORT or a URL
    #[arg(long, global = true, value_name = "URL")]
    remote: Option<String>,
    /// A software card, new with each start unless --soft-state keeps it
    #[arg(long, global = true)]
    soft: bool,
}

impl SourceArgs {
    /// The card, unlocked.
    pub(crate) fn card(&self) -> Result<Card, Failure> {
        let mut card = Card::open_boxed(self.transport()?)?;
        if let Some(file) = &self.unlock {
            pin::unlock(&mut card, file)?;
        }
        Ok(card)
    }

    /// The server that shares the SIM, if it is behind one of usim-server's own dialect.
    pub(crate) fn server(&self) -> Result<Option<Server>, Failure> {
        let Some(url) = self
            .place
            .remote
            .as_ref()
            .filter(|_| self.server.is_typed())
        else {
            return Ok(None);
        };
        self.server.server(url).map(Some)
    }

    /// Whoever answers challenges.
    pub(crate) fn subscriber(&self) -> Result<Box<dyn Subscriber>, Failure> {
        match &self.place.remote {
            Some(url) if self.trace.is_none() => Ok(Box::new(self.server.subscriber(url)?)),
            _ => Ok(Box::new(self.card()?)),
        }
    }

    /// The way to the card, traced if that is wanted.
    pub(crate) fn transport(&self) -> Result<Box<dyn Transport>, Failure> {
        let way = self.way()?;
        match &self.trace {
            Some(path) => trace::to(path, way),
            None => Ok(way),
        }
    }

    fn way(&self) -> Result<Box<dyn Transport>, Failure> {
        if let Some(url) = &self.place.remote {
            return Ok(Box::new(self.server.transport(url)?));
        }
        if self.place.soft || self.soft.is_given() {
            return Ok(Box::new(self.soft.card()?));
        }
        #[cfg(feature = "serial")]
        if let Some(port) = &self.place.modem {
            return modem(port);
        }
        self.reader()
    }

    #[cfg(feature = "pcsc")]
    fn reader(&self) -> Result<Box<dyn Transport>, Failure> {
        use usim::transport::pcsc::PcscTransport;

        let reader = match &self.place.reader {
            Some(name) => name.clone(),
            None => only_card()?,
        };
        let connected = match reader.parse::<usize>() {
            Ok(index) => PcscTransport::connect(index),
            Err(_) => PcscTransport::connect(reader.as_str()),
        };
        Ok(Box::new(connected.map_err(usim::Error::from)?))
    }

    #[cfg(not(feature = "pcsc"))]
    fn reader(&self) -> Result<Box<dyn Transport>, Failure> {
        Err(nowhere())
    }
}

#[cfg(feature = "serial")]
fn modem(port: &str) -> Result<Box<dyn Transport>, Failure> {
    use usim::transport::serial::{Options, SerialTransport};

    let modem = SerialTransport::open(port, Options::default()).map_err(usim::Error::from)?;
    Ok(Box::new(modem))
}

/// The reader with the only card of this machine.
#[cfg(feature = "pcsc")]
fn only_card() -> Result<String, Failure> {
    use usim::transport::pcsc::{Presence, readers};

    let readers = readers().map_err(|_no_daemon| nowhere())?;
    let mut full = readers
        .into_iter()
        .filter(|reader| matches!(reader.presence, Presence::Card { .. }));
    match (full.next(), full.next()) {
        (Some(reader), None) => Ok(reader.name),
        (None, _) => Err(nowhere()),
        (Some(_), Some(_)) => {
            let several = anyhow!("several readers have cards: name one with --reader");
            Err(Failure::Usage(several))
        }
    }
}

fn nowhere() -> Failure {
    Failure::Usage(anyhow!(
        "no reader has a card in it\nhint: readers need pcscd; --soft needs no card; --help lists where else a SIM may be"
    ))
}
