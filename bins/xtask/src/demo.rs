//! `cargo xtask demo`: the whole story on the software SIM, without any system package.

use crate::arguments::Arguments;
use crate::invocation::Invocation;

const HELP: &str = "\
Build and run the whole story on the software SIM. Needs no card and no system package.

Usage: cargo xtask demo [--exit]

Options:
  --exit  End after the story instead of serving on";

/// Real readers and modems stay out: they would want libraries of the system.
const PROGRAMS: [&str; 10] = [
    "--no-default-features",
    "--package=demo",
    "--package=usim-server",
    "--package=endorse-server",
    "--package=auc",
    "--package=passkey-server",
    "--package=passkey-verify",
    "--package=demo-rp",
    "--quiet",
    "--bins",
];

/// # Errors
/// When the demo does not build or one of its steps fails.
pub(crate) fn run(mut arguments: Arguments) -> Result<(), String> {
    if arguments.flag("--help") {
        println!("{HELP}");
        return Ok(());
    }
    println!("building, which takes a minute or two the first time");
    Invocation::cargo()
        .args(["build"])
        .args(PROGRAMS)
        .run_in_sight()?;
    let demo = crate::workspace::target().join("debug/demo");
    Invocation::new(demo)
        .args(arguments.into_rest())
        .run_in_sight()
}
