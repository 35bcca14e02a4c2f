//! Where the commands beside a server find what the server keeps.

use std::path::PathBuf;

use clap::Args;

use super::{DatabaseOptions, Located, NotLocated};

/// The database that a command shares with the server. Its flags may stand before and after the
/// command's own subcommand.
#[derive(Clone, Debug, Default, Args)]
#[non_exhaustive]
pub struct Place {
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// The server's state folder
    #[arg(long, value_name = "DIR", help_heading = "Database", global = true)]
    pub state_dir: Option<PathBuf>,
}

impl Place {
    /// Finds the database of `program`, by default `file` in its state folder, and makes nothing.
    ///
    /// # Errors
    /// [`NotLocated`], such as for a database in the server's memory.
    pub fn locate(&self, program: &str, file: &str) -> Result<Located, NotLocated> {
        if self.database.is_memory() {
            return Err(NotLocated::Memory);
        }
        let state_dir = self.state_dir.as_deref();
        self.database.locate(program, state_dir, file)
    }
}

#[cfg(test)]
mod tests {
    use clap::{Parser, Subcommand};

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        place: Place,
        #[command(subcommand)]
        _action: Action,
    }

    #[derive(Subcommand)]
    enum Action {
        List,
    }

    fn located(flags: &str) -> Result<Located, NotLocated> {
        let cli = Cli::try_parse_from(flags.split_whitespace()).unwrap();
        cli.place.locate("kit-demo", "demo.db")
    }

    #[test]
    fn flags_stand_on_either_side_of_the_subcommand() {
        for flags in [
            "demo --state-dir /s --sealing-key /k list",
            "demo list --state-dir /s --sealing-key /k",
            "demo --sealing-key /k list --state-dir /s",
        ] {
            let located = located(flags).unwrap();
            assert_eq!(located.file(), Some("/s/demo.db".into()), "{flags}");
            assert_eq!(located.key_file(), Some("/k".as_ref()), "{flags}");
        }
    }

    #[test]
    fn what_another_process_keeps_in_memory_is_not_to_be_had() {
        let refused = located("demo list --database memory").unwrap_err();
        assert!(matches!(refused, NotLocated::Memory), "{refused}");
    }
}
