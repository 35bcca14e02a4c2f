//! The identity provider as openid-client uses it, by a script that npm's oidc-provider passes as well.

mod clients;

use anyhow::{Context as _, Result, ensure};
use counterparts::postgres::{Durability, Postgres};
use counterparts::program::tools;
use counterparts::{Namespace, Program, certificates};
use serde_json::{Value, json};

use crate::clients::Clients;

/// Where the provider listens.
const ISSUER: &str = "http://localhost:8445";
/// Where it listens; the second instance is at the other, and says that it is the first.
const INSTANCES: [&str; 2] = ["127.0.0.1:8445", "127.0.0.1:8448"];
/// The port where its clients listen, over TLS.
const HEARS: u16 = 8446;

/// What the script is made of.
const FILES: [(&str, &str); 6] = [
    ("authenticator.mjs", include_str!("authenticator.mjs")),
    ("browser.mjs", include_str!("browser.mjs")),
    ("flows.mjs", include_str!("flows.mjs")),
    ("listener.mjs", include_str!("listener.mjs")),
    ("passkey.mjs", include_str!("passkey.mjs")),
    ("provider.mjs", include_str!("provider.mjs")),
];

/// Every flow that the script knows.
const ALL: &str = "openid: 14 flows";

#[test]
#[ignore = "needs openid-client and oidc-provider: cargo xtask test --only openid"]
fn oidc_provider_passes() -> Result<()> {
    let namespace = Namespace::new()?;
    certificates::make(&namespace)?;
    let clients = Clients::new()?;
    passes(
        &namespace,
        "provider.mjs",
        json!({ "clients": clients.with_secrets() }),
    )
}

#[test]
#[ignore = "needs openid-client: cargo xtask test --only openid"]
fn passkey_server_passes_on_sqlite() -> Result<()> {
    let namespace = Namespace::new()?;
    let database = namespace.folder().join("passkey.db");
    let [only, _] = INSTANCES;
    passkey_server_passes(
        &namespace,
        &format!("sqlite:{}", database.display()),
        &[only],
        "",
    )
}

#[test]
#[ignore = "needs openid-client and PostgreSQL: cargo xtask test --only openid"]
fn passkey_server_passes_on_postgresql_as_two_instances_that_want_nonces() -> Result<()> {
    let postgres = Postgres::start(Durability::Fast)?;
    let namespace = Namespace::new()?;
    passkey_server_passes(&namespace, &postgres.url(), &INSTANCES, "--dpop-nonce")
}

fn passkey_server_passes(
    namespace: &Namespace,
    database: &str,
    instances: &[&str],
    rules: &str,
) -> Result<()> {
    certificates::make(namespace)?;
    let sealing = namespace.file("sealing.key", &"5a".repeat(32))?;
    let server = |command: &str, rest: &str| -> Result<Program> {
        let server = namespace.ours("passkey-server")?.arg(command);
        let server = server.arg("--database").arg(database);
        Ok(server.arg("--sealing-key").arg(&sealing).args(rest))
    };
    let clients = Clients::new()?.registered(namespace, server)?;
    let invitation = server("user", "add Kim --origin")?.arg(ISSUER).demand()?;
    let mut running = Vec::new();
    for listen in instances {
        let serve = "--http --rate-per-peer 0 --audit off --danger-notify-anywhere --notify-ca";
        let serve = server("serve", serve)?.arg(namespace.folder().join("ca.pem"));
        let serve = serve.args(rules).arg("--origin").arg(ISSUER);
        let mut instance = serve.arg("--listen").arg(listen).start()?;
        instance.prints("listening")?;
        running.push(instance);
    }
    let last = instances.last().map(|listen| format!("http://{listen}"));
    let asked = json!({
        "clients": clients, "invitation": invitation.trim(), "neighbour": last,
    });
    let passed = passes(namespace, "passkey.mjs", asked);
    let logs = || {
        running
            .iter()
            .map(counterparts::Running::log)
            .collect::<String>()
    };
    passed.with_context(|| format!("the server printed:\n{}", logs()))
}

/// Runs one of the scripts to its end.
fn passes(namespace: &Namespace, name: &str, mut asked: Value) -> Result<()> {
    let folder = namespace.folder();
    for (file, text) in FILES {
        namespace.file(file, text)?;
    }
    if let Some(members) = asked.as_object_mut() {
        members.insert("issuer".to_owned(), json!(ISSUER));
        members.insert("redirect".to_owned(), json!(clients::REDIRECT));
        members.insert("after".to_owned(), json!(clients::AFTER));
        let (key, cert) = (folder.join("server.key"), folder.join("server.pem"));
        let hears = json!({ "key": key, "cert": cert, "port": HEARS });
        members.insert("hears".to_owned(), hears);
    }
    let modules = tools()?.join("npm/node_modules");
    std::os::unix::fs::symlink(modules, folder.join("node_modules"))?;
    let trusted = format!("NODE_EXTRA_CA_CERTS={}", folder.join("ca.pem").display());
    let node = namespace
        .program("env")
        .arg(trusted)
        .args("timeout 60 node");
    let told = node
        .arg(folder.join(name))
        .arg(asked.to_string())
        .demand()?;
    ensure!(told.contains(ALL), "{told}");
    Ok(())
}
