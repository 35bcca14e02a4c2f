//! `usim-server`: share SIMs over HTTPS.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use server_kit::{config::Effective, manuals};
use usim_server::{
    cli::{Cli, Command, NewToken, TokenCommand},
    run,
};

fn main() -> ExitCode {
    match start(Cli::parse_with_environment()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("usim-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Some(Command::Token(TokenCommand::New(new))) => return make_token(&new),
        Some(Command::Manuals { folder }) => {
            return Ok(manuals::write(Cli::described(), &folder)?);
        }
        _ => {}
    }
    let options = match cli.layers.effective()? {
        Effective::Run(options) => options,
        Effective::Print(text) => return Ok(io::stdout().write_all(text.as_bytes())?),
        _ => return Ok(()),
    };
    options.log.start()?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(run(options))
}

fn make_token(new: &NewToken) -> anyhow::Result<()> {
    let (token, table) = new.make()?;
    eprintln!("The token of {}, which is not shown again:", new.name);
    eprintln!("{}", token.expose());
    Ok(io::stdout().write_all(table.as_bytes())?)
}
