//! Man pages and completions, as a program describes itself.

use std::{io, path::Path};

use clap::Command;
use clap_complete::Shell;

/// Writes the man pages of a program and of its subcommands, and completions for bash, fish and zsh.
///
/// # Errors
/// The folder cannot be written to.
pub fn write(mut command: Command, folder: &Path) -> io::Result<()> {
    let name = command.get_name().to_owned();
    for shell in [Shell::Bash, Shell::Fish, Shell::Zsh] {
        clap_complete::generate_to(shell, &mut command, &name, folder)?;
    }
    clap_mangen::generate_to(command, folder)
}
