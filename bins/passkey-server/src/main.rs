//! `passkey-server`: passkeys in, signed answers out.

use std::process::ExitCode;

use passkey_server::cli::Cli;
use server_kit::cli::exit;

fn main() -> ExitCode {
    exit("passkey-server", Cli::parse_with_environment().run())
}
