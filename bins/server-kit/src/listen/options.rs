//! Listening as the settings describe it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use rustls::ServerConfig;
use serde::{Deserialize, Serialize};

use super::{Authentication, Bind, Disagreement, Exposed, Exposure, Limits, Listener};
use crate::{
    browser::Hosts,
    tls::{self, Identity, TlsError},
};

/// Where and how a server listens.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct ListenOptions {
    /// Listen here: ADDRESS:PORT or unix:PATH; may be given again
    #[arg(long, value_name = "ADDR", help_heading = "Listening")]
    pub listen: Vec<Bind>,
    /// Speak plain HTTP on TCP, which is for loopback only; unix sockets always do
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "Listening")]
    pub http: Option<bool>,
    /// Certificate chain and key in one PEM file
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "tls_cert",
        help_heading = "Listening"
    )]
    pub tls_pem: Option<PathBuf>,
    /// Certificate chain in PEM
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls_key",
        help_heading = "Listening"
    )]
    pub tls_cert: Option<PathBuf>,
    /// Key in PEM
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls_cert",
        help_heading = "Listening"
    )]
    pub tls_key: Option<PathBuf>,
    /// Ask clients for certificates that this CA has signed
    #[arg(long, value_name = "FILE", help_heading = "Listening")]
    pub client_ca: Option<PathBuf>,
    /// Where the certificate is kept that is made at the first start
    #[arg(long, value_name = "DIR", help_heading = "Listening")]
    pub state_dir: Option<PathBuf>,
    /// Another name of this machine: the certificate that the server makes is for it, too, and where
    /// no credentials are asked for, requests for it over loopback are answered; may be given again
    #[arg(long, value_name = "NAME", help_heading = "Listening")]
    pub allowed_host: Vec<String>,
    /// Open connections at once
    #[arg(long, value_name = "N", help_heading = "Listening")]
    pub max_connections: Option<usize>,
    /// Connections of one address at once, this machine's own excepted
    #[arg(long, value_name = "N", help_heading = "Listening")]
    pub max_connections_per_peer: Option<usize>,
}

/// What a refusal to listen advises: the program, and a scope for a first caller.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "two words")]
pub struct Advice {
    /// The program's name.
    pub program: &'static str,
    /// A scope that a caller may have.
    pub scope: &'static str,
}

