//! The tests against programs of others, each suite with the programs it needs.

use crate::console::Console;
use crate::invocation::Invocation;
use crate::step::{Outcome, check, count};
use crate::{machine, setup, tools};

use super::programs;

/// What every reader test needs.
const PCSC: [&str; 3] = ["pcscd", "vpcd", "opensc-tool"];

pub(crate) fn oracle(console: &Console) -> Outcome {
    with_programs(&["osmo-auc-gen"], || run(console, "oracle"))
}

pub(crate) fn gba(console: &Console) -> Outcome {
    with_programs(&["ensurepip"], || run(console, "gba"))
}

pub(crate) fn database(console: &Console) -> Outcome {
    with_programs(&["postgresql"], || run(console, "database"))
}

pub(crate) fn readers(console: &Console) -> Outcome {
    in_namespaces(console, "readers", &[&PCSC[..], &["pcsc_scan"]].concat())
}

pub(crate) fn pcsc(console: &Console) -> Outcome {
    in_namespaces(console, "pcsc", &PCSC[..2])
}

pub(crate) fn eap(console: &Console) -> Outcome {
    in_namespaces(
        console,
        "eap",
        &[&PCSC[..], &["hostapd", "eapol_test"]].concat(),
    )
}

pub(crate) fn bridge(console: &Console) -> Outcome {
    in_namespaces(console, "bridge", &["hostapd", "eapol_test"])
}

pub(crate) fn attach(console: &Console) -> Outcome {
    in_namespaces(console, "attach", &[&PCSC[..], &["pcsc_scan"]].concat())
}

pub(crate) fn trace(console: &Console) -> Outcome {
    in_namespaces(console, "trace", &["tshark"])
}

pub(crate) fn crashes(console: &Console) -> Outcome {
    in_namespaces(
        console,
        "crashes",
        &[&PCSC[..], &["curl", "postgresql"]].concat(),
    )
}

pub(crate) fn tokens(console: &Console) -> Outcome {
    with_programs(&["java", "node", "npm"], || {
        with_npm(console, || run(console, "tokens"))
    })
}

pub(crate) fn pages(console: &Console) -> Outcome {
    with_programs(&["chromium", "node", "npm"], || {
        with_npm(console, || in_namespaces(console, "pages", &[]))
    })
}

pub(crate) fn browser(console: &Console) -> Outcome {
    with_programs(&["chromium", "node", "npm"], || {
        with_npm(console, || in_namespaces(console, "browser", &[]))
    })
}

pub(crate) fn openid(console: &Console) -> Outcome {
    with_programs(&["node", "npm", "openssl", "postgresql"], || {
        with_npm(console, || in_namespaces(console, "openid", &[]))
    })
}

pub(crate) fn servers(console: &Console) -> Outcome {
    in_namespaces(console, "servers", &["openssl"])
}

fn with_npm(console: &Console, run: impl FnOnce() -> Outcome) -> Outcome {
    let installed = if tools::has_npm() {
        Ok(())
    } else {
        tools::install_npm(console)
    };
    match installed {
        Ok(()) => run(),
        Err(reason) => Outcome::Skipped(format!("what comes from npm cannot be had: {reason}")),
    }
}

pub(crate) fn evidence(console: &Console) -> Outcome {
    with_programs(&["node", "npm"], || {
        with_npm(console, || run(console, "evidence"))
    })
}

/// A suite whose tests make namespaces of their own.
fn in_namespaces(console: &Console, name: &str, needs: &[&str]) -> Outcome {
    with_programs(&[&["ip", "unshare"], needs].concat(), || {
        if machine::allows_namespaces() {
            run(console, name)
        } else {
            Outcome::Skipped("this machine refuses namespaces to this user".to_owned())
        }
    })
}

fn with_programs(needs: &[&str], run: impl FnOnce() -> Outcome) -> Outcome {
    let missing = setup::missing_of(needs);
    if missing.is_empty() {
        run()
    } else {
        Outcome::Skipped(format!("{} missing: cargo xtask setup", missing.join(", ")))
    }
}

fn run(console: &Console, name: &str) -> Outcome {
    let built = check(console, programs());
    if matches!(built, Outcome::Passed(_)) {
        count(console, ignored_tests(name))
    } else {
        built
    }
}

/// The tests of one file, which a plain `cargo test` leaves out.
fn ignored_tests(name: &str) -> Invocation {
    let choice = [
        "--package",
        "counterparts",
        "--all-features",
        "--no-fail-fast",
        "--test",
        name,
    ];
    match tools::find("cargo-nextest") {
        Some(nextest) => Invocation::new(nextest)
            .args(["nextest", "run", "--color", "never", "--run-ignored", "all"])
            .args(choice),
        None => Invocation::cargo()
            .args(["test"])
            .args(choice)
            .args(["--", "--include-ignored"]),
    }
}
