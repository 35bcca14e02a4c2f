//! `cargo xtask setup`: what the tests need, found by looking, installed where that can be done.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use crate::arguments::Arguments;
use crate::console::{Console, Detail};
use crate::invocation::Invocation;
use crate::{machine, tools};

const HELP: &str = "\
Install what the tests need: system packages with apt, checkers into the build folder.

Usage: cargo xtask setup [--quick] [--yes] [--list] [--verbose]

Options:
  --quick    Only what building and the guards need
  --yes      Install without asking
  --list     Only say what is there and what is missing
  --verbose  Show what the installers print";

/// How much is to be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What building and the guards need.
    Build,
    /// The counterparts too.
    Everything,
}

/// Whether the system may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Yes.
    Given,
    /// A person is to be asked, unless root runs this.
    Asked,
}

impl Consent {
    /// Takes `--yes`.
    pub(crate) fn of(arguments: &mut Arguments) -> Self {
        if arguments.flag("--yes") {
            Self::Given
        } else {
            Self::Asked
        }
    }
}

/// Something the system must have.
#[derive(Debug)]
pub(crate) struct Need {
    /// What it is called in a sentence.
    pub(crate) what: &'static str,
    /// The Debian package it comes from.
    package: &'static str,
    found: Found,
    extent: Extent,
}

#[derive(Debug)]
enum Found {
    Program,
    Library,
    File(&'static str),
    PythonModule,
}

impl Need {
    /// Whether it is there.
    pub(crate) fn is_met(&self) -> bool {
        match self.found {
            Found::Program => machine::program(self.what).is_some(),
            Found::Library => machine::library(self.what),
            Found::File(path) => Path::new(path).exists(),
            Found::PythonModule => Invocation::new("python3")
                .args(["-c", &format!("import {}", self.what)])
                .succeeds(),
        }
    }
}

/// Everything, in the order it is told.
const NEEDS: &[Need] = &[
    build("cc", "gcc", Found::Program),
    build("c++", "g++", Found::Program),
    build("pkg-config", "pkg-config", Found::Program),
    build("libpcsclite", "libpcsclite-dev", Found::Library),
    build("ensurepip", "python3-venv", Found::PythonModule),
    test("pcscd", "pcscd", Found::Program),
    test(
        "vpcd",
        "vsmartcard-vpcd",
        Found::File("/etc/reader.conf.d/vpcd"),
    ),
    test("opensc-tool", "opensc", Found::Program),
    test("pcsc_scan", "pcsc-tools", Found::Program),
    test("hostapd", "hostapd", Found::Program),
    test("eapol_test", "eapoltest", Found::Program),
    test("curl", "curl", Found::Program),
    test("tshark", "tshark", Found::Program),
    test("valgrind", "valgrind", Found::Program),
    test("osmo-auc-gen", "libosmocore-utils", Found::Program),
    test("qemu-aarch64", "qemu-user", Found::Program),
    test(
        "aarch64-linux-gnu-gcc",
        "gcc-aarch64-linux-gnu",
        Found::Program,
    ),
    test(
        "libc for aarch64",
        "libc6-dev-arm64-cross",
        Found::File("/usr/aarch64-linux-gnu/lib/crt1.o"),
    ),
    test("libosmogsm", "libosmocore-dev", Found::Library),
    test(
        "postgresql",
        "postgresql",
        Found::File("/usr/lib/postgresql"),
    ),
    test("openssl", "openssl", Found::Program),
    test("java", "default-jdk-headless", Found::Program),
    test("node", "nodejs", Found::Program),
    test("npm", "npm", Found::Program),
    test("chromium", "chromium", Found::Program),
    test("ip", "iproute2", Found::Program),
    test("unshare", "util-linux", Found::Program),
];

const fn build(what: &'static str, package: &'static str, found: Found) -> Need {
    Need {
        what,
        package,
        found,
        extent: Extent::Build,
    }
}

const fn test(what: &'static str, package: &'static str, found: Found) -> Need {
    Need {
        what,
        package,
        found,
        extent: Extent::Everything,
    }
}

/// # Errors
/// When something stays missing that nothing can be built without.
pub(crate) fn run(mut arguments: Arguments) -> Result<(), String> {
    if arguments.flag("--help") {
        println!("{HELP}");
        return Ok(());
    }
    let extent = if arguments.flag("--quick") {
        Extent::Build
    } else {
        Extent::Everything
    };
    let consent = Consent::of(&mut arguments);
    let detail = Detail::of(&mut arguments);
    let list = arguments.flag("--list");
    arguments.finish()?;
    if list {
        tell();
        return Ok(());
    }
    install(&Console::new(detail), extent, consent)
}

/// Installs what is missing, and says what stays missing.
///
/// # Errors
/// When something stays missing that nothing can be built without, or when it was agreed to
/// install the checkers and they could not be had.
pub(crate) fn install(console: &Console, extent: Extent, consent: Consent) -> Result<(), String> {
    let missing = missing(extent);
    if !missing.is_empty() {
        install_packages(console, &missing, consent)?;
    }
    if tools::are_current() {
        return Ok(());
    }
    console.begin(&format!("{:<20}", "setup: checkers"));
    match (tools::install(console), consent) {
        (Ok(()), _) => console.end("ok"),
        (Err(reason), Consent::Given) => {
            console.end("FAILED");
            return Err(reason);
        }
        (Err(reason), Consent::Asked) => {
            console.end("not installed");
            println!("{reason}");
        }
    }
    Ok(())
}

fn tell() {
    for need in NEEDS {
        let state = if need.is_met() { "there" } else { "missing" };
        println!("{:<14} {state:<8} package {}", need.what, need.package);
    }
    let state = if tools::are_current() {
        "there"
    } else {
        "missing"
    };
    println!(
        "{:<14} {state:<8} from PyPI, into the build folder",
        "checkers"
    );
    let state = if machine::allows_namespaces() {
        "allowed"
    } else {
        "refused"
    };
    println!(
        "{:<14} {state:<8} network namespaces, as this user",
        "unshare -nm"
    );
}

/// Those of `names` that are not there.
pub(crate) fn missing_of(names: &[&str]) -> Vec<&'static str> {
    let asked = NEEDS.iter().filter(|need| names.contains(&need.what));
    asked
        .filter(|need| !need.is_met())
        .map(|need| need.what)
        .collect()
}

