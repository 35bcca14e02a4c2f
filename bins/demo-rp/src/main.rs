//! `demo-rp`: a service that has people sign in, and sign, with passkeys.

use std::process::ExitCode;

use demo_rp::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse_with_environment().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo-rp: {error:#}");
            ExitCode::FAILURE
        }
    }
}
