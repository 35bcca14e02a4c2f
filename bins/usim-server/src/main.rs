//! `usim-server`: share SIMs over HTTPS.

use std::process::ExitCode;

use server_kit::{
    cli::{exit, serve},
    manuals,
};
use usim_server::{
    cli::{Cli, Command},
    run,
};

fn main() -> ExitCode {
    exit("usim-server", start(Cli::parse_with_environment()))
}

fn start(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Some(Command::Token(token)) => return Ok(token.run()?),
        Some(Command::Manuals { folder }) => {
            return Ok(manuals::write(Cli::described(), &folder)?);
        }
        _ => {}
    }
    serve(cli.layers, run)
}
