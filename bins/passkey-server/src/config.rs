//! The settings of the server, by the same names as flags, in the environment and in a file.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use passkey_idp::binding::Scheme;
use passkey_idp::webauthn::{Origin, RelyingParty};
use serde::{Deserialize, Serialize};
use server_kit::audit::AuditOptions;
use server_kit::caller::CallerOptions;
use server_kit::config::{DatabaseOptions, Settings};
use server_kit::listen::{Disagreement, ListenOptions};
use server_kit::observe::LogOptions;

use crate::mds::Metadata;
use crate::state::Proofs;

mod database;
mod notify;

pub(crate) use database::{Kept, beside, exposed, hold, locate, open, sealer, store};
pub use notify::NotifyOptions;

/// Everything that can be set; what is not given has its default.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Options {
    /// Who the server is.
    #[command(flatten)]
    #[serde(flatten)]
    pub party: PartyOptions,
    /// Where everything is kept.
    #[command(flatten)]
    #[serde(flatten)]
    pub database: DatabaseOptions,
    /// Where and how.
    #[command(flatten)]
    #[serde(flatten)]
    pub listen: ListenOptions,
    /// Who may ask for metrics.
    #[command(flatten)]
    #[serde(flatten)]
    pub callers: CallerOptions,
    /// What is written down.
    #[command(flatten)]
    #[serde(flatten)]
    pub log: LogOptions,
    /// How often.
    #[command(flatten)]
    #[serde(flatten)]
    pub rules: RuleOptions,
    /// What applications are told unasked.
    #[command(flatten)]
    #[serde(flatten)]
    pub notify: NotifyOptions,
    /// Where the audit trail goes.
    #[command(flatten)]
    #[serde(flatten)]
    pub audit: AuditOptions,
}

/// Who the server is to browsers and passkeys.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct PartyOptions {
    /// The server's origin as browsers know it [default: http(s)://localhost with the port of the
    /// first address]
    #[arg(long, value_name = "URL", help_heading = "Passkeys")]
    pub origin: Option<String>,
    /// The domain that passkeys belong to, and never to another one later [default: the origin's host]
    #[arg(long, value_name = "HOST", help_heading = "Passkeys")]
    pub rp_id: Option<String>,
    /// The name that people see
    #[arg(long, value_name = "NAME", help_heading = "Passkeys")]
    pub rp_name: Option<String>,
    /// Another origin that uses the same passkeys; may be given again
    #[arg(long, value_name = "URL", help_heading = "Passkeys")]
    pub related_origin: Vec<String>,
    /// What a passkey signs for clients of the Uyulala dialect: v1 binds everything, v0 is what
    /// Uyulala itself binds, octet for octet
    #[arg(long, value_name = "SCHEME", help_heading = "Passkeys")]
    pub binding: Option<BindingScheme>,
    /// What is known of authenticators: a blob of the FIDO Metadata Service
    #[arg(long, value_name = "FILE", help_heading = "Passkeys")]
    pub mds: Option<PathBuf>,
    /// The root, in PEM, that the blob's certificates lead to
    #[arg(long, value_name = "FILE", help_heading = "Passkeys")]
    pub mds_root: Option<PathBuf>,
}

/// What a passkey signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BindingScheme {
    /// Uyulala's.
    V0,
    /// Ours.
    #[default]
    V1,
}

/// How often peers and clients may ask.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct RuleOptions {
    /// Requests a second from one network address, with bursts of twice that; 0 for no limit
    #[arg(long, value_name = "N", help_heading = "Rules")]
    pub rate_per_peer: Option<u32>,
    /// Requests a second of one client, with bursts of twice that; 0 for no limit
    #[arg(long, value_name = "N", help_heading = "Rules")]
    pub rate_per_client: Option<u32>,
    /// Ask clients that prove their keys (DPoP) for a nonce of the server's in each proof
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "Rules")]
    pub dpop_nonce: Option<bool>,
}

