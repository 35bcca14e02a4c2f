//! `usimctl shell`: one card, command after command.

use std::io::{self, BufRead, IsTerminal};

use anyhow::Context;
use clap::Parser;
use usim::Card;

use crate::cli::{CardCommand, Exit, Failure, Report, SubscriberCommand, report::Text};

/// A line of the shell.
#[derive(Parser)]
#[command(
    name = "",
    multicall = false,
    no_binary_name = true,
    disable_version_flag = true
)]
struct Line {
    #[command(subcommand)]
    command: ShellCommand,
}

#[derive(clap::Subcommand)]
enum ShellCommand {
    #[command(flatten)]
    Subscriber(SubscriberCommand),
    #[command(flatten)]
    Card(CardCommand),
    /// Reset the card: selections and verified PINs are lost
    Reset,
    /// Leave the shell
    #[command(alias = "quit")]
    Exit,
}

/// Reads commands until there are no more; a wrong one does not end it.
pub(crate) fn run(mut card: Card, json: bool) -> Result<Exit, Failure> {
    let prompt = io::stdin().is_terminal() && !json;
    let mut last = Exit::Done;
    loop {
        if prompt {
            eprint!("usim> ");
        }
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        let read = read.context("cannot read standard input");
        if read.map_err(Failure::System)? == 0 {
            return Ok(last);
        }
        let words = line.split_whitespace();
        let words: Vec<&str> = words.take_while(|word| !word.starts_with('#')).collect();
        if words.is_empty() {
            continue;
        }
        let command = match Line::try_parse_from(words) {
            Ok(Line { command }) => command,
            Err(error) => {
                last = Exit::Usage;
                error
                    .print()
                    .context("cannot write")
                    .map_err(Failure::System)?;
                continue;
            }
        };
        if let ShellCommand::Exit = command {
            return Ok(last);
        }
        last = match command.run(&mut card) {
            Ok(report) => report.print(json, &mut io::stdout().lock())?,
            Err(failure) => {
                eprintln!("{failure}");
                failure.exit()
            }
        };
    }
}

impl ShellCommand {
    fn run(self, card: &mut Card) -> Result<Report, Failure> {
        match self {
            Self::Subscriber(command) => command.run(card),
            Self::Card(command) => command.run(card),
            Self::Reset | Self::Exit => {
                card.transport_mut().reset().map_err(usim::Error::from)?;
                Ok(Report::new(
                    Text::default(),
                    serde_json::json!({"result": "reset"}),
                ))
            }
        }
    }
}
