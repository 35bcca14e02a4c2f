//! `passkey-verify`: what was signed, by which key, when; without the server that asked for it.

mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::Parser;
use passkey_idp::evidence::{Trust, Verified, verify};
use strict_jws::{KeySet, Unsupported};

/// Verify evidence of what a passkey signed, offline.
///
/// Exits with 0 and says what was signed, by which key and when; with 1 and the reason why that is not
/// proven; or with 3 if the package is whole, and nobody has said whose key certified it: anybody makes
/// such a package with a key of their own.
#[derive(Parser)]
#[command(name = "passkey-verify", version)]
struct Arguments {
    /// The package of evidence
    file: PathBuf,
    /// The server's public keys, as a JWK set: without them the package shows that it is whole, and not
    /// who made it
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Be content with a whole package, whoever made it
    #[arg(long, conflicts_with = "keys")]
    any_key: bool,
    /// Write the data that was signed beside the text to this file
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok((report, Maker::Unknown)) => {
            print(&report);
            eprintln!("passkey-verify: {UNKNOWN}");
            ExitCode::from(WHOLE_ONLY)
        }
        Ok((report, Maker::Named | Maker::Anyone)) => {
            print(&report);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("passkey-verify: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Who is known to have made a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maker {
    /// Whoever has one of the keys that were named.
    Named,
    /// Anyone may have, and that was said to be enough.
    Anyone,
    /// Nobody has said.
    Unknown,
}

impl Arguments {
    const fn maker(&self) -> Maker {
        match (&self.keys, self.any_key) {
            (Some(_), _) => Maker::Named,
            (None, true) => Maker::Anyone,
            (None, false) => Maker::Unknown,
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<(String, Maker)> {
    let package = fs::read_to_string(&arguments.file)
        .with_context(|| format!("cannot read {}", arguments.file.display()))?;
    let keys = arguments.keys.as_ref().map(keys).transpose()?;
    let trust = keys.as_ref().map_or(Trust::Embedded, Trust::Keys);
    // An editor may have ended the only line.
    let verified = verify(package.trim_end_matches(['\r', '\n']), &trust).context("not proven")?;
    let maker = arguments.maker();
    if let Some(path) = &arguments.data {
        write_data(path, &verified, maker)?;
    }
    Ok((report::of(&verified, maker), maker))
}

/// Hands out what was signed beside the text: never what anybody may have made up, unasked.
fn write_data(path: &Path, verified: &Verified, maker: Maker) -> anyhow::Result<()> {
    ensure!(maker != Maker::Unknown, "{UNKNOWN}; no data is written");
    let data = verified.statement.data.as_ref();
    let data = data.context("nothing was signed beside the text: no data is written")?;
    fs::write(path, data.as_slice()).with_context(|| format!("cannot write {}", path.display()))
}

fn keys(path: &PathBuf) -> anyhow::Result<KeySet> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    KeySet::from_jwks(&text, Unsupported::Skip)
        .with_context(|| format!("{} is no JWK set", path.display()))
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn print(report: &str) {
    print!("{report}");
}

const UNKNOWN: &str =
    "whole, but of an unknown server: give its keys with --keys, or say --any-key";

/// The exit code where a package is whole and its maker unknown.
const WHOLE_ONLY: u8 = 3;
