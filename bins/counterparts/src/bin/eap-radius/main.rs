//! Our EAP over RADIUS: a peer for hostapd's server, and a server for `eapol_test`. It runs inside
//! a test's namespace, and prints a line for each conversation.
#![expect(clippy::print_stdout, reason = "the test reads what is printed")]

mod login;
mod serve;
mod subscriber;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    role: Role,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Logs in again and again.
    Login(login::Login),
    /// Lets clients in until it is killed.
    Serve(serve::Serve),
}

/// The method, as the command line has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Method {
    Sim,
    Aka,
    AkaPrime,
}

/// What a server gives out, or a peer keeps, for the next time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Names {
    None,
    Pseudonym,
    All,
}

fn main() -> Result<()> {
    match Arguments::parse().role {
        Role::Login(login) => login.run(),
        Role::Serve(serve) => serve.run(),
    }
}
