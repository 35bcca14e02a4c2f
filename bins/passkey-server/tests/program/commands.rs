//! The commands beside the server.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use strict_jws::{Algorithm, KeyId, KeySet, SigningKey, SystemRandom};

use crate::{fails, folder, program, run, said, says, told};

#[test]
fn a_new_database_is_told_where_it_was_made_and_an_old_one_is_not() {
    let folder = folder();
    let state = folder.path().join("passkey-server");
    let listed = run(folder.path(), &["app", "list"]);
    let expected = format!(
        "passkey-server: new sealing key made at {state}/sealing.key\n\
         passkey-server: new database made at {state}/passkey.db\n",
        state = state.display()
    );
    assert_eq!((told(&listed), said(&listed)), (expected, String::new()));
    assert_eq!(told(&run(folder.path(), &["app", "list"])), "");
}

#[test]
fn the_place_of_the_database_is_taken_on_either_side_of_the_subcommand() {
    let folder = folder();
    let elsewhere = folder.path().join("elsewhere");
    let elsewhere = elsewhere.to_str().expect("text");
    says(
        folder.path(),
        &["app", "--state-dir", elsewhere, "add", "demo"],
    );
    let listed = says(folder.path(), &["app", "list", "--state-dir", elsewhere]);
    assert!(listed.starts_with("demo "), "{listed}");
    assert!(!folder.path().join("passkey-server").exists());
}

#[test]
fn no_application_gets_the_servers_own_name() {
    let folder = folder();
    let refused = fails(folder.path(), &["app", "add", "passkey-server", "--admin"]);
    let why = "the name passkey-server is the server's own: an application needs another one";
    assert!(refused.contains(why), "{refused}");
    assert_eq!(said(&run(folder.path(), &["app", "list"])), "");
}

#[test]
fn a_sealing_key_that_others_may_read_is_told_of_by_commands_and_by_the_server() {
    let folder = folder();
    says(folder.path(), &["key", "new", "--lead", "0"]);
    let key = folder.path().join("passkey-server/sealing.key");
    assert_eq!(told(&run(folder.path(), &["key", "list"])), "");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("it is ours");
    let told = told(&run(folder.path(), &["key", "list"]));
    let key = key.display();
    let expected = format!("passkey-server: others may read {key}: chmod 600 {key}\n");
    assert_eq!(told, expected);
    let refused = fails(folder.path(), &["serve", "--listen", "0.0.0.0:1"]);
    assert!(
        refused.contains(&format!("others may read {key}")),
        "{refused}"
    );
}

#[test]
fn a_sealing_key_that_is_missing_is_not_replaced_once_something_was_sealed() {
    let folder = folder();
    says(folder.path(), &["key", "new", "--lead", "0"]);
    let wrong = folder.path().join("wrong.key");
    let path = wrong.to_str().expect("text");
    for command in [&["user", "add", "Kim"][..], &["serve"]] {
        let refused = fails(folder.path(), &[command, &["--sealing-key", path]].concat());
        let expected = format!("{path} is missing, and it sealed what is in the database");
        assert!(refused.contains(&expected), "{refused}");
        assert!(!wrong.exists(), "no key is left behind");
    }
}

#[test]
fn a_sealing_key_that_sealed_nothing_here_is_refused() {
    let (here, there) = (folder(), folder());
    for folder in [&here, &there] {
        says(folder.path(), &["key", "new", "--lead", "0"]);
    }
    let other = there.path().join("passkey-server/sealing.key");
    let path = other.to_str().expect("text");
    for command in [&["user", "add", "Kim"][..], &["serve"]] {
        let refused = fails(here.path(), &[command, &["--sealing-key", path]].concat());
        let expected = format!("{path} is not the key that sealed the signing key ");
        assert!(refused.contains(&expected), "{refused}");
    }
    let own = here.path().join("passkey-server/sealing.key");
    let own = own.to_str().expect("text");
    let replaced = ["--sealing-key", path, "--earlier-sealing-key", own];
    says(
        here.path(),
        &[&["user", "add", "Kim"], &replaced[..]].concat(),
    );
}

