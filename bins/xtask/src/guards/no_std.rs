//! Proves that `aka` links neither std nor alloc, on any machine and without another target.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::console::Console;
use crate::invocation::Invocation;
use crate::step::{Outcome, check};
use crate::workspace;

/// A library with a panic handler of its own: were std linked, there would be two. It has no
/// allocator either, so that anything that allocates fails to link.
const PROBE: &str = "\
#![no_std]

pub use aka::*;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
";

pub(crate) fn run(console: &Console) -> Outcome {
    match write_probe() {
        Ok(folder) => {
            let build = Invocation::cargo().args(["build", "--quiet", "--manifest-path"]);
            let target = workspace::target().join("no-std");
            check(
                console,
                build
                    .args([folder.join("Cargo.toml")])
                    .env("CARGO_TARGET_DIR", target),
            )
        }
        Err(error) => Outcome::failed(format!("cannot write the probe: {error}\n")),
    }
}

fn write_probe() -> io::Result<PathBuf> {
    let folder = workspace::target().join("no-std/probe");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), PROBE)?;
    fs::write(
        folder.join("Cargo.toml"),
        manifest(&workspace::root().join("aka")),
    )?;
    // The same versions as everywhere else.
    fs::copy(
        workspace::root().join("Cargo.lock"),
        folder.join("Cargo.lock"),
    )?;
    Ok(folder)
}

fn manifest(aka: &Path) -> String {
    format!(
        "[package]\nname = \"probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [lib]\ncrate-type = [\"staticlib\"]\n\n\
         [dependencies]\naka = {{ path = \"{}\", default-features = false }}\n\n\
         [profile.dev]\npanic = \"abort\"\n\n[workspace]\n",
        aka.display()
    )
}
