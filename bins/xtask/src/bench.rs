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
    let bench = Invocation::cargo().args(["bench"]);
    let bench = match words.next_if(|word| word != "--") {
        Some(package) => bench.args(["--package", &package]),
        None => bench.args(["--workspace", "--exclude=fuzz"]),
    };
    bench
        .args(["--all-features", "--bench", "*"])
        .args(words)
        .run_in_sight()
}
