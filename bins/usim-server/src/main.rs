//! `usim-server`: share SIMs over HTTPS.

use std::process::ExitCode;

use server_kit::{
    cli::{block_on, exit, print},
    manuals,
};
use usim_server::{
    cli::{Cli, Command, NewToken, TokenCommand},
    run,
};

fn main() -> ExitCode {
    exit("usim-server", start(Cli::parse_with_environment()))
}

fn start(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Some(Command::Token(TokenCommand::New(new))) => return make_token(&new),
        Some(Command::Manuals { folder }) => {
            return Ok(manuals::write(Cli::described(), &folder)?);
        }
        _ => {}
    }
    let Some(options) = cli.layers.settings()? else {
        return Ok(());
    };
    options.log.start()?;
    block_on(run(options))
}

fn make_token(new: &NewToken) -> anyhow::Result<()> {
    let (token, table) = new.make()?;
    eprintln!("The token of {}, which is not shown again:", new.name);
    eprintln!("{}", token.expose());
    Ok(print(&table)?)
}
