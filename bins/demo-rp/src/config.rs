//! The settings, by the same names as flags, in the environment and in a file.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use openidconnect::ClientSecret;
use serde::{Deserialize, Serialize};
use server_kit::config::Settings;
use server_kit::listen::{Disagreement, ListenOptions};
use server_kit::observe::LogOptions;

use crate::state;

/// Everything that can be set; what is not given has its default.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Options {
    /// Who signs people in.
    #[command(flatten)]
    #[serde(flatten)]
    pub provider: ProviderOptions,
    /// Where and how.
    #[command(flatten)]
    #[serde(flatten)]
    pub listen: ListenOptions,
    /// What is written down.
    #[command(flatten)]
    #[serde(flatten)]
    pub log: LogOptions,
}

/// The identity provider, and this service as it knows it.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct ProviderOptions {
    /// The identity provider, exactly as it names itself
    #[arg(long, value_name = "URL", help_heading = "Identity provider")]
    pub issuer: Option<String>,
    /// The name by which it knows this service
    #[arg(long, value_name = "NAME", help_heading = "Identity provider")]
    pub client_id: Option<String>,
    /// The file with the secret that it gave
    #[arg(long, value_name = "FILE", help_heading = "Identity provider")]
    pub client_secret_file: Option<PathBuf>,
    /// The certificates that it may have, in PEM [default: those of public authorities]
    #[arg(long, value_name = "FILE", help_heading = "Identity provider")]
    pub issuer_certificate: Option<PathBuf>,
    /// This service's origin as browsers know it [default: http(s)://ADDRESS:PORT of the first address]
    #[arg(long, value_name = "URL", help_heading = "Listening")]
    pub origin: Option<String>,
}

impl Settings for Options {
    const PROGRAM: &'static str = "demo-rp";

    fn defaults() -> Self {
        let mut options = Self::default();
        options.listen.listen = "127.0.0.1:8446".parse().into_iter().collect();
        options.provider.issuer = Some("http://localhost:8445".to_owned());
        options.provider.client_id = Some("demo".to_owned());
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
        self.listen.settle(self.provider.origin.as_deref())
    }

    /// What the service is made of.
    ///
    /// # Errors
    /// Something is missing, or a file cannot be read.
    pub fn settings(&self) -> Result<state::Settings> {
        let provider = &self.provider;
        let secret = provider.client_secret_file.as_ref().context(NO_SECRET)?;
        let secret = read(secret)?;
        ensure!(
            !secret.trim().is_empty(),
            "the file of the client secret is empty"
        );
        Ok(state::Settings {
            issuer: provider.issuer.clone().context("--issuer URL is needed")?,
            client_id: provider
                .client_id
                .clone()
                .context("--client-id is needed")?,
            client_secret: ClientSecret::new(secret.trim().to_owned()),
            origin: self.origin()?,
            certificates: provider.issuer_certificate.as_ref().map(read).transpose()?,
        })
    }

    /// Where browsers find the service.
    pub(crate) fn origin(&self) -> Result<String> {
        if let Some(origin) = &self.provider.origin {
            return Ok(origin.trim_end_matches('/').to_owned());
        }
        Ok(self.listen.local_origin(None)?)
    }
}

fn read(path: &PathBuf) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

const NO_SECRET: &str = "--client-secret-file FILE is needed; the identity provider tells the secret:\n  \
     passkey-server app add demo --redirect http://127.0.0.1:8446/callback \
     --redirect http://127.0.0.1:8446/documents/back \
     --post-logout-redirect http://127.0.0.1:8446/\n\
     or let `demo-rp try` do all that";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_settings_the_service_is_on_loopback_beside_the_provider() {
        let mut options = Options::defaults();
        options.settle().unwrap();
        assert_eq!(options.origin().unwrap(), "http://127.0.0.1:8446");
        let error = options.settings().unwrap_err().to_string();
        assert!(error.contains("passkey-server app add demo"), "{error}");
    }

    #[test]
    fn beyond_loopback_there_is_tls_and_the_origin_must_be_told() {
        let mut options = Options::defaults();
        options.listen.listen = vec!["0.0.0.0:443".parse().unwrap()];
        options.settle().unwrap();
        assert!(options.listen.is_https());
        let error = options.origin().unwrap_err().to_string();
        assert_eq!(error, "--origin URL is needed beyond loopback");
    }
}
