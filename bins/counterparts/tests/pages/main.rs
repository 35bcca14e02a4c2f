//! The pages of endorse-server, in a real Chromium that playwright-core leads.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use counterparts::{Namespace, Program, Running};
use serde_json::json;

const ORIGIN: &str = "http://127.0.0.1:8480";
const REDIRECT: &str = "http://127.0.0.1:8481/callback";
const SUBSCRIBER: &str = "imsi,k,opc\n\
    001010000000001,465b5ce8b199b49faa5f0a2ee238a6bc,cd63cb71954a9f4e48a5994e37a02baf\n";
const RSA: &str = include_str!("../../../../endorse/tests/keys/rsa2048.pem");

#[test]
#[ignore = "needs chromium, node and playwright-core: cargo xtask test --only pages"]
fn people_verify_tokens_and_log_in() -> Result<()> {
    let namespace = Namespace::new()?;
    let _server = server(&namespace)?;
    let home = [token(&namespace)?, token(&namespace)?];
    let asked = json!({
        "origin": ORIGIN, "redirect": REDIRECT, "home": home,
        "pictures": std::env::var("ENDORSE_PICTURES").ok(),
    });
    let script = namespace.file("pages.mjs", include_str!("pages.mjs"))?;
    let node = namespace.program("env").arg("-C").arg(tools()?);
    let told = node
        .args("timeout 100 node")
        .arg(script)
        .arg(asked.to_string());
    assert!(told.demand()?.contains("pages: ok"));
    Ok(())
}

/// A server with every page switched on, and a key for tokens in SORACOM's format.
fn server(namespace: &Namespace) -> Result<Running> {
    let folder = namespace.folder();
    let database = format!("sqlite://{}", folder.join("endorse.db").display());
    let sealing = namespace.file("sealing.key", &"5a".repeat(32))?;
    let kept = |program: Program| {
        let program = program.arg("--database").arg(&database);
        program.arg("--sealing-key").arg(&sealing)
    };
    let rsa = namespace.file("rsa.pem", RSA)?;
    let key = kept(namespace.ours("endorse-server")?.arg("key"));
    key.args("new --for soracom --pem").arg(rsa).demand()?;
    let subscribers = namespace.file("subscribers.csv", SUBSCRIBER)?;
    let soracom = format!("{{ enabled = true, authorizedRedirectUrls = [\"{REDIRECT}\"] }}");
    let server = namespace.ours("endorse-server")?;
    let server = server.args("serve --http --listen 127.0.0.1:8480 --audience https://api.example");
    let server = server
        .arg("--origin")
        .arg(ORIGIN)
        .arg("--subscribers")
        .arg(subscribers);
    let mut running = kept(server.arg("--soracom").arg(soracom)).start()?;
    running.prints("listening")?;
    Ok(running)
}

/// A token for the server itself, by the software SIM.
fn token(namespace: &Namespace) -> Result<String> {
    let usimctl = namespace.ours("usimctl")?.args("--soft endorse --server");
    let printed = usimctl.arg(ORIGIN).arg("--aud").arg(ORIGIN).demand()?;
    let mut lines = printed.lines().map(str::trim);
    let token = lines.find(|line| line.matches('.').count() == 2 && line.starts_with("ey"));
    token.map(str::to_owned).with_context(|| printed.clone())
}

/// Where `cargo xtask setup` keeps what comes from npm: below the build folder.
fn tools() -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let target = test.ancestors().nth(3).context("no build folder")?;
    Ok(target.join("tools/npm"))
}
