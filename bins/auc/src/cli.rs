//! The command line: what may be asked, and how answers are shown.

mod diagnose;
mod directory;
mod explain;
mod key;
mod keys;
mod number;
mod report;
mod serve;
mod subscriber;
mod token;
mod vector;

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

use report::Report;
use server_kit::config::with_environment;

/// An authentication centre (3GPP TS 33.102) on the command line.
///
/// Exit status: 0 done; 1 failed, or a MAC does not match; 2 wrong arguments or input.
#[derive(Parser)]
#[command(name = "auc", version, after_help = KEYS)]
pub(crate) struct Cli {
    /// Print JSON, for programs
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const KEYS: &str = "\
Keys: --k, --opc, --op, --topc and --top take hexadecimal digits, @FILE, or - for the next line of \
standard input. Digits on the command line are seen by everyone who may list processes, and stay in the \
shell's history: prefer @FILE or -.";

#[derive(Subcommand)]
enum Command {
    /// Make an authentication vector with MILENAGE, TUAK or, for tests, XOR
    #[command(after_help = KEYS)]
    Vector(vector::Vector),
    /// Read a card's resynchronisation token: SQN_MS, and whether its MAC is right
    #[command(after_help = KEYS)]
    Resync(vector::Resync),
    /// Compute OPc from OP and K, or TOPc from TOP and K
    #[command(after_help = KEYS)]
    Opc(vector::ComputeOpc),
    /// Show every intermediate value of a vector, and what goes into every key derivation
    #[command(after_help = KEYS)]
    Explain(explain::Explain),
    /// Find out which keys, or which habits of the other side, explain a token that was seen
    #[command(after_help = KEYS)]
    Diagnose(diagnose::Diagnose),
    /// Who is in a database of subscribers
    Subscriber(subscriber::SubscriberCommand),
    /// Make a token for a caller of `serve --listen`
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Be the home: answer hostapd on its eap_sim_db socket, and callers over HTTPS
    Serve(Box<serve::Serve>),
    /// Write man pages and shell completions into a folder
    #[command(hide = true)]
    Manuals { folder: PathBuf },
}

/// Why a command came to nothing.
pub(crate) enum Failure {
    /// Arguments or input are wrong.
    Usage(anyhow::Error),
    /// The rest.
    Failed(anyhow::Error),
}

impl Cli {
    /// Reads the command line and the environment, or says what is wrong with them and exits.
    pub(crate) fn parse_with_environment() -> Self {
        let command =
            Self::command().mut_subcommand("serve", |serve| with_environment(serve, "auc"));
        let matches = command.get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let mut input = io::stdin().lines();
        let report = match self.command {
            Command::Vector(vector) => vector.run(&mut input)?,
            Command::Resync(resync) => resync.run(&mut input)?,
            Command::Opc(opc) => opc.run(&mut input)?,
            Command::Explain(explain) => explain.run(&mut input)?,
            Command::Diagnose(diagnose) => diagnose.run(&mut input)?,
            Command::Subscriber(subscriber) => subscriber.run(&mut input)?,
            Command::Token(token) => return token.run(),
            Command::Serve(serve) => return serve.run(),
            Command::Manuals { folder } => {
                let written = manuals(&folder).context("cannot write the manuals");
                written.map_err(Failure::Failed)?;
                return Ok(ExitCode::SUCCESS);
            }
        };
        report.print(self.json, &mut io::stdout().lock())
    }
}

fn manuals(folder: &Path) -> io::Result<()> {
    let mut command = Cli::command();
    for shell in [Shell::Bash, Shell::Fish, Shell::Zsh] {
        clap_complete::generate_to(shell, &mut command, "auc", folder)?;
    }
    clap_mangen::generate_to(command, folder)
}
