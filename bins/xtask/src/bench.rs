//! `cargo xtask bench`: the benchmarks, in sight.

use crate::arguments::Arguments;
use crate::invocation::Invocation;

const HELP: &str = "\
Run the benchmarks of one crate or of all.

Usage: cargo xtask bench [CRATE] [-- FILTER...]

docs/benchmarks.md says what is measured, against what, and how to read it.";

/// # Errors
/// When a benchmark does not build or run.
pub(crate) fn run(mut arguments: Arguments) -> Result<(), String> {
    if arguments.flag("--help") {
        println!("{HELP}");
        return Ok(());
    }
    let mut words = arguments.into_rest().into_iter().peekable();
    let package = words.next_if(|word| word != "--");
    let words: Vec<String> = words.collect();
    let bench = Invocation::cargo().args(["bench"]);
    let bench = match &package {
        Some(package) => bench.args(["--package", package]),
        None => bench.args(["--workspace", "--exclude=fuzz"]),
    };
    bench
        .args(["--all-features", "--bench", "*"])
        .args(&words)
        .run_in_sight()?;
    if package.is_none_or(|package| package == PEERS_OF) {
        let peers = Invocation::cargo().args(["bench", "--locked", "--manifest-path", PEERS]);
        peers.args(&words).run_in_sight()?;
    }
    Ok(())
}

/// The crate whose benchmark runs once more, against a peer that the workspace keeps out of its
/// tree.
const PEERS_OF: &str = "strict-jws";
const PEERS: &str = "endorse/jws/benches/peers/Cargo.toml";
