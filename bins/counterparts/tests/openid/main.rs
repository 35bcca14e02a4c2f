//! The identity provider as openid-client uses it, by a script that npm's oidc-provider passes as well.

use anyhow::{Result, ensure};
use counterparts::program::tools;
use counterparts::{Namespace, certificates};
use passkey_idp::id::ClientSecret;
use serde_json::{Value, json};
use strict_jws::{Algorithm, KeySet, Signer, SigningKey, SystemRandom};

/// Where the provider listens.
const ISSUER: &str = "http://localhost:8445";
/// Where its clients listen, over TLS.
const HEARS: &str = "https://localhost:8446";

/// What the script is made of.
const FILES: [(&str, &str); 7] = [
    ("authenticator.mjs", include_str!("authenticator.mjs")),
    ("browser.mjs", include_str!("browser.mjs")),
    ("flows.mjs", include_str!("flows.mjs")),
    ("listener.mjs", include_str!("listener.mjs")),
    ("passkey.mjs", include_str!("passkey.mjs")),
    ("provider.mjs", include_str!("provider.mjs")),
    ("setting.mjs", include_str!("setting.mjs")),
];

/// Every flow that the script knows.
const ALL: &str = "openid: 14 flows";

#[test]
#[ignore = "needs openid-client and oidc-provider: cargo xtask test --only openid"]
fn oidc_provider_passes() -> Result<()> {
    let namespace = Namespace::new()?;
    let told = script(
        &namespace,
        "provider.mjs",
        &Clients::new()?.asked(&namespace),
    )?;
    ensure!(told.contains(ALL), "{told}");
    Ok(())
}

/// The secrets of the clients that both providers know.
struct Clients {
    secret: ClientSecret,
    key: String,
    keys: Value,
}

impl Clients {
    fn new() -> Result<Self> {
        let random = SystemRandom::new();
        let key = SigningKey::generate_pem(Algorithm::Es256, &random)?;
        let signer = Signer::certifying(SigningKey::from_pem(&key, &random)?);
        let mut keys = KeySet::new();
        keys.insert_certifying(signer.public().clone())?;
        Ok(Self {
            secret: ClientSecret::generate(&random)?,
            keys: serde_json::from_str(&keys.to_jwks())?,
            key,
        })
    }

    /// What the script is told.
    fn asked(&self, namespace: &Namespace) -> Value {
        json!({
            "issuer": ISSUER,
            "hears": HEARS,
            "listener": {
                "key": namespace.folder().join("server.key"),
                "cert": namespace.folder().join("server.pem"),
                "port": 8446,
            },
            "clients": {
                "web": {"client_id": "web", "client_secret": *self.secret.expose()},
                "keyed": {"client_id": "keyed", "key": self.key, "jwks": self.keys},
                "device": {"client_id": "tv"},
            },
        })
    }
}

/// Runs one of the scripts, and returns what it printed.
fn script(namespace: &Namespace, name: &str, asked: &Value) -> Result<String> {
    certificates::make(namespace)?;
    let folder = namespace.folder();
    for (file, text) in FILES {
        namespace.file(file, text)?;
    }
    let modules = tools()?.join("npm/node_modules");
    std::os::unix::fs::symlink(modules, folder.join("node_modules"))?;
    let trusted = format!("NODE_EXTRA_CA_CERTS={}", folder.join("ca.pem").display());
    let node = namespace
        .program("env")
        .arg(trusted)
        .args("timeout 60 node");
    node.arg(folder.join(name)).arg(asked.to_string()).demand()
}
