//! Tokens between us and libraries of other languages: PyJWT, jose, and the JDK's own cryptography.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use anyhow::{Context as _, Result, ensure};
use counterparts::program::tools;
use endorse::{Claims, Issuer, Method, Sim, UnixTime, Verifier};
use serde_json::{Value, json};
use strict_jws::{Algorithm, KeySet, Signer, SigningKey, SystemRandom, Unsupported};

const ISSUER: &str = "https://endorse.example";
const AUDIENCE: &str = "https://api.example";
const IMSI: &str = "001010000000001";
const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256];
const RSA: &str = include_str!("../../../../endorse/tests/keys/rsa2048.pem");

#[test]
#[ignore = "needs PyJWT: cargo xtask test --only tokens"]
fn pyjwt_verifies_our_tokens() -> Result<()> {
    let script = include_str!("verify.py");
    for token in Token::of_all_kinds() {
        let token = token?;
        let python = tools()?.join("bin/python");
        let claims = run(
            Command::new(python).args(["-c", script]),
            &token.question().to_string(),
        )?;
        token.must_say(&claims)?;
    }
    Ok(())
}

#[test]
#[ignore = "needs node and jose: cargo xtask test --only tokens"]
fn jose_verifies_our_tokens() -> Result<()> {
    for token in Token::of_all_kinds() {
        let token = token?;
        token.must_say(&node(include_str!("verify.mjs"), &token.question())?)?;
    }
    Ok(())
}

#[test]
#[ignore = "needs a JDK: cargo xtask test --only tokens"]
fn the_jdk_verifies_our_tokens() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let source = folder.path().join("Verify.java");
    std::fs::write(&source, include_str!("Verify.java"))?;
    for token in Token::of_all_kinds() {
        let token = token?;
        let (kind, name) = if token.algorithm() == Algorithm::Es256 {
            ("EC", "SHA256withECDSAinP1363Format")
        } else if token.algorithm() == Algorithm::EdDsa {
            ("Ed25519", "Ed25519")
        } else {
            ("RSA", "SHA256withRSA")
        };
        let pem = token.signer.public().to_pem();
        let arguments = [token.text.as_str(), pem.as_str(), kind, name];
        let claims = run(Command::new("java").arg(&source).args(arguments), "")?;
        token.must_say(&claims)?;
    }
    Ok(())
}

#[test]
#[ignore = "needs node and jose: cargo xtask test --only tokens"]
fn we_verify_what_jose_issues() -> Result<()> {
    let now = now();
    for algorithm in ALGORITHMS {
        let asked = json!({
            "alg": algorithm.name(), "kid": "jose-1", "typ": "endorse+jwt",
            "claims": {
                "iss": ISSUER, "aud": AUDIENCE, "sub": "somebody", "jti": "AAAAAAAAAAAAAAAAAAAAAA",
                "iat": now.seconds(), "nbf": now.seconds(), "exp": now.plus(300).seconds(),
                "endorse": {"imsi": IMSI, "method": "aka"},
            },
        });
        let answer: Value = serde_json::from_str(&node(include_str!("issue.mjs"), &asked)?)?;
        let jwks = answer.get("jwks").context("no keys")?.to_string();
        let keys = KeySet::from_jwks(jwks.as_bytes(), Unsupported::Refuse)?;
        let verifier = Verifier::native(ISSUER.parse()?, AUDIENCE.parse()?, keys);
        let token = answer
            .get("token")
            .and_then(Value::as_str)
            .context("no token")?;
        let endorsement = verifier.verify(token, now)?;
        let imsi = endorsement.sim().imsi.as_ref().map(endorse::Imsi::as_str);
        assert_eq!(imsi, Some(IMSI), "{algorithm}");
    }
    Ok(())
}

/// A token of ours, and how another may verify it.
struct Token {
    text: String,
    signer: Signer,
    typ: Option<&'static str>,
}

impl Token {
    /// Native ones of each algorithm, and one in SORACOM's format, which has RS256 only.
    fn of_all_kinds() -> impl Iterator<Item = Result<Self>> {
        let soracom = std::iter::once_with(|| Self::soracom(Algorithm::Rs256));
        ALGORITHMS.into_iter().map(Self::native).chain(soracom)
    }

    fn native(algorithm: Algorithm) -> Result<Self> {
        let issuer = Issuer::native(ISSUER.parse()?);
        Self::issued(
            &issuer,
            Sim::proven_by(Method::Aka),
            algorithm,
            Some("endorse+jwt"),
        )
    }

    fn soracom(algorithm: Algorithm) -> Result<Self> {
        let issuer = Issuer::soracom(ISSUER.parse()?, "somebody".parse()?);
        Self::issued(&issuer, Sim::default(), algorithm, None)
    }

    fn issued(
        issuer: &Issuer,
        sim: Sim,
        algorithm: Algorithm,
        typ: Option<&'static str>,
    ) -> Result<Self> {
        let random = SystemRandom::new();
        let pem = match SigningKey::generate_pem(algorithm, &random) {
            Ok(pem) => pem,
            Err(_) => RSA.to_owned(),
        };
        let signer = Signer::certifying(SigningKey::from_pem(&pem, &random)?);
        let claims = Claims::new(
            AUDIENCE.parse()?,
            "somebody".parse()?,
            sim.with_imsi(IMSI.parse()?),
        );
        let text = issuer.issue(&claims, &signer, now(), &random)?.token;
        Ok(Self { text, signer, typ })
    }

    fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }

    fn question(&self) -> Value {
        let mut keys = KeySet::new();
        let inserted = keys.insert_certifying(self.signer.public().clone());
        assert!(inserted.is_ok());
        let jwks: Value = serde_json::from_str(&keys.to_jwks()).unwrap_or_default();
        json!({
            "token": self.text, "alg": self.algorithm().name(), "jwks": jwks, "typ": self.typ,
            "iss": ISSUER, "aud": AUDIENCE,
        })
    }

    fn must_say(&self, claims: &str) -> Result<()> {
        let claims: Value = serde_json::from_str(claims)?;
        let sim = if self.typ.is_some() {
            "endorse"
        } else {
            "soracom-endorse-claim"
        };
        let imsi = claims.get(sim).and_then(|sim| sim.get("imsi"));
        ensure!(imsi == Some(&json!(IMSI)), "{}: {claims}", self.algorithm());
        ensure!(claims.get("sub") == Some(&json!("somebody")), "{claims}");
        Ok(())
    }
}

/// Runs a module with jose in reach: node looks for it from the folder where it is started.
fn node(script: &str, asked: &Value) -> Result<String> {
    let mut node = Command::new("node");
    node.args(["--input-type=module", "-", &asked.to_string()]);
    run(node.current_dir(tools()?.join("npm")), script)
}

fn run(command: &mut Command, input: &str) -> Result<String> {
    let name = PathBuf::from(command.get_program());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", name.display()))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {errors}", name.display());
    Ok(String::from_utf8(output.stdout)?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "other libraries look at the clock"
)]
fn now() -> UnixTime {
    SystemTime::now().into()
}
