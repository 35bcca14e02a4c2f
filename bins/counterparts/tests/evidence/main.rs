//! Evidence as others verify it who share no code with us: our page with WebCrypto, in node, and
//! @simplewebauthn/server.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use counterparts::program::tools;
use passkey_idp::binding::Scheme;
use passkey_idp::evidence::{Statement, Trust, seal, verify};
use passkey_idp::id::UserId;
use passkey_idp::webauthn::{Aaguid, Quirks, TestAuthenticator};
use serde_json::{Value, json};
use strict_jws::{Algorithm, KeySet, Signer, SigningKey, SystemRandom, base64};

const PAGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../passkey-verify/page/verify.js"
);

#[test]
#[ignore = "needs node: cargo xtask test --only evidence"]
fn webcrypto_verifies_what_passkeys_signed() -> Result<()> {
    let user = UserId::from([1; 16]);
    let mut statements = vec![
        Statement::sample(1, TestAuthenticator::es256(user), &Quirks::none()),
        Statement::sample(1, TestAuthenticator::rs256(user), &Quirks::none()),
        Statement::sample(1, TestAuthenticator::eddsa(user), &Quirks::none()),
        Statement::sample_registration(1, TestAuthenticator::es256(user)),
    ];
    let mut old = statements[0].clone();
    old.scheme = Scheme::V0;
    old.requested_user = None;
    old.sign(TestAuthenticator::es256(user), &Quirks::none());
    statements.push(old);
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let signer = signer(algorithm)?;
        let packages = statements
            .iter()
            .map(|statement| package(statement, &signer));
        let packages = packages.collect::<Result<Vec<_>>>()?;
        for (statement, said) in statements.iter().zip(ask(&packages)?) {
            let algorithm = statement.public_key.algorithm().name();
            let expected = json!({ "text": statement.text, "user": statement.user, "uv": true,
                "passed": 9, "algorithm": algorithm, "maker": "unknown" });
            ensure!(said == expected, "{:?}: {said}", statement.public_key);
        }
    }
    Ok(())
}

#[test]
#[ignore = "needs node: cargo xtask test --only evidence"]
fn webcrypto_shows_what_hides_and_names_what_was_checked_before_something_failed() -> Result<()> {
    let user = UserId::from([1; 16]);
    let mut statement = Statement::sample(1, TestAuthenticator::es256(user), &Quirks::none());
    statement.text =
        "100\u{202e}001 to\u{200b} \u{e000}Eve\u{fe0f}\u{2800}\u{16fe4}1\u{2009}0\ta\nb".into();
    statement.sign(TestAuthenticator::es256(user), &Quirks::none());
    let mut other_model = Statement::sample_registration(1, TestAuthenticator::es256(user));
    other_model.aaguid = Aaguid::from([9; 16]);
    let signer = signer(Algorithm::Es256)?;
    let other_model = forged(&other_model, &signer)?;
    let said = ask(&[package(&statement, &signer)?, other_model])?;
    let [shown, refused] = said.as_slice() else {
        bail!("{said:?}");
    };
    let text = "100U+202E001 toU+200B U+E000EveU+FE0FU+2800U+16FE41U+20090\ta\nb";
    ensure!(shown["text"] == text, "{shown}");
    ensure!(
        refused["error"] == "the passkey is of another model",
        "{refused}"
    );
    let passed = refused["passed"].as_array().map(Vec::len);
    ensure!(passed == Some(8), "{refused}");
    Ok(())
}

#[test]
#[ignore = "needs node: cargo xtask test --only evidence"]
fn the_page_knows_a_maker_by_thumbprint_or_key_set_and_refuses_another() -> Result<()> {
    let user = UserId::from([1; 16]);
    let statement = Statement::sample(1, TestAuthenticator::es256(user), &Quirks::none());
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let (ours, other) = (signer(algorithm)?, signer(algorithm)?);
        let packages = [package(&statement, &ours)?];
        for (signer, expected) in [(&ours, json!("named")), (&other, Value::Null)] {
            let thumbprint = signer.public().thumbprint().to_string();
            let mut set = KeySet::new();
            set.insert(signer.key_id().clone(), signer.public().clone())?;
            for arguments in [[thumbprint.as_str(), "null"], ["", &set.to_jwks()]] {
                let said = ask_of(&packages, &arguments)?.remove(0);
                ensure!(said["maker"] == expected, "{said}");
                let why = "the server's key is not one of those that you named";
                ensure!(expected.is_string() || said["error"] == why, "{said}");
            }
        }
    }
    Ok(())
}

const ASSERTION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/evidence/assertion.mjs");

