//! The steps that run code.

use crate::console::Console;
use crate::invocation::Invocation;
use crate::step::{Outcome, Pace, Step, check, count};
use crate::tools;

/// Every suite, the quickest first.
pub(crate) const STEPS: [Step; 3] = [
    suite(
        "build",
        "every program, test and example builds",
        Pace::Quick,
        build,
    ),
    suite(
        "tests",
        "unit, property and integration tests",
        Pace::Quick,
        tests,
    ),
    suite(
        "doctests",
        "the examples in the documentation",
        Pace::Quick,
        doctests,
    ),
];

const fn suite(
    name: &'static str,
    about: &'static str,
    pace: Pace,
    run: fn(&Console) -> Outcome,
) -> Step {
    Step {
        name,
        about,
        pace,
        run,
    }
}

/// One choice of packages and features everywhere, so that each dependency is built once.
const EVERYTHING: [&str; 2] = ["--workspace", "--all-features"];

fn build(console: &Console) -> Outcome {
    let build = Invocation::cargo().args(["build"]).args(EVERYTHING);
    check(console, build.args(["--bins", "--tests", "--examples"]))
}

fn tests(console: &Console) -> Outcome {
    let targets = ["--lib", "--bins", "--tests", "--no-fail-fast"];
    count(console, runner().args(EVERYTHING).args(targets))
}

fn doctests(console: &Console) -> Outcome {
    count(
        console,
        Invocation::cargo().args(["test", "--doc"]).args(EVERYTHING),
    )
}

/// nextest runs tests side by side across programs; cargo's own runner does without.
fn runner() -> Invocation {
    tools::find("cargo-nextest").map_or_else(
        || Invocation::cargo().args(["test"]),
        |nextest| Invocation::new(nextest).args(["nextest", "run", "--color", "never"]),
    )
}
