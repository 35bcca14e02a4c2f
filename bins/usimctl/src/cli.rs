//! The command line: what may be asked, and how answers are shown.

mod apdu;
mod attach;
mod auth;
mod bridge;
mod emulate;
mod endorse;
mod exit;
mod files;
mod gba;
mod hex;
mod info;
mod manuals;
mod pin;
mod readers;
mod remote;
mod report;
mod secret;
mod shell;
mod source;
mod vpcd;

use std::{io, path::PathBuf};

use clap::{Parser, Subcommand};
use usim::{Card, Subscriber};

pub(crate) use exit::{Exit, Failure};
use report::Report;
use source::SourceArgs;

/// Talk to a SIM: in a PC/SC reader, in a modem, behind a server, or made of software.
///
/// Without a word on where the SIM is, it is the only card in the readers of this machine.
#[derive(Parser)]
#[command(name = "usimctl", version, after_help = exit::STATUSES)]
pub(crate) struct Cli {
    #[command(flatten)]
    source: SourceArgs,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the PC/SC readers and what is in them, or with --remote the server's SIMs
    Readers,
    #[command(flatten)]
    Subscriber(SubscriberCommand),
    #[command(flatten)]
    Card(CardCommand),
    /// Show a software card to other programs
    Emulate(emulate::Emulate),
    /// Make the SIM a local PC/SC reader, wherever it sits
    Attach(attach::Attach),
    /// Answer wpa_supplicant, so that this machine joins a Wi-Fi with the SIM
    WpaBridge(bridge::WpaBridge),
    /// Give several commands to one card, one a line
    Shell,
    /// Write man pages and shell completions into a folder
    #[command(hide = true)]
    Manuals { folder: PathBuf },
}

/// What any subscriber can be asked, also behind a server that passes no APDUs.
#[derive(Subcommand)]
enum SubscriberCommand {
    /// Print the IMSI
    Imsi,
    /// Answer a challenge
    Auth(auth::Auth),
    /// Agree with the home on keys for servers (GBA), and use them
    Gba(Box<gba::Gba>),
    /// Prove the SIM to a server, and print the signed token that it gives
    Endorse(endorse::Endorse),
}

/// What takes the card itself.
#[derive(Subcommand)]
enum CardCommand {
    /// Show what the card is and whom it belongs to
    Info,
    /// Print the number of the card
    Iccid,
    /// Send commands as they are
    Apdu(apdu::Apdu),
    /// Show the files of the card and what they say
    Files(files::Files),
    /// See to the PINs
    #[command(subcommand)]
    Pin(pin::PinCommand),
}

impl Cli {
    /// Whether programs read the answer.
    pub(crate) const fn is_for_programs(&self) -> bool {
        self.json
    }

    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let source = self.source;
        let report = match self.command {
            Command::Readers => match source.server()? {
                Some(server) => remote::list(&server)?,
                None => readers::list()?,
            },
            Command::Subscriber(command) => command.run(&mut *source.subscriber()?)?,
            Command::Card(CardCommand::Info) => info(&source)?,
            Command::Card(command) => command.run(&mut source.card()?)?,
            Command::Emulate(emulate) => return emulate.run(),
            Command::Attach(attach) => return attach.run(&source),
            Command::WpaBridge(bridge) => return bridge.run(source),
            Command::Shell => return shell::run(source.card()?, self.json),
            Command::Manuals { folder } => return manuals::write(&folder),
        };
        report.print(self.json, &mut io::stdout().lock())
    }
}

/// Everything that the card tells, or a server without asking it.
fn info(source: &SourceArgs) -> Result<Report, Failure> {
    let told = source.card().and_then(|mut card| info::all(&mut card));
    match (told, source.server()?) {
        (Err(failure), Some(server)) if remote::carries_no_commands(&failure) => {
            remote::describe(&server)
        }
        (told, _) => told,
    }
}

impl SubscriberCommand {
    fn run(self, subscriber: &mut dyn Subscriber) -> Result<Report, Failure> {
        match self {
            Self::Imsi => info::imsi(subscriber),
            Self::Auth(auth) => auth.run(subscriber),
            Self::Gba(gba) => gba.run(subscriber),
            Self::Endorse(endorse) => endorse.run(subscriber),
        }
    }
}

impl CardCommand {
    fn run(self, card: &mut Card) -> Result<Report, Failure> {
        match self {
            Self::Info => info::all(card),
            Self::Iccid => info::iccid(card),
            Self::Apdu(apdu) => apdu.run(card),
            Self::Files(files) => files.run(card),
            Self::Pin(pin) => pin.run(card),
        }
    }
}