#[test]
fn an_invitation_is_for_the_origin_that_the_server_has() {
    let folder = folder();
    let mut invited = program(folder.path(), &["user", "add", "Kim"]);
    let invited = invited.env("PASSKEY_SERVER_ORIGIN", "https://id.example.com");
    let invited = said(&invited.output().expect("the program runs"));
    assert!(
        invited.starts_with("https://id.example.com/o/"),
        "{invited}"
    );
    let invited = says(folder.path(), &["user", "add", "Kim"]);
    assert!(invited.starts_with("http://localhost:8445/o/"), "{invited}");
}

#[test]
fn an_invitation_without_a_name_a_life_or_an_origin_is_refused() {
    let folder = folder();
    for arguments in [
        &["user", "add", ""][..],
        &["user", "add", " "],
        &["user", "add", "Kim", "--timeout", "0"],
        &["user", "add", "Kim", "--timeout", "99999999"],
        &["user", "add", "Kim", "--origin", "http://id.example.com"],
        &["user", "add", "Kim", "--origin", "https://id.example.com/"],
    ] {
        let refused = run(folder.path(), arguments);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
    }
    let state = folder.path().join("passkey-server");
    assert!(!fs::exists(state).expect("it can be looked at"));
}

#[test]
fn an_export_goes_into_a_file_of_its_own_and_into_an_empty_database() {
    let (here, there) = (folder(), folder());
    says(here.path(), &["app", "add", "demo"]);
    let file = here.path().join("out.json");
    let file = file.to_str().expect("text");
    let out = run(here.path(), &["export", file]);
    assert!(out.status.success(), "{out:?}");
    let refused = fails(here.path(), &["export", file]);
    let expected = format!("{file} is there already, and is not written over");
    assert!(refused.contains(&expected), "{refused}");
    let taken = run(there.path(), &["import", file]);
    assert!(taken.status.success(), "{taken:?}");
    let (ours, theirs) = (
        run(here.path(), &["app", "list"]),
        run(there.path(), &["app", "list"]),
    );
    assert_eq!(said(&ours), said(&theirs));
    assert!(!run(there.path(), &["import", file]).status.success());
}

#[test]
fn the_dialects_of_an_application_are_chosen_and_go_with_an_export() {
    let (here, there) = (folder(), folder());
    for arguments in [
        &["app", "add", "each"][..],
        &["app", "add", "login", "--dialect", "none"],
        &["app", "add", "bank", "--dialect", "bankid"],
        &["app", "add", "later"],
        &["app", "dialects", "later", "uyulala"],
    ] {
        says(here.path(), arguments);
    }
    for arguments in [
        &["app", "add", "boss", "--admin", "--dialect", "bankid"][..],
        &["app", "dialects", "later", "none", "bankid"],
        &["app", "dialects", "later"],
        &["app", "dialects", "nobody", "none"],
    ] {
        assert!(
            !run(here.path(), arguments).status.success(),
            "{arguments:?}"
        );
    }
    let file = here.path().join("out.json");
    let file = file.to_str().expect("text");
    says(here.path(), &["export", file]);
    says(there.path(), &["import", file]);
    let listed = says(there.path(), &["app", "list"]);
    for line in [
        "each  secret  -  uyulala,bankid  \"each\"",
        "login  secret  -  -  \"login\"",
        "bank  secret  -  bankid  \"bank\"",
        "later  secret  -  uyulala  \"later\"",
    ] {
        assert!(listed.contains(line), "{line}\n{listed}");
    }
}

#[test]
fn a_token_for_metrics_is_shown_once_beside_the_table_that_knows_it() {
    let made = run(
        folder().path(),
        &["token", "new", "prometheus", "--scope", "passkey:metrics"],
    );
    assert!(made.status.success());
    let (table, shown) = (said(&made), told(&made));
    assert!(
        table.starts_with("[[caller]]\nname = \"prometheus\"\n"),
        "{table}"
    );
    let token = shown.lines().nth(1).expect("the token");
    assert!(
        token.starts_with("passkey_") && !table.contains(token),
        "{table}"
    );
}

#[test]
fn a_name_that_is_taken_says_the_ways_out() {
    let folder = folder();
    says(folder.path(), &["app", "add", "demo"]);
    let refused = fails(folder.path(), &["app", "add", "demo"]);
    for command in ["app rotate-secret demo", "app remove demo"] {
        assert!(refused.contains(command), "{refused}");
    }
}

