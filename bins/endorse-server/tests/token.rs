//! `endorse-server token verify`.
#![expect(clippy::unwrap_used, reason = "what is unexpected fails the test")]

use std::fs;
use std::time::UNIX_EPOCH;

use endorse::{Claims, Issuer, Method, Sim, UnixTime};
use endorse_server::cli::{Cli, Command, TokenCommand};
use strict_jws::{Algorithm, KeySet, Signer, SigningKey, SystemRandom};

/// A folder with a JWK set and a folder of PEM files, and a token that they verify.
struct Kept {
    folder: tempfile::TempDir,
    token: String,
}

impl Kept {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pem = SigningKey::generate_pem(Algorithm::EdDsa, &random).unwrap();
        let signer = Signer::certifying(SigningKey::from_pem(&pem, &random).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let mut keys = KeySet::new();
        keys.insert_certifying(signer.public().clone()).unwrap();
        fs::write(folder.path().join("jwks.json"), keys.to_jwks()).unwrap();
        fs::create_dir(folder.path().join("keys")).unwrap();
        let pem = folder.path().join("keys").join(signer.key_id().as_str());
        fs::write(pem, signer.public().to_pem()).unwrap();
        let now = UnixTime::from_seconds(UNIX_EPOCH.elapsed().unwrap().as_secs());
        let (audience, subject) = ("https://api.example".parse(), "somebody".parse());
        let sim = Sim::proven_by(Method::Aka);
        let claims = Claims::new(audience.unwrap(), subject.unwrap(), sim);
        let issuer = Issuer::native("https://endorse.example".parse().unwrap());
        let token = issuer.issue(&claims, &signer, now, &random).unwrap().token;
        Self { folder, token }
    }

    /// What the command says of the token.
    fn verify(&self, keys: &str, more: &[&str]) -> Result<String, String> {
        let keys = self.folder.path().join(keys).display().to_string();
        let line = [
            "endorse-server",
            "token",
            "verify",
            "--issuer",
            "https://endorse.example",
        ];
        let rest = ["--audience", "https://api.example", "--keys", &keys];
        let words = line.iter().chain(&rest).chain(more);
        let cli = <Cli as clap::Parser>::try_parse_from(words).unwrap();
        let Command::Token(TokenCommand::Verify(verify)) = cli.command else {
            return Err("another command".to_owned());
        };
        let said = verify.run(&format!("{}\n", self.token));
        said.map_err(|error| format!("{error:#}"))
    }
}

#[test]
fn the_claims_are_told_with_keys_from_a_set_or_a_folder() {
    let kept = Kept::new();
    for keys in ["jwks.json", "keys"] {
        let claims = kept.verify(keys, &[]).unwrap();
        assert!(
            claims.starts_with(r#"{"iss":"https://endorse.example","aud":"#),
            "{claims}"
        );
    }
}

#[test]
fn the_reason_is_told() {
    let kept = Kept::new();
    let reason = |more: &[&str]| kept.verify("jwks.json", more).unwrap_err();
    assert_eq!(
        reason(&["--max-lifetime", "10"]),
        "the token lives longer than 10 seconds"
    );
    assert_eq!(
        reason(&["--profile", "soracom"]),
        "the token is of another type than expected"
    );
    fs::write(kept.folder.path().join("jwks.json"), r#"{"keys":[]}"#).unwrap();
    assert_eq!(reason(&[]), "no key has the token's kid");
}

#[test]
fn keys_that_are_not_there_are_no_keys() {
    let told = Kept::new().verify("nothing", &[]).unwrap_err();
    assert!(
        told.ends_with("nothing is no folder, file or URL"),
        "{told}"
    );
}
