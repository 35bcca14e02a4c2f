//! The steps that look at the code without running it.

use std::fs;

use crate::console::Console;
use crate::invocation::Invocation;
use crate::step::{Outcome, Pace, Step, check, check_all};
use crate::{tools, workspace};

mod attacks;
mod no_std;
mod package;
mod tidy;

/// Every guard, the quickest first.
pub(crate) const STEPS: &[Step] = &[
    guard("format", "the code is laid out as rustfmt does it", format),
    guard(
        "tidy",
        "no silenced lints, no leftovers, no endless files",
        tidy::run,
    ),
    guard("typos", "words are spelt right", typos),
    guard(
        "duplicates",
        "at most 2 % of the code stands twice",
        duplicates,
    ),
    guard(
        "providers",
        "no second TLS or cryptography stack in the tree",
        providers,
    ),
    guard(
        "licences",
        "licences, bans and sources of dependencies",
        licences,
    ),
    guard("clippy", "no warning anywhere", clippy),
    guard("docs", "the documentation builds without a warning", docs),
    guard(
        "features",
        "each library builds with each feature alone and with none",
        features,
    ),
    guard(
        "package",
        "each library builds from what would be published",
        package::run,
    ),
    guard("no-std", "aka links neither std nor alloc", no_std::run),
];

const fn guard(name: &'static str, about: &'static str, run: fn(&Console) -> Outcome) -> Step {
    Step {
        name,
        about,
        pace: Pace::Quick,
        run,
    }
}

fn format(console: &Console) -> Outcome {
    check(
        console,
        Invocation::cargo().args(["fmt", "--all", "--check"]),
    )
}

fn typos(console: &Console) -> Outcome {
    with_tool("typos", |tool| {
        check(console, tool.args(["--color", "never"]))
    })
}

fn duplicates(console: &Console) -> Outcome {
    let limits = ["--min-tokens", "60", "--min-lines", "8", "--threshold", "2"];
    let rust = ["--format", "rust", "--mode", "strict", "--no-colors"];
    with_tool("jscpd", |tool| {
        let tool = tool
            .args(rust)
            .args(limits)
            .args(["--ignore", "**/target/**"]);
        check(console, tool.args(["--fail-on-empty", "."]))
    })
}

/// Each of these would be a second implementation of what `ring` does for us.
fn providers(console: &Console) -> Outcome {
    for name in ["aws-lc-rs", "aws-lc-sys", "openssl-sys", "native-tls"] {
        let mut tree = Invocation::cargo()
            .args(["tree", "--workspace", "--all-features", "--target", "all"])
            .args(["--edges", "normal,build", "--invert", name]);
        match tree.run(console) {
            Ok(finished) if finished.output.contains("did not match any packages") => {}
            Ok(finished) => return Outcome::failed(format!("$ {tree}\n{}", finished.output)),
            Err(error) => return Outcome::failed(format!("cannot start {tree}: {error}\n")),
        }
    }
    Outcome::Passed(crate::tally::Tally::PASSED)
}

fn licences(console: &Console) -> Outcome {
    with_tool("cargo-deny", |tool| {
        check(
            console,
            tool.args(["--all-features", "check", "licenses", "bans", "sources"]),
        )
    })
}

fn clippy(console: &Console) -> Outcome {
    let clippy = ["clippy", "--workspace", "--all-targets", "--all-features"];
    check(
        console,
        Invocation::cargo()
            .args(clippy)
            .args(["--", "-D", "warnings"]),
    )
}

fn docs(console: &Console) -> Outcome {
    let doc = Invocation::cargo().args(["doc", "--workspace", "--no-deps", "--all-features"]);
    check(console, doc.env("RUSTDOCFLAGS", "-D warnings"))
}

fn features(console: &Console) -> Outcome {
    let alone = |name: &str| {
        Invocation::cargo().args(["check", "--package", name, "--no-default-features"])
    };
    let builds = workspace::libraries().into_iter().flat_map(|library| {
        let none = alone(&library.name);
        let each: Vec<Invocation> = library
            .features
            .iter()
            .map(|feature| alone(&library.name).args(["--features", feature]))
            .collect();
        std::iter::once(none).chain(each)
    });
    check_all(console, builds)
}

/// A file above a crate's folder is there in the checkout, and missing where the crate is used.
fn with_tool(name: &str, run: impl FnOnce(Invocation) -> Outcome) -> Outcome {
    tools::find(name).map_or_else(
        || Outcome::Skipped(format!("{name} is missing: cargo xtask setup")),
        |path| run(Invocation::new(path)),
    )
}

/// Reads a source file, or nothing where it is none.
fn read(path: &std::path::Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
