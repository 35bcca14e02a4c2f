//! What a person and a program see of `passkey-verify`.

use std::process::{Command, Output};

use passkey_idp::evidence::{Statement, seal};
use passkey_idp::id::UserId;
use passkey_idp::webauthn::{Quirks, TestAuthenticator};
use strict_jws::{Algorithm, KeySet, Signer, SigningKey, SystemRandom};
use tempfile::TempDir;

struct World {
    folder: TempDir,
    signer: Signer,
}

impl World {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pem = SigningKey::generate_pem(Algorithm::Es256, &random).expect("there is randomness");
        let key = SigningKey::from_pem(&pem, &random).expect("it is a key");
        let folder = TempDir::new().expect("there is a folder for such things");
        Self {
            folder,
            signer: Signer::certifying(key),
        }
    }

    fn package(&self) -> String {
        self.seal(&statement())
    }

    fn seal(&self, statement: &Statement) -> String {
        seal(statement, &self.signer, &SystemRandom::new()).expect("it verifies")
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("the folder is ours");
        path.display().to_string()
    }

    fn keys(&self, name: &str) -> String {
        let mut keys = KeySet::new();
        let key = (self.signer.key_id().clone(), self.signer.public().clone());
        keys.insert(key.0, key.1).expect("it is the first");
        self.file(name, &keys.to_jwks())
    }
}

