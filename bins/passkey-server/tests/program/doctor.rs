//! `passkey-server doctor`: what it finds, and with what code it exits.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use crate::{address, folder, run, said, says};

#[test]
fn a_server_that_was_never_started_has_nothing_wrong_and_is_left_alone() {
    let folder = folder();
    let found = run(folder.path(), &["doctor"]);
    assert!(found.status.success(), "{}", said(&found));
    assert!(said(&found).contains("`passkey-server serve` makes it"));
    let state = folder.path().join("passkey-server");
    assert!(!state.exists(), "the doctor makes no file");
}

#[test]
fn a_fresh_database_lacks_clients_users_and_a_key_and_gets_advice() {
    let folder = folder();
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
    let folder = folder();
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
        (&["--http", "--tls-pem", "/nonexistent"], "leave out one"),
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
    let (here, there) = (folder(), folder());
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
fn a_sealing_key_that_is_lost_is_missed_once_something_was_sealed() {
    let folder = folder();
    says(folder.path(), &["key", "new", "--lead", "0"]);
    let key = folder.path().join("passkey-server/sealing.key");
    fs::remove_file(&key).expect("it was there");
    let found = run(folder.path(), &["doctor"]);
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    let lost = format!(
        "WRONG  sealing key  {} is missing, and it sealed",
        key.display()
    );
    assert!(said(&found).contains(&lost), "{}", said(&found));
    assert!(!key.exists(), "the doctor makes no file");
}

#[test]
fn a_database_is_named_by_its_place() {
    let folder = folder();
    says(folder.path(), &["key", "new", "--lead", "0"]);
    let path = folder.path().join("passkey-server/passkey.db");
    let expected = format!("fine   database     SQLite in {}\n", path.display());
    let report = says(folder.path(), &["doctor"]);
    assert!(report.contains(&expected), "{report}");
}

#[test]
fn an_address_that_another_program_has_is_told() {
    let folder = folder();
    let address = format!("{}:8445", address());
    let other = TcpListener::bind(&address).expect("nobody else has it");
    let answering = std::thread::spawn(move || drop(other.accept()));
    let found = run(folder.path(), &["doctor", "--listen", &address]);
    answering.join().expect("it was asked");
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    let expected = format!("{address} is in use, and not by a server with this origin");
    assert!(said(&found).contains(&expected), "{}", said(&found));
}

#[test]
fn an_address_of_another_machine_is_told() {
    let found = run(
        folder().path(),
        &[
            "doctor",
            "--listen",
            "192.0.2.1:8445",
            "--origin",
            "https://id.example.com",
        ],
    );
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    let said = said(&found);
    assert!(
        said.contains("--listen with an address of this machine"),
        "{said}"
    );
}

#[test]
fn a_postgresql_that_does_not_run_is_named_without_the_password() {
    let folder = folder();
    let key = folder.path().join("sealing.key");
    let key = key.to_str().expect("text");
    let address = format!("{}:1", address());
    let url = format!("postgres://kim:hush@{address}/passkey");
    let found = run(
        folder.path(),
        &["doctor", "--database", &url, "--sealing-key", key],
    );
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    let said = said(&found);
    let expected = format!("cannot connect to PostgreSQL at {address}/passkey: ");
    assert!(said.contains(&expected), "{said}");
    assert!(
        said.contains("Connection refused") && !said.contains("hush"),
        "{said}"
    );
}

#[test]
fn files_that_the_settings_name_are_looked_at() {
    let folder = folder();
    let none = folder.path().join("none/file");
    let none = none.to_str().expect("text");
    for (flag, what) in [
        ("--token-file", "callers"),
        ("--audit", "audit trail"),
        ("--notify-ca", "messages"),
        ("--client-ca", "client CA"),
        ("--tls-pem", "certificate"),
        ("--mds", "metadata"),
    ] {
        let found = run(folder.path(), &["doctor", flag, none]);
        assert_eq!(found.status.code(), Some(1), "{flag}: {}", said(&found));
        let expected = format!("WRONG  {what}");
        assert!(said(&found).contains(&expected), "{flag}: {}", said(&found));
    }
}

#[test]
fn a_sealing_key_that_others_may_read_is_told_with_the_command_that_mends_it() {
    let folder = folder();
    says(folder.path(), &["key", "new", "--lead", "0"]);
    let key = folder.path().join("passkey-server/sealing.key");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).expect("it is ours");
    let found = run(folder.path(), &["doctor"]);
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    let mend = format!("chmod 600 {}", key.display());
    assert!(said(&found).contains(&mend), "{}", said(&found));
}
