//! `passkey-server`: passkeys in, signed answers out.

use std::process::ExitCode;

use passkey_server::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse_with_environment().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("passkey-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}
