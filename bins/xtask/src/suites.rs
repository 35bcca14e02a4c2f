//! The steps that run code.

use crate::console::Console;
use crate::fuzz;
use crate::invocation::Invocation;
use crate::step::{Outcome, Pace, Step, check, check_all, count};
use crate::tally::Tally;
use crate::{tools, workspace};

mod counterparts;
mod kernels;

/// Every suite, the quickest first.
pub(crate) const STEPS: &[Step] = &[
    quick("build", "every program, test and example builds", build),
    quick("tests", "unit, property and integration tests", tests),
    quick("doctests", "the examples in the documentation", doctests),
    quick("examples", "the example programs of aka run", examples),
    quick("demo", "the story that `cargo xtask demo` tells", demo),
    thorough(
        "kernels",
        "aka on every kernel, ARMv8 in qemu",
        kernels::kernels,
    ),
    thorough(
        "oracle",
        "osmo-auc-gen agrees with auc",
        counterparts::oracle,
    ),
    thorough(
        "gba",
        "a terminal in Python bootstraps at auc",
        counterparts::gba,
    ),
    thorough(
        "tokens",
        "PyJWT, jose and the JDK verify our tokens",
        counterparts::tokens,
    ),
    thorough(
        "pages",
        "endorse-server in Chromium, and by schemathesis",
        counterparts::pages,
    ),
    thorough(
        "browser",
        "passkey-server in Chromium with virtual authenticators",
        counterparts::browser,
    ),
    thorough(
        "openid",
        "openid-client at passkey-server, and at oidc-provider",
        counterparts::openid,
    ),
    thorough(
        "servers",
        "TLS ports by sslyze, and a server at another",
        counterparts::servers,
    ),
    thorough(
        "evidence",
        "WebCrypto verifies what passkeys signed",
        counterparts::evidence,
    ),
    thorough(
        "readers",
        "pcscd, opensc-tool and pcsc_scan",
        counterparts::readers,
    ),
    thorough(
        "pcsc",
        "our PC/SC transport through resets and removals",
        counterparts::pcsc,
    ),
    thorough(
        "database",
        "PostgreSQL keeps what SQLite keeps",
        counterparts::database,
    ),
    thorough(
        "eap",
        "hostapd and eapol_test with our card, our peer and our server",
        counterparts::eap,
    ),
    thorough(
        "bridge",
        "hostapd and eapol_test, the card elsewhere",
        counterparts::bridge,
    ),
    thorough(
        "attach",
        "a SIM in one network, pcscd in another",
        counterparts::attach,
    ),
    thorough("trace", "tshark decodes a session", counterparts::trace),
    thorough(
        "crashes",
        "programs killed at any moment",
        counterparts::crashes,
    ),
    thorough(
        "leakage",
        "time tells no key and no MAC from another",
        leakage,
    ),
    thorough("fuzz", "each fuzz target for 8 s", fuzzing),
];

const fn quick(name: &'static str, about: &'static str, run: fn(&Console) -> Outcome) -> Step {
    Step {
        name,
        about,
        pace: Pace::Quick,
        run,
    }
}

const fn thorough(name: &'static str, about: &'static str, run: fn(&Console) -> Outcome) -> Step {
    Step {
        name,
        about,
        pace: Pace::Thorough,
        run,
    }
}

/// One choice of packages and features everywhere, so that each dependency is built once.
const EVERYTHING: [&str; 3] = ["--workspace", "--exclude=fuzz", "--all-features"];

fn build(console: &Console) -> Outcome {
    check(console, programs())
}

/// Builds all that the suites run, our own programs included.
fn programs() -> Invocation {
    let targets = ["--bins", "--tests", "--examples"];
    Invocation::cargo()
        .args(["build"])
        .args(EVERYTHING)
        .args(targets)
}

fn tests(console: &Console) -> Outcome {
    let targets = [
        "--exclude=counterparts",
        "--lib",
        "--bins",
        "--tests",
        "--no-fail-fast",
    ];
    count(console, runner().args(EVERYTHING).args(targets))
}

fn doctests(console: &Console) -> Outcome {
    count(
        console,
        Invocation::cargo().args(["test", "--doc"]).args(EVERYTHING),
    )
}

fn examples(console: &Console) -> Outcome {
    let files = std::fs::read_dir(workspace::root().join("aka/examples"));
    let files = files.into_iter().flatten().flatten();
    let names = files.filter_map(|file| file.path().file_stem().map(std::ffi::OsStr::to_owned));
    let folder = workspace::target().join("debug/examples");
    let mut programs_in_order: Vec<_> = names.map(|name| folder.join(name)).collect();
    programs_in_order.sort();
    let runs = programs_in_order.into_iter().map(Invocation::new);
    check_all(console, std::iter::once(programs()).chain(runs))
}

fn demo(console: &Console) -> Outcome {
    let story = Invocation::new(workspace::target().join("debug/demo")).args(["--exit"]);
    check_all(console, [programs(), story])
}

/// What only a build with optimisation can tell.
fn leakage(console: &Console) -> Outcome {
    let bench = ["bench", "--package", "aka", "--bench", "leakage"];
    check(console, Invocation::cargo().args(bench))
}

/// Seconds that each fuzz target runs here.
const SMOKE: u32 = 8;

fn fuzzing(console: &Console) -> Outcome {
    if let Err(output) = fuzz::build(console) {
        return Outcome::failed(output);
    }
    let targets = fuzz::targets();
    let mut tally = Tally::default();
    let mut found = Vec::new();
    for pair in targets.chunks(2) {
        console.line(&pair.join(", "));
        for smoked in fuzz::side_by_side(pair, SMOKE) {
            match smoked {
                Ok(_) => tally += Tally::PASSED,
                Err(output) => {
                    tally += Tally::FAILED;
                    found.push(output);
                }
            }
        }
    }
    if found.is_empty() {
        Outcome::Passed(tally)
    } else {
        Outcome::Failed {
            tally,
            output: found.join("\n"),
        }
    }
}

/// nextest runs tests side by side across programs; cargo's own runner does without.
fn runner() -> Invocation {
    tools::find("cargo-nextest").map_or_else(
        || Invocation::cargo().args(["test"]),
        |nextest| Invocation::new(nextest).args(["nextest", "run", "--color", "never"]),
    )
}
