//! The clients that both providers know, and how they are registered.

use anyhow::{Context as _, Result};
use counterparts::{Namespace, Program};
use serde_json::{Value, json};
use strict_jws::{Algorithm, KeySet, Signer, SigningKey, SystemRandom, base64};

use crate::HEARS;

/// Where browsers come back; nobody serves it.
pub(crate) const REDIRECT: &str = "http://127.0.0.1:9/back";
/// Where they are sent after signing out.
pub(crate) const AFTER: &str = "http://127.0.0.1:9/after";

const CIBA: &str = "urn:openid:params:grant-type:ciba";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Their metadata (RFC 7591 §2), and the key of the one that has one.
pub(crate) struct Clients {
    key: String,
    keys: String,
}

impl Clients {
    pub(crate) fn new() -> Result<Self> {
        let random = SystemRandom::new();
        let key = SigningKey::generate_pem(Algorithm::Es256, &random)?;
        let signer = Signer::certifying(SigningKey::from_pem(&key, &random)?);
        let mut keys = KeySet::new();
        keys.insert_certifying(signer.public().clone())?;
        let keys = keys.to_jwks();
        Ok(Self { key, keys })
    }

    /// As oidc-provider is told of them.
    pub(crate) fn with_secrets(&self) -> Value {
        self.known(&base64::encode(&[7; 32]))
    }

    /// Registers them with passkey-server, of which `server` runs a command; as the script is told.
    pub(crate) fn registered(
        &self,
        namespace: &Namespace,
        server: impl Fn(&str, &str) -> Result<Program>,
    ) -> Result<Value> {
        let back =
            format!("--redirect {REDIRECT} --grant authorization-code --grant refresh-token");
        let web = format!(
            "add web {back} --grant ciba --post-logout-redirect {AFTER} \
             --backchannel-logout https://localhost:{HEARS}/logout"
        );
        let told = server("app", &web)?.demand()?;
        let mut lines = told.lines();
        let secret = lines.find_map(|line| line.strip_prefix("client_secret"));
        let keyed = format!(
            "add keyed {back} --token-auth private-key-jwt \
             --ciba-ping https://localhost:{HEARS}/ping --jwks"
        );
        let keys = namespace.file("keys.json", &self.keys)?;
        server("app", &keyed)?.arg(keys).demand()?;
        server("app", "add tv --public --grant device-code")?.demand()?;
        Ok(self.known(secret.context("no secret")?.trim()))
    }

    fn known(&self, secret: &str) -> Value {
        let keys: Value = serde_json::from_str(&self.keys).unwrap_or_default();
        let hears = format!("https://localhost:{HEARS}");
        json!({
            "web": {
                "client_id": "web",
                "client_secret": secret,
                "token_endpoint_auth_method": "client_secret_basic",
                "grant_types": ["authorization_code", "refresh_token", CIBA],
                "redirect_uris": [REDIRECT],
                "post_logout_redirect_uris": [AFTER],
                "backchannel_logout_uri": format!("{hears}/logout"),
                "backchannel_logout_session_required": true,
                "backchannel_token_delivery_mode": "poll",
            },
            "keyed": {
                "client_id": "keyed",
                "key": self.key,
                "jwks": keys,
                "token_endpoint_auth_method": "private_key_jwt",
                "grant_types": ["authorization_code", "refresh_token", CIBA],
                "redirect_uris": [REDIRECT],
                "backchannel_token_delivery_mode": "ping",
                "backchannel_client_notification_endpoint": format!("{hears}/ping"),
            },
            "device": {
                "client_id": "tv",
                "token_endpoint_auth_method": "none",
                "grant_types": [DEVICE],
                "redirect_uris": [],
            },
        })
    }
}
