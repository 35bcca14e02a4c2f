//! `auc token`: callers of the server.

use std::{io::Write, process::ExitCode};

use anyhow::Context;
use auc::{bsf::http::scope as bsf_scope, http::scope};
use clap::{Args, Subcommand, builder::PossibleValuesParser};
use server_kit::caller::{Entry, Token};

use crate::cli::Failure;

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token: it is shown once, on standard error; what the server needs to know of it goes
    /// to standard output
    New(NewToken),
}

#[derive(Args)]
pub(crate) struct NewToken {
    /// The caller's name, for the audit trail
    name: String,
    /// What it allows; may be given again
    #[arg(long, required = true, value_parser = PossibleValuesParser::new(scopes()))]
    scope: Vec<String>,
    /// What the caller may reach: an IMSI or, for keys of a NAF, the NAF's domain name; may be given
    /// again. All of them if it is left out
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

fn scopes() -> Vec<&'static str> {
    [scope::ALL, bsf_scope::ALL].concat()
}

impl TokenCommand {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let Self::New(NewToken { name, scope, only }) = self;
        let token = Token::generate("auc").context("the system has no random numbers");
        let token = token.map_err(Failure::Failed)?;
        let entry = Entry::for_token(&name, token.digest(), scope);
        let entry = if only.is_empty() {
            entry
        } else {
            entry.only(only)
        };
        let table = entry.to_toml().context("the name cannot be written");
        let table = table.map_err(Failure::Usage)?;
        eprintln!("The token of {name}, which is not shown again:");
        eprintln!("{}", token.expose());
        let written = std::io::stdout().write_all(table.as_bytes());
        written.map_err(|error| Failure::Failed(error.into()))?;
        Ok(ExitCode::SUCCESS)
    }
}
