//! The program as people run it: what it says, and with what code it exits.

mod commands;
mod doctor;

use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU8, Ordering};

/// Runs the program with its state in `folder`, and where it listens on an address of its own.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder, arguments)
        .output()
        .expect("the program runs")
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passkey-server"));
    command
        .env_clear()
        .env("XDG_STATE_HOME", folder)
        .env("PASSKEY_SERVER_LISTEN", format!("{}:8445", address()))
        .args(arguments);
    command
}

/// An address of loopback that no other test listens on.
fn address() -> String {
    static COUNT: AtomicU8 = AtomicU8::new(1);
    let [_, _, a, b] = std::process::id().to_be_bytes();
    format!("127.{a}.{b}.{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// What a command says that succeeds.
fn says(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", told(&output));
    said(&output)
}

/// Why a command fails.
fn fails(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    told(&output)
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}