fn missing(extent: Extent) -> Vec<&'static Need> {
    let asked = |need: &&Need| extent == Extent::Everything || need.extent == Extent::Build;
    NEEDS
        .iter()
        .filter(asked)
        .filter(|need| !need.is_met())
        .collect()
}

fn install_packages(console: &Console, needs: &[&Need], consent: Consent) -> Result<(), String> {
    let packages: Vec<&str> = needs.iter().map(|need| need.package).collect();
    let line = format!(
        "apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    if machine::has_apt() && (consent == Consent::Given || machine::is_root() || agrees(&line)) {
        apt(console, &packages)?;
    } else {
        println!("missing on this machine; on Debian or Ubuntu: {line}");
    }
    let left: Vec<&str> = needs
        .iter()
        .filter(|need| need.extent == Extent::Build && !need.is_met())
        .map(|need| need.what)
        .collect();
    if left.is_empty() {
        Ok(())
    } else {
        Err(format!("nothing can be built without {}", left.join(", ")))
    }
}

fn agrees(line: &str) -> bool {
    if !io::stdin().is_terminal() {
        return false;
    }
    print!("The tests need packages that are missing here. Run `sudo {line}`? [y/N] ");
    let mut answer = String::new();
    io::stdout().flush().is_ok()
        && io::stdin().lock().read_line(&mut answer).is_ok()
        && answer.trim().eq_ignore_ascii_case("y")
}

fn apt(console: &Console, packages: &[&str]) -> Result<(), String> {
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    let update = Invocation::apt().args(["update", "--quiet"]);
    let install = Invocation::apt().args(install).args(packages);
    for (what, mut invocation) in [("package lists", update), ("packages", install)] {
        console.begin(&format!("{:<20}", format!("setup: {what}")));
        let done = invocation.demand(console);
        console.end(if done.is_ok() { "ok" } else { "FAILED" });
        done?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_needs_are_a_part_of_everything() {
        let names = |extent| -> Vec<&str> {
            let asked = |need: &&Need| extent == Extent::Everything || need.extent == extent;
            NEEDS.iter().filter(asked).map(|need| need.what).collect()
        };
        let everything = names(Extent::Everything);
        assert!(
            names(Extent::Build)
                .iter()
                .all(|what| everything.contains(what))
        );
        assert!(everything.contains(&"hostapd"));
        assert!(!names(Extent::Build).contains(&"hostapd"));
    }
}
