//! The tests of `aka` on every kernel that this machine can run.

use crate::console::Console;
use crate::invocation::Invocation;
use crate::step::{Outcome, count};
use crate::tally::Tally;
use crate::{setup, workspace};

/// What each is called, and the flags that leave nothing else.
const ON_X86: [(&str, &str); 3] = [
    (
        "portable",
        r#"--cfg aka_portable --cfg aes_backend="soft" --cfg sha2_backend="soft""#,
    ),
    ("vectors of 128 bits", r#"--cfg aka_widest="128""#),
    ("vectors of 256 bits", r#"--cfg aka_widest="256""#),
];

const ARMV8: &str = "aarch64-unknown-linux-gnu";

/// The widest kernels are what the step `tests` runs.
pub(crate) fn kernels(console: &Console) -> Outcome {
    let mut tally = Tally::default();
    let mut found = Vec::new();
    for (name, invocation) in invocations(console) {
        console.line(name);
        let outcome = count(console, invocation);
        tally += outcome.tally();
        if let Outcome::Failed { output, .. } = outcome {
            found.push(output);
        }
    }
    if found.is_empty() {
        Outcome::Passed(tally)
    } else {
        let output = found.join("\n");
        Outcome::Failed { tally, output }
    }
}

fn invocations(console: &Console) -> Vec<(&'static str, Invocation)> {
    let mut all = Vec::new();
    if cfg!(target_arch = "x86_64") {
        all.extend(ON_X86.map(|(name, flags)| (name, suite().env("RUSTFLAGS", flags))));
    }
    match armv8() {
        Ok(invocation) => all.push(("ARMv8 in qemu", invocation)),
        Err(reason) => console.line(&format!("ARMv8 left out: {reason}")),
    }
    all
}

fn suite() -> Invocation {
    let choice = ["--lib", "--test", "conformance", "--test", "properties"];
    Invocation::cargo()
        .args(["test", "--package", "aka", "--all-features"])
        .args(choice)
        .env("CARGO_TARGET_DIR", workspace::target().join("kernels"))
}

fn armv8() -> Result<Invocation, String> {
    let needs = ["qemu-aarch64", "aarch64-linux-gnu-gcc", "libc for aarch64"];
    let missing = setup::missing_of(&needs);
    if !missing.is_empty() {
        return Err(format!("{} missing", missing.join(", ")));
    }
    let library = Invocation::new("rustc")
        .args(["--print", "target-libdir", "--target", ARMV8])
        .output()?;
    if !std::path::Path::new(library.trim()).is_dir() {
        return Err(format!("rustup target add {ARMV8}"));
    }
    let variable = |end| format!("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_{end}");
    Ok(suite()
        .args(["--target", ARMV8])
        .env(&variable("LINKER"), "aarch64-linux-gnu-gcc")
        .env(
            &variable("RUNNER"),
            "qemu-aarch64 -L /usr/aarch64-linux-gnu",
        ))
}
