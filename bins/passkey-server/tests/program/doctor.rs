//! `passkey-server doctor`: what it finds, and with what code it exits.

use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passkey-server"));
    let command = command.env_clear().env("XDG_STATE_HOME", folder);
    command.args(arguments).output().expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

#[test]
fn a_server_that_was_never_started_has_nothing_wrong_and_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let found = run(folder.path(), &["doctor"]);
    assert!(found.status.success(), "{}", said(&found));
    assert!(said(&found).contains("`passkey-server serve` makes it"));
    let state = folder.path().join("passkey-server");
    assert!(!state.exists(), "the doctor makes no file");
}

#[test]
fn a_fresh_database_lacks_clients_users_and_a_key_and_gets_advice() {
    let folder = tempfile::tempdir().expect("a folder");
    let listed = run(folder.path(), &["app", "list"]);
    assert!(listed.status.success());
    let found = run(folder.path(), &["doctor"]);
    let said = said(&found);
    assert!(found.status.success(), "{said}");
    for advice in ["app add NAME", "user add NAME", "key new"] {
        assert!(said.contains(advice), "{said}");
    }
}

#[test]
fn a_wrong_origin_is_told_with_what_would_mend_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for (arguments, advice) in [
        (
            &["--origin", "http://id.example.com"][..],
            "--origin https://HOST",
        ),
        (
            &[
                "--origin",
                "https://id.example.com",
                "--rp-id",
                "example.org",
            ],
            "--rp-id",
        ),
        (&["--listen", "0.0.0.0:443"], "--origin https://HOST"),
        (
            &[
                "--listen",
                "0.0.0.0:80",
                "--http",
                "--origin",
                "https://id.example.com",
            ],
            "--http",
        ),
        (&["--http=false"], "fine"),
        (
            &["--origin", "http://localhost:8445", "--http=false"],
            "--origin https://",
        ),
    ] {
        let found = run(folder.path(), &[&["doctor"], arguments].concat());
        assert!(
            said(&found).contains(advice),
            "{arguments:?}: {}",
            said(&found)
        );
        assert_eq!(found.status.success(), advice == "fine", "{}", said(&found));
    }
}

#[test]
fn a_sealing_key_of_another_database_is_found() {
    let (here, there) = (tempfile::tempdir(), tempfile::tempdir());
    let (here, there) = (here.expect("a folder"), there.expect("a folder"));
    for folder in [&here, &there] {
        let made = run(folder.path(), &["key", "new", "--lead", "0"]);
        assert!(made.status.success(), "{made:?}");
    }
    let fine = run(here.path(), &["doctor"]);
    assert!(said(&fine).contains("signs"), "{}", said(&fine));
    let key = there.path().join("passkey-server/sealing.key");
    let key = key.to_str().expect("text");
    let found = run(here.path(), &["doctor", "--sealing-key", key]);
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    assert!(
        said(&found).contains("--earlier-sealing-key"),
        "{}",
        said(&found)
    );
}

#[test]
fn an_export_goes_into_a_file_of_its_own_and_into_an_empty_database() {
    let (here, there) = (tempfile::tempdir(), tempfile::tempdir());
    let (here, there) = (here.expect("a folder"), there.expect("a folder"));
    let added = run(here.path(), &["app", "add", "demo"]);
    assert!(added.status.success(), "{added:?}");
    let file = here.path().join("out.json");
    let file = file.to_str().expect("text");
    let out = run(here.path(), &["export", file]);
    assert!(out.status.success(), "{out:?}");
    assert!(!run(here.path(), &["export", file]).status.success());
    let taken = run(there.path(), &["import", file]);
    assert!(taken.status.success(), "{taken:?}");
    let (ours, theirs) = (
        run(here.path(), &["app", "list"]),
        run(there.path(), &["app", "list"]),
    );
    assert_eq!(said(&ours), said(&theirs));
    assert!(!run(there.path(), &["import", file]).status.success());
}
