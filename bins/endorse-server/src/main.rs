//! `endorse-server`: SIM challenge in, signed token out.

use std::process::ExitCode;

use endorse_server::cli::Cli;
use server_kit::cli::exit;

fn main() -> ExitCode {
    exit("endorse-server", Cli::parse_with_environment().run())
}
