//! `auc`: vectors, resynchronisation, and the home behind hostapd, from the command line.

mod cli;

use std::process::ExitCode;

use cli::{Cli, Failure};

fn main() -> ExitCode {
    match Cli::parse_with_environment().run() {
        Ok(code) => code,
        Err(Failure::Usage(error)) => {
            eprintln!("auc: {error:#}");
            ExitCode::from(2)
        }
        Err(Failure::Failed(error)) => {
            eprintln!("auc: {error:#}");
            ExitCode::FAILURE
        }
    }
}