impl RuleOptions {
    /// What clients' proofs of their keys have to hold.
    pub(crate) fn proofs(&self) -> Proofs {
        if self.dpop_nonce == Some(true) {
            Proofs::WithNonce
        } else {
            Proofs::Dated
        }
    }
}

impl PartyOptions {
    /// What is known of authenticators; a blob that does not verify ends the start.
    pub(crate) fn metadata(&self) -> Result<Metadata> {
        let Some(blob) = &self.mds else {
            return Ok(Metadata::default());
        };
        let root = self.mds_root.as_deref();
        let root =
            root.context("--mds FILE needs --mds-root FILE, which its certificates lead to")?;
        let metadata = Metadata::read(blob, root);
        metadata.with_context(|| format!("--mds {}", blob.display()))
    }
}

impl Settings for Options {
    const PROGRAM: &'static str = "passkey-server";
    const SECRETS: &'static [&'static str] = &["token-sha256", "database"];

    fn defaults() -> Self {
        let mut options = Self::default();
        options.listen.listen = "127.0.0.1:8445".parse().into_iter().collect();
        options.party.rp_name = Some("Passkeys".to_owned());
        options.party.binding = Some(BindingScheme::V1);
        options.audit = AuditOptions::standard_error();
        options.rules = RuleOptions {
            rate_per_peer: Some(50),
            rate_per_client: Some(500),
            dpop_nonce: Some(false),
        };
        options
    }

    fn log(&self) -> &LogOptions {
        &self.log
    }
}

impl Options {
    /// Decides whether TLS is spoken.
    ///
    /// # Errors
    /// Settings contradict each other.
    pub(crate) fn settle(&mut self) -> Result<(), Disagreement> {
        self.listen.settle(self.party.origin.as_deref())
    }

    /// The server's origin.
    pub(crate) fn origin(&self) -> Result<Origin> {
        let text = match &self.party.origin {
            Some(origin) => origin.clone(),
            None => self.listen.local_origin(Some("localhost"))?,
        };
        let parsed = text.parse::<Origin>();
        parsed.with_context(|| format!("--origin {text}"))
    }

    /// The relying party of the passkeys.
    pub(crate) fn relying_party(&self) -> Result<RelyingParty> {
        let origin = self.origin()?;
        let host = origin.as_str().split("://").nth(1).unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        let id = self.party.rp_id.as_deref().unwrap_or(host).to_owned();
        let name = self.party.rp_name.as_deref().unwrap_or("Passkeys");
        let related = self.party.related_origin.iter().map(|text| text.parse());
        let origins: Result<Vec<Origin>, _> = std::iter::once(Ok(origin)).chain(related).collect();
        Ok(RelyingParty::new(&id, name, origins?)?)
    }

    /// How orders of the Uyulala dialect are bound.
    pub(crate) fn scheme(&self) -> Scheme {
        match self.party.binding.unwrap_or_default() {
            BindingScheme::V0 => Scheme::V0,
            BindingScheme::V1 => Scheme::V1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_settings_browsers_find_the_server_at_localhost_without_tls() {
        let mut options = Options::defaults();
        options.settle().unwrap();
        assert_eq!(options.origin().unwrap().as_str(), "http://localhost:8445");
        assert_eq!(options.relying_party().unwrap().id(), "localhost");
    }

    #[test]
    fn beyond_loopback_the_origin_must_be_told() {
        let mut options = Options::defaults();
        options.listen.listen = vec!["0.0.0.0:443".parse().unwrap()];
        options.settle().unwrap();
        assert!(options.listen.is_https());
        let error = options.origin().unwrap_err();
        assert_eq!(error.to_string(), "--origin URL is needed beyond loopback");
    }

    #[test]
    fn whoever_asks_for_tls_on_loopback_gets_it_and_an_origin_to_match() {
        let mut options = Options::defaults();
        options.listen.tls_pem = Some("tls.pem".into());
        options.settle().unwrap();
        assert!(options.listen.is_https());
        assert_eq!(options.origin().unwrap().as_str(), "https://localhost:8445");
    }
}
