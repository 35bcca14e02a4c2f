//! Evidence as the page verifies that shares no code with us: WebCrypto, in node.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use passkey_idp::binding::Scheme;
use passkey_idp::evidence::{Statement, Trust, seal, verify};
use passkey_idp::id::UserId;
use passkey_idp::webauthn::{Quirks, TestAuthenticator};
use serde_json::{Value, json};
use strict_jws::{Algorithm, Signer, SigningKey, SystemRandom};

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
            let expected = json!({ "text": statement.text, "user": statement.user, "uv": true });
            ensure!(said == expected, "{:?}: {said}", statement.public_key);
        }
    }
    Ok(())
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

fn signer(algorithm: Algorithm) -> Result<Signer> {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(algorithm, &random)?;
    Ok(Signer::certifying(SigningKey::from_pem(&pem, &random)?))
}

fn package(statement: &Statement, signer: &Signer) -> Result<String> {
    Ok(seal(statement, signer, &SystemRandom::new())?)
}

/// What the page says of each package.
fn ask(packages: &[String]) -> Result<Vec<Value>> {
    let mut node = Command::new("node")
        .args(["-e", include_str!("verify.js"), PAGE])
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
