//! `cargo xtask manuals`: man pages and shell completions, as the programs describe themselves.

use std::fs;
use std::path::PathBuf;

use crate::arguments::Arguments;
use crate::invocation::Invocation;
use crate::workspace;

const HELP: &str = "\
Write man pages and shell completions.

Usage: cargo xtask manuals [--out FOLDER]

Options:
  --out FOLDER  Where to, instead of `manuals` in the build folder";

/// The programs that describe themselves, by the hidden command `manuals FOLDER`.
const PROGRAMS: [&str; 4] = ["auc", "endorse-server", "usim-server", "usimctl"];

/// # Errors
/// When a program does not build, or cannot write its pages.
pub(crate) fn run(mut arguments: Arguments) -> Result<(), String> {
    if arguments.flag("--help") {
        println!("{HELP}");
        return Ok(());
    }
    let out = arguments.values("--out")?.pop();
    let out = out.map_or_else(|| workspace::target().join("manuals"), PathBuf::from);
    arguments.finish()?;
    fs::create_dir_all(&out).map_err(|error| format!("cannot make {}: {error}", out.display()))?;
    for program in PROGRAMS {
        let run = [
            "run",
            "--quiet",
            "--package",
            program,
            "--bin",
            program,
            "--",
            "manuals",
        ];
        Invocation::cargo().args(run).args([&out]).run_in_sight()?;
    }
    println!("written to {}", out.display());
    Ok(())
}
