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

/// The programs that describe themselves, by the hidden commands `manpages` and `completions`.
const PROGRAMS: [&str; 3] = ["auc", "usim-server", "usimctl"];

/// The shells they know.
const SHELLS: [&str; 3] = ["bash", "fish", "zsh"];

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
    let [pages, completions] = ["man", "completions"].map(|kind| out.join(kind));
    for folder in [&pages, &completions] {
        fs::create_dir_all(folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    }
    for program in PROGRAMS {
        asked(program)
            .args(["manpages"])
            .args([&pages])
            .run_in_sight()?;
        for shell in SHELLS {
            let file = completions.join(format!("{program}.{shell}"));
            let text = asked(program).args(["completions", shell]).output()?;
            fs::write(&file, text)
                .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        }
    }
    println!("written to {}", out.display());
    Ok(())
}

fn asked(program: &str) -> Invocation {
    let run = [
        "run",
        "--quiet",
        "--package",
        program,
        "--bin",
        program,
        "--",
    ];
    Invocation::cargo().args(run)
}
