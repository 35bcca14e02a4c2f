//! `passkey-verify`: what was signed, by which key, when; without the server that asked for it.

mod report;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use passkey_idp::evidence::{Trust, verify};
use strict_jws::{KeySet, Unsupported};

/// Verify evidence of what a passkey signed, offline.
///
/// Exits with 0 and says what was signed, by which key and when; or with 1 and the reason why that is
/// not proven.
#[derive(Parser)]
#[command(name = "passkey-verify", version)]
struct Arguments {
    /// The package of evidence
    file: PathBuf,
    /// The server's public keys, as a JWK set: without them the package shows that it is whole, and not
    /// who made it
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Write the data that was signed beside the text to this file
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(report) => {
            print(&report);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("passkey-verify: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<String> {
    let package = fs::read_to_string(&arguments.file)
        .with_context(|| format!("cannot read {}", arguments.file.display()))?;
    let keys = arguments.keys.as_ref().map(keys).transpose()?;
    let trust = keys.as_ref().map_or(Trust::Embedded, Trust::Keys);
    // An editor may have ended the only line.
    let verified = verify(package.trim_end_matches(['\r', '\n']), &trust).context("not proven")?;
    if let Some(path) = &arguments.data {
        let data = verified.statement.data.as_ref();
        let data =
            data.context("proven, but nothing was signed beside the text: no data is written")?;
        fs::write(path, data.as_slice())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(report::of(&verified, keys.is_some()))
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