/// The passkey's own signature, without the server's.
#[test]
#[ignore = "needs @simplewebauthn/server: cargo xtask test --only evidence"]
fn simplewebauthn_verifies_the_assertions_and_refuses_other_texts() -> Result<()> {
    let user = UserId::from([1; 16]);
    let signer = signer(Algorithm::Es256)?;
    let passkeys = [
        TestAuthenticator::es256(user),
        TestAuthenticator::rs256(user),
        TestAuthenticator::eddsa(user),
    ];
    let packages =
        passkeys.map(|passkey| package(&Statement::sample(1, passkey, &Quirks::none()), &signer));
    let mut packages = packages.into_iter().collect::<Result<Vec<_>>>()?;
    let forged = packages.iter().map(|package| with_another_text(package));
    packages.extend(forged.collect::<Result<Vec<_>>>()?);
    let mut node = Command::new("node");
    node.current_dir(tools()?.join("npm")).arg(ASSERTION);
    let said = told(node, &packages)?;
    let (honest, forged) = said.split_at(3);
    for said in honest {
        ensure!(*said == json!({ "verified": true, "uv": true }), "{said}");
    }
    for said in forged {
        let reason = said["error"].as_str().unwrap_or_default();
        ensure!(reason.contains("challenge"), "{said}");
    }
    Ok(())
}

/// What a forger makes who does not mind the server's signature.
fn with_another_text(package: &str) -> Result<String> {
    let mut parts = package.split('.').skip(1);
    let payload = parts.next().context("a JWS has a payload")?;
    let said = String::from_utf8(base64::decode(payload.as_bytes())?)?;
    let forged = said.replace("\"text\":\"", "\"text\":\"I owe you a million. ");
    ensure!(forged != said, "it has no text");
    Ok(package.replace(payload, &base64::encode(forged.as_bytes())))
}

#[test]
#[ignore = "needs node: cargo xtask test --only evidence"]
fn webcrypto_refuses_every_package_with_a_flipped_bit() -> Result<()> {
    let user = UserId::from([1; 16]);
    let statement = Statement::sample(1, TestAuthenticator::es256(user), &Quirks::none());
    let package = package(&statement, &signer(Algorithm::Es256)?)?;
    let flipped = (0..package.len()).map(|at| {
        let mut octets = package.clone().into_bytes();
        octets[at] ^= 1;
        String::from_utf8(octets).context("ASCII stays ASCII")
    });
    let flipped = flipped.collect::<Result<Vec<_>>>()?;
    for (at, said) in ask(&flipped)?.iter().enumerate() {
        ensure!(said.get("error").is_some(), "octet {at}: {said}");
        ensure!(
            verify(&flipped[at], &Trust::Embedded).is_err(),
            "octet {at}"
        );
    }
    Ok(())
}

/// The last symbol of 32 octets in base64url has two bits that say nothing.
#[test]
#[ignore = "needs node: cargo xtask test --only evidence"]
fn webcrypto_refuses_the_servers_key_in_another_form() -> Result<()> {
    const SYMBOLS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let user = UserId::from([1; 16]);
    let statement = Statement::sample(1, TestAuthenticator::es256(user), &Quirks::none());
    let package = package(&statement, &signer(Algorithm::Es256)?)?;
    let said: Value = serde_json::from_str(&package)?;
    let forms = ["x", "y"].map(|member| {
        let text = said["jwk"][member].as_str().unwrap();
        let (head, last) = text.split_at(42);
        let at = SYMBOLS.find(last).unwrap();
        package.replace(text, &format!("{head}{}", &SYMBOLS[at + 1..at + 2]))
    });
    for (form, said) in forms.iter().zip(ask(&forms)?) {
        ensure!(*form != package && said.get("error").is_some(), "{said}");
        ensure!(verify(form, &Trust::Embedded).is_err(), "{form}");
    }
    Ok(())
}

fn signer(algorithm: Algorithm) -> Result<Signer> {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(algorithm, &random)?;
    Ok(Signer::certifying(SigningKey::from_pem(&pem, &random)?))
}

fn package(statement: &Statement, signer: &Signer) -> Result<String> {
    Ok(seal(statement, signer, &SystemRandom::new())?)
}

/// A package that the server has signed without looking.
fn forged(statement: &Statement, signer: &Signer) -> Result<String> {
    let payload = serde_json::to_string(statement)?;
    let random = SystemRandom::new();
    let jws = signer.sign(Some("passkey-evidence+jwt"), payload.as_bytes(), &random)?;
    let jwk: Value = serde_json::from_str(&signer.public().to_jwk())?;
    Ok(json!({ "format": "passkey-idp/evidence/v1", "jwk": jwk, "jws": jws }).to_string())
}

/// What the page says of each package.
fn ask(packages: &[String]) -> Result<Vec<Value>> {
    ask_of(packages, &[])
}

/// The same, where somebody gave a thumbprint and a JWK set.
fn ask_of(packages: &[String], given: &[&str]) -> Result<Vec<Value>> {
    let mut node = Command::new("node");
    node.args(["-e", include_str!("verify.js"), PAGE])
        .args(given);
    told(node, packages)
}

/// What a script says of each package.
fn told(mut node: Command, packages: &[String]) -> Result<Vec<Value>> {
    let mut node = node
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("node does not start")?;
    let mut stdin = node.stdin.take().context("it is piped")?;
    stdin.write_all(&serde_json::to_vec(packages)?)?;
    drop(stdin);
    let output = node.wait_with_output()?;
    ensure!(output.status.success(), "node fails");
    let said: Vec<Value> = serde_json::from_slice(&output.stdout)?;
    ensure!(said.len() == packages.len(), "an answer is missing");
    Ok(said)
}