fn statement() -> Statement {
    let authenticator = TestAuthenticator::es256(UserId::from([1; 16]));
    let mut statement = Statement::sample(1, authenticator, &Quirks::none());
    statement.text = "I owe you\n10 kronor".into();
    let authenticator = TestAuthenticator::es256(UserId::from([1; 16]));
    statement.sign(authenticator, &Quirks::none());
    statement
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passkey-verify"));
    command.args(arguments).output().expect("it runs")
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn evidence_that_verifies_says_what_by_which_key_and_when() {
    let world = World::new();
    let file = world.file("evidence.json", &world.package());
    let keys = world.keys("keys.json");
    let (code, report, error) = said(&run(&[&file, "--keys", &keys]));
    assert_eq!((code, error.as_str()), (Some(0), ""));
    for line in [
        "proven    signed a text\n",
        "when      2027-01-15T08:00:00Z\n",
        "user      AQEBAQEBAQEBAQEBAQEBAQ, verified by PIN or biometrics\n",
        ", ES256\n",
        "model     01010101-0101-0101-0101-010101010101, as the server says\n",
        "asked by  app1 at idp1.example\n",
        "text      text/1 of 19 octets\n",
        "        | I owe you\n        | 10 kronor\n",
        "data      1 octets, SHA-256 4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a\n",
        "one of those named\n",
        "checked   the package is whole, and in its one form\n",
        "checked   the server's signature, ES256\n",
        "checked   it was signed between the order and its end\n",
        "checked   the user is the one who was asked\n",
        "checked   the challenge is that of the text, the data and the order\n",
        "checked   the page that asked is one of the relying party's\n",
        "checked   the passkey belongs to idp1.example\n",
        "checked   the user was present, and verified by PIN or biometrics\n",
        "checked   the passkey's signature, ES256\n",
    ] {
        assert!(report.contains(line), "{line}\n{report}");
    }
}

#[test]
fn a_package_with_its_line_ended_is_still_one() {
    let world = World::new();
    let file = world.file("evidence.json", &format!("{}\r\n", world.package()));
    let (code, report, _) = said(&run(&[&file, "--any-key"]));
    assert_eq!(code, Some(0));
    assert!(report.contains("not compared with a known one"));
}

#[test]
fn a_forgery_by_a_server_of_ones_own_is_whole_and_of_an_unknown_maker_and_never_proven() {
    let forger = World::new();
    let mut forged = statement();
    forged.user = UserId::from([2; 16]);
    forged.requested_user = Some(forged.user);
    forged.text = "I owe you\n1000000 kronor".into();
    forged.sign(
        TestAuthenticator::es256(UserId::from([2; 16])),
        &Quirks::none(),
    );
    let file = forger.file("forged.json", &forger.seal(&forged));
    let (code, report, error) = said(&run(&[&file]));
    let told = "passkey-verify: whole, but of an unknown server: give its keys with --keys, or say \
                --any-key\n";
    assert_eq!((code, error.as_str()), (Some(3), told));
    let begin = "whole     signed a text\n\
                 maker     unknown: anybody makes such a package with a key of their own\n";
    assert!(report.starts_with(begin), "{report}");
    assert!(!report.contains("proven"), "{report}");

    let (code, report, error) = said(&run(&[&file, "--any-key"]));
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(report.starts_with(begin), "{report}");

    let keys = World::new();
    let keys = keys.keys("keys.json");
    let both = run(&[&file, "--any-key", "--keys", &keys]);
    assert_eq!(both.status.code(), Some(2), "one or the other");
}

#[test]
fn data_of_an_unknown_maker_is_not_written_unasked() {
    let world = World::new();
    let file = world.file("evidence.json", &world.package());
    let data = world.folder.path().join("data");
    let (code, report, error) = said(&run(&[&file, "--data", data.to_str().unwrap()]));
    assert_eq!((code, report.as_str()), (Some(1), ""));
    assert!(error.ends_with("; no data is written\n"), "{error}");
    assert!(!data.exists());
}

#[test]
fn data_is_written_to_a_file() {
    let world = World::new();
    let file = world.file("evidence.json", &world.package());
    let data = world.file("data", "");
    assert_eq!(
        run(&[&file, "--any-key", "--data", &data]).status.code(),
        Some(0)
    );
    assert_eq!(std::fs::read(&data).unwrap(), [1]);
}

#[test]
fn where_there_is_no_data_none_is_written_and_that_is_said() {
    let world = World::new();
    let mut statement = statement();
    statement.data = None;
    let authenticator = TestAuthenticator::es256(UserId::from([1; 16]));
    statement.sign(authenticator, &Quirks::none());
    let file = world.file("evidence.json", &world.seal(&statement));
    let (code, report, _) = said(&run(&[&file, "--any-key"]));
    assert_eq!(code, Some(0));
    assert!(report.contains("data      none\n"), "{report}");
    let data = world.folder.path().join("data");
    let (code, report, error) = said(&run(&[
        &file,
        "--any-key",
        "--data",
        data.to_str().unwrap(),
    ]));
    let reason = "passkey-verify: nothing was signed beside the text: no data is written\n";
    assert_eq!(
        (code, report.as_str(), error.as_str()),
        (Some(1), "", reason)
    );
    assert!(!data.exists());
}

#[test]
fn a_new_passkey_is_compared_with_what_its_authenticator_says() {
    let world = World::new();
    let authenticator = TestAuthenticator::es256(UserId::from([1; 16]));
    let statement = Statement::sample_registration(1, authenticator);
    let file = world.file("evidence.json", &world.seal(&statement));
    let keys = world.keys("keys.json");
    let (code, report, _) = said(&run(&[&file, "--keys", &keys]));
    assert_eq!(code, Some(0));
    for line in [
        "proven    registered the passkey\n",
        "model     01010101-0101-0101-0101-010101010101, compared with what the authenticator says\n",
        "checked   the passkey, its public key and its model are those that were registered\n",
    ] {
        assert!(report.contains(line), "{line}\n{report}");
    }
}

#[test]
fn what_is_not_proven_ends_with_1_and_the_reason() {
    let world = World::new();
    let package = world.package();
    let changed = world.file("changed.json", &package.replace("/v1", "/v2"));
    let (code, report, error) = said(&run(&[&changed]));
    assert_eq!((code, report.as_str()), (Some(1), ""));
    let reason = "passkey-verify: not proven: not a package of evidence in the form \
                  passkey-idp/evidence/v1\n";
    assert_eq!(error, reason);

    let file = world.file("evidence.json", &package);
    let strangers = World::new().keys("keys.json");
    let (code, _, error) = said(&run(&[&file, "--keys", &strangers]));
    assert_eq!(code, Some(1));
    assert!(
        error.starts_with("passkey-verify: cannot read "),
        "the folder is gone: {error}"
    );
    let stranger = World::new();
    let keys = stranger.keys("keys.json");
    let (code, _, error) = said(&run(&[&file, "--keys", &keys]));
    let reason =
        "passkey-verify: not proven: the server's key is not one of those that are trusted\n";
    assert_eq!((code, error.as_str()), (Some(1), reason));
}

#[test]
fn a_file_that_is_not_there_is_no_evidence() {
    let (code, _, error) = said(&run(&["/nonexistent/evidence.json"]));
    assert_eq!(code, Some(1));
    assert!(error.starts_with("passkey-verify: cannot read /nonexistent/evidence.json"));
}
