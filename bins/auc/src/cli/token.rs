//! `auc token`: callers of the server.

use std::process::ExitCode;

use auc::{bsf::http::scope as bsf_scope, http::scope};
use clap::{Args, Subcommand};
use server_kit::caller::{CallerScopes, NewToken};

use crate::cli::Failure;

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token: it is shown once, on standard error; what the server needs to know of it goes
    /// to standard output
    New(NewCaller),
}

#[derive(Args)]
pub(crate) struct NewCaller {
    #[command(flatten)]
    token: NewToken<Scopes>,
    /// What the caller may reach: an IMSI or, for keys of a NAF, the NAF's domain name; may be given
    /// again. All of them if it is left out
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

/// What callers may be allowed.
#[derive(Clone, Debug)]
struct Scopes;

impl CallerScopes for Scopes {
    const PREFIX: &'static str = "auc";

    fn all() -> Vec<&'static str> {
        [scope::ALL, bsf_scope::ALL].concat()
    }
}

impl TokenCommand {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let Self::New(new) = self;
        let made = new.token.run(&new.only);
        made.map_err(|error| Failure::Failed(error.into()))?;
        Ok(ExitCode::SUCCESS)
    }
}
