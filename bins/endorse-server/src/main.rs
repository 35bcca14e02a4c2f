//! `endorse-server`: SIM challenge in, signed token out.

use std::process::ExitCode;

use endorse_server::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse_with_environment().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("endorse-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}