/// Why a server does not listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The address may not be opened like this.
    #[error(transparent)]
    Exposed(#[from] Exposed),
    /// Its settings do not go together.
    #[error(transparent)]
    Disagreement(#[from] Disagreement),
    /// There is no certificate.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
    /// The socket cannot be opened.
    #[error("cannot listen on {bind}")]
    Bind {
        /// The address.
        bind: Bind,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl ListenOptions {
    /// Opens every socket, or none.
    ///
    /// Without a certificate in the settings one is made in the state folder, and kept.
    ///
    /// # Errors
    /// An address is beyond loopback without TLS or authentication, is in use, there is no
    /// certificate, or one that would not be used.
    pub async fn open(
        &self,
        authentication: Authentication,
        advice: Advice,
    ) -> Result<Vec<Listener>, ListenError> {
        self.agree()?;
        for bind in &self.listen {
            self.exposure(bind).check(bind, authentication, advice)?;
        }
        let is_tls = |bind: &Bind| matches!(self.exposure(bind), Exposure::Tls);
        let tls = if self.listen.iter().any(is_tls) {
            Some(self.tls(advice.program)?)
        } else {
            None
        };
        let mut listeners = Vec::new();
        for bind in &self.listen {
            let opened = match &tls {
                Some(config) if is_tls(bind) => Listener::tls(bind, Arc::clone(config)).await,
                _ => Listener::plain(bind).await,
            };
            listeners.push(opened.map_err(|source| ListenError::Bind {
                bind: bind.clone(),
                source,
            })?);
        }
        Ok(listeners)
    }

    /// What a connection may cost.
    pub fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        limits.connections = self.max_connections.unwrap_or(limits.connections);
        let per_peer = self.max_connections_per_peer;
        limits.connections_per_peer = per_peer.unwrap_or(limits.connections_per_peer);
        limits
    }

    /// The host names to answer to: any where callers have credentials, which a web page that was
    /// rebound to this server does not have.
    pub fn hosts(&self, authentication: Authentication) -> Hosts {
        match authentication {
            Authentication::Required => Hosts::any(),
            Authentication::Absent => {
                Hosts::new(self.allowed_host.iter().cloned().chain(hostname()))
            }
        }
    }

    /// Whether TCP is spoken to with TLS.
    pub fn is_https(&self) -> bool {
        self.http != Some(true)
    }

    fn exposure(&self, bind: &Bind) -> Exposure {
        match bind {
            Bind::Tcp(_) if self.is_https() => Exposure::Tls,
            Bind::Tcp(_) | Bind::Unix(_) => Exposure::Plain,
        }
    }

    /// The certificate of the settings, or the one that is made at the first start and kept.
    ///
    /// # Errors
    /// [`TlsError`]
    pub fn identity(&self, program: &str) -> Result<Identity, TlsError> {
        match (&self.tls_pem, &self.tls_cert, &self.tls_key) {
            (Some(pem), ..) => Identity::from_pem_file(pem),
            (None, Some(certificate), Some(key)) => Identity::from_pem_files(certificate, key),
            _ => tls::self_signed(&self.state_dir(program), &self.names()),
        }
    }

    fn tls(&self, program: &str) -> Result<Arc<ServerConfig>, TlsError> {
        let identity = self.identity(program)?;
        let fingerprint = identity.certificate().fingerprint_text();
        tracing::info!(sha256 = fingerprint, "the certificate's fingerprint");
        identity.into_config(self.client_ca.as_deref())
    }

    /// What a certificate is made for: this machine's names, and the addresses listened on.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        names.extend(self.allowed_host.iter().cloned().chain(hostname()));
        for bind in &self.listen {
            if let Bind::Tcp(address) = bind
                && !address.ip().is_unspecified()
            {
                names.push(address.ip().to_string());
            }
        }
        names.sort_by_key(|name| name != "localhost");
        names.dedup();
        names
    }

    fn state_dir(&self, program: &str) -> PathBuf {
        self.state_dir
            .clone()
            .unwrap_or_else(|| default_state_dir(program))
    }
}

/// The folder that the service manager gives, or the one for a user's programs.
pub fn default_state_dir(program: &str) -> PathBuf {
    if let Some(given) = std::env::var_os("STATE_DIRECTORY") {
        return given.into();
    }
    let base = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state"));
    let base = base.or_else(home).unwrap_or_else(|| "/var/lib".into());
    base.join(program)
}

fn hostname() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADVICE: Advice = Advice {
        program: "kit-demo",
        scope: "demo:read",
    };

    fn options(listen: &[&str], state_dir: &Path) -> ListenOptions {
        ListenOptions {
            listen: listen.iter().map(|text| text.parse().unwrap()).collect(),
            state_dir: Some(state_dir.to_owned()),
            ..ListenOptions::default()
        }
    }

    #[tokio::test]
    async fn tcp_gets_tls_with_a_certificate_of_its_own_and_unix_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let unix = format!("unix:{}", folder.path().join("s").display());
        let options = options(&["127.0.0.1:0", &unix], folder.path());
        let opened = options.open(Authentication::Absent, ADVICE).await.unwrap();
        let urls: Vec<_> = opened.iter().map(Listener::url).collect();
        assert!(urls[0].starts_with("https://127.0.0.1:"), "{urls:?}");
        assert_eq!(urls[1], unix);
        assert!(folder.path().join("server.pem").exists());
    }

    #[tokio::test]
    async fn plain_http_makes_no_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let mut options = options(&["127.0.0.1:0"], folder.path());
        options.http = Some(true);
        let opened = options.open(Authentication::Absent, ADVICE).await.unwrap();
        assert!(opened[0].url().starts_with("http://127.0.0.1:"));
        assert!(!folder.path().join("server.pem").exists());
    }

    #[tokio::test]
    async fn one_exposed_address_keeps_all_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let unix = format!("unix:{}", path.display());
        let options = options(&[&unix, "0.0.0.0:0"], folder.path());
        let refused = options.open(Authentication::Absent, ADVICE).await;
        let exposed = matches!(refused, Err(ListenError::Exposed(Exposed::Open { .. })));
        assert!(exposed && !path.exists());
    }

    #[tokio::test]
    async fn an_address_in_use_is_named() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let folder = tempfile::tempdir().unwrap();
        let options = options(&[&address], folder.path());
        let error = options
            .open(Authentication::Absent, ADVICE)
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), format!("cannot listen on {address}"));
    }

    #[test]
    fn the_certificate_is_made_for_localhost_first_and_for_the_address() {
        let options = options(&["192.0.2.7:1", "0.0.0.0:1"], Path::new("/x"));
        let names = options.names();
        assert_eq!(names[0], "localhost");
        assert!(names.contains(&"192.0.2.7".to_owned()));
        assert!(!names.contains(&"0.0.0.0".to_owned()));
    }
}
