//! `passkey-server export` and `import`: everything that lasts, from one database into another.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Read as _, Write as _, stdin, stdout};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use server_kit::config::Place;

use crate::config::beside;
use crate::state::now;
use crate::transfer::{self, Secrets};

/// What goes out, and where to.
#[derive(Args, Debug)]
#[non_exhaustive]
pub struct ExportCommand {
    #[command(flatten)]
    place: Place,
    /// Leave out the keys that sign; they are wrapped with the sealing key otherwise
    #[arg(long)]
    without_keys: bool,
    /// Where to; the file must not be there yet [default: standard output]
    file: Option<PathBuf>,
}

/// What comes in, and from where.
#[derive(Args, Debug)]
#[non_exhaustive]
pub struct ImportCommand {
    #[command(flatten)]
    place: Place,
    /// Where from [default: standard input]
    file: Option<PathBuf>,
}

impl ExportCommand {
    /// Writes the file; one that could not be written whole is taken away again.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub(super) async fn run(self) -> Result<String> {
        let kept = beside(&self.place).await?;
        let secrets = if self.without_keys {
            Secrets::LeftOut
        } else {
            Secrets::Wrapped
        };
        let export = transfer::export(&*kept.store, secrets, now()).await?;
        let Some(path) = &self.file else {
            let mut out = stdout().lock();
            serde_json::to_writer(&mut out, &export)?;
            writeln!(out)?;
            return Ok(String::new());
        };
        write(path, &export)?;
        Ok(format!("{} rows are in {}\n", export.len(), path.display()))
    }
}

impl ImportCommand {
    /// Takes in all of the file or nothing.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub(super) async fn run(self) -> Result<String> {
        let text = if let Some(path) = &self.file {
            fs::read_to_string(path).with_context(|| path.display().to_string())?
        } else {
            let mut text = String::new();
            stdin().read_to_string(&mut text)?;
            text
        };
        let export = transfer::Export::parse(&text)?;
        let kept = beside(&self.place).await?;
        let rows = export.import(&*kept.store, &kept.sealer, now()).await?;
        Ok(format!("{rows} rows are in the database\n"))
    }
}

fn write(path: &Path, export: &transfer::Export) -> Result<()> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    let file = opened.with_context(|| match fs::exists(path) {
        Ok(true) => format!(
            "{} is there already, and is not written over",
            path.display()
        ),
        _ => format!("cannot make {}", path.display()),
    })?;
    let written = fill(file, export);
    if written.is_err() {
        fs::remove_file(path)?;
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}

fn fill(file: File, export: &transfer::Export) -> Result<()> {
    let mut out = BufWriter::new(file);
    serde_json::to_writer(&mut out, export)?;
    writeln!(out)?;
    let file = out.into_inner()?;
    Ok(file.sync_all()?)
}