#[test]
fn an_application_that_was_removed_may_come_again() {
    let folder = folder();
    for _ in 0..2 {
        says(folder.path(), &["app", "add", "demo"]);
        says(folder.path(), &["app", "remove", "demo"]);
        assert_eq!(says(folder.path(), &["app", "list"]), "");
    }
    let refused = fails(folder.path(), &["app", "remove", "demo"]);
    assert_eq!(refused, "passkey-server: no application has this name\n");
}

#[test]
fn a_client_that_wants_rsa_needs_a_server_that_has_such_a_key() {
    let folder = folder();
    let add = ["app", "add", "old", "--id-token-alg", "rs256"];
    let refused = fails(folder.path(), &add);
    assert!(
        refused.contains("passkey-server key import FILE"),
        "{refused}"
    );
    let eddsa = ["app", "add", "new", "--id-token-alg", "eddsa"];
    let refused = fails(folder.path(), &eddsa);
    assert!(
        refused.contains("passkey-server key new --algorithm eddsa"),
        "{refused}"
    );
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../endorse/jws/tests/keys/rsa2048.pem"
    );
    says(folder.path(), &["key", "import", path]);
    let added = run(folder.path(), &add);
    assert!(
        added.status.success() && told(&added).starts_with("until 2"),
        "{added:?}"
    );
    says(folder.path(), &["app", "remove", "old"]);
    let listed = says(folder.path(), &["key", "new", "--lead", "0"]);
    assert!(listed.contains("RS256  next"), "{listed}");
}

#[test]
fn keys_are_listed_with_the_time_and_with_the_name_that_evidence_gives_them() {
    let folder = folder();
    let listed = says(folder.path(), &["key", "new", "--lead", "0"]);
    let columns: Vec<_> = listed.split_whitespace().collect();
    let [name, "ES256", "active", from, thumbprint] = columns[..] else {
        panic!("{listed}");
    };
    assert!(name.starts_with("v1-"), "{listed}");
    let from = from.strip_prefix("signs-from=").expect("a time");
    let time: Result<jiff::Timestamp, _> = from.parse();
    assert!(time.is_ok() && from.ends_with('Z'), "{listed}");
    let thumbprint = thumbprint
        .strip_prefix("thumbprint=")
        .expect("a thumbprint");
    assert_eq!(thumbprint.len(), 43, "256 bits in base64url");
}

#[test]
fn a_certificate_that_opens_no_connection_is_not_registered() {
    let folder = folder();
    let file = |version: u8| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program");
        format!("{folder}/version{version}.pem")
    };
    let refused = fails(
        folder.path(),
        &["app", "add", "rp", "--certificate", &file(1)],
    );
    assert!(
        refused.contains("is a certificate of version 1"),
        "{refused}"
    );
    says(
        folder.path(),
        &["app", "add", "rp", "--certificate", &file(3)],
    );
}

#[test]
fn an_address_to_come_back_to_is_refused_with_what_it_may_be() {
    let add = ["app", "add", "rp", "--redirect", "http://rp.example/back"];
    let refused = run(folder().path(), &add);
    assert_eq!(refused.status.code(), Some(2));
    let refused = told(&refused);
    assert!(
        refused.contains("https://..., on this machine http://localhost"),
        "{refused}"
    );
}

#[test]
fn a_client_that_signs_needs_no_secret_and_gets_none() {
    let folder = folder();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &SystemRandom::new()).expect("a key");
    let key = SigningKey::from_pem(&pem, &SystemRandom::new()).expect("a key");
    let mut keys = KeySet::new();
    let known = keys.insert(KeyId::certifying(key.public()), key.public().clone());
    known.expect("it is the first");
    let jwks = folder.path().join("jwks.json");
    fs::write(&jwks, keys.to_jwks()).expect("the folder is ours");
    let jwks = jwks.to_str().expect("text");
    let by_key = ["--token-auth", "private-key-jwt", "--jwks", jwks];
    says(
        folder.path(),
        &[&["app", "add", "signs"][..], &by_key].concat(),
    );
    let looked = said(&run(folder.path(), &["doctor"]));
    let clients = looked.lines().find(|line| line.contains(" clients "));
    assert!(
        clients.is_some_and(|line| !line.contains("WRONG")),
        "{looked}"
    );
    let refused = fails(folder.path(), &["app", "rotate-secret", "signs"]);
    let why = "the application authenticates without a secret";
    assert!(refused.contains(why), "{refused}");
}
