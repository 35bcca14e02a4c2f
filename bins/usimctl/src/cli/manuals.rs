//! Man pages and completions, as the program describes itself.

use std::{io, path::Path};

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::{Cli, Exit, Failure};

pub(crate) fn write(folder: &Path) -> Result<Exit, Failure> {
    let written = write_all(folder).context("cannot write the manuals");
    written.map_err(Failure::System)?;
    Ok(Exit::Done)
}

fn write_all(folder: &Path) -> io::Result<()> {
    let mut command = Cli::command();
    for shell in [Shell::Bash, Shell::Fish, Shell::Zsh] {
        clap_complete::generate_to(shell, &mut command, "usimctl", folder)?;
    }
    clap_mangen::generate_to(command, folder)
}
