//! `demo-rp`: a service that has people sign in, and sign, with passkeys.

use std::process::ExitCode;

use demo_rp::cli::Cli;
use server_kit::cli::exit;

fn main() -> ExitCode {
    exit("demo-rp", Cli::parse_with_environment().run())
}
