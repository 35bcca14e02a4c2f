//! Which server, and how it is to be trusted.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use ureq::http::Uri;
use zeroize::Zeroizing;

use crate::transport::remote::trust::{Trust, certificates, client_certificate};

/// A server that shares SIMs: where it is, who asks, and what it is trusted by.
///
/// `Debug` shows the address, never the token.
///
/// ```
/// use usim::transport::remote::{Dialect, RemoteSubscriber, Server};
///
/// let server = Server::new("sim.example.org:8443")?.with_sim("office").with_token("s3cret")?;
/// let subscriber = RemoteSubscriber::new(&server, Dialect::Typed);
/// # Ok::<(), usim::transport::remote::InvalidServer>(())
/// ```
#[derive(Clone)]
pub struct Server {
    /// Scheme, host, port and path, without a slash at the end.
    pub(super) base: String,
    pub(super) sim: Option<String>,
    pub(super) token: Option<Credential>,
    pub(super) trust: Trust,
    pub(super) timeout: Duration,
}

/// What the field `Authorization` says, and what proves that it is ours.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) field: Zeroizing<String>,
    pub(super) prove: Option<Prove>,
}

/// Makes a proof of the token's key for a method and a URL.
type Prove = Arc<dyn Fn(&str, &str) -> Option<String> + Send + Sync>;

/// A server cannot be reached in this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidServer {
    /// The address is no host, port and path, or has another scheme than `https`.
    #[error("the address is not of the form [https://]host[:port][/path]")]
    Address,
    /// `http` to another machine would show keys and tokens to everyone on the way.
    #[error("http is for this machine only: use https, or say that plain text is wanted")]
    PlainText,
    /// A token has other characters than printable ones without blanks.
    #[error("a token has printable ASCII characters only")]
    Token,
    /// No certificate, or no private key, in PEM form.
    #[error("no certificate or key in PEM form")]
    Certificate,
}

impl Server {
    /// Takes an address as clients of such servers write it: a host, with a port or a path or
    /// both, `https` unless said otherwise. `http` is accepted for this machine itself.
    ///
    /// # Errors
    /// [`InvalidServer::Address`], [`InvalidServer::PlainText`].
    pub fn new(address: &str) -> Result<Self, InvalidServer> {
        let server = Self::danger_plain_text(address)?;
        if server.base.starts_with("http://") && !is_this_machine(&server.base) {
            return Err(InvalidServer::PlainText);
        }
        Ok(server)
    }

    /// As [`new`](Server::new), and accepts `http` to any machine: everyone on the way reads keys
    /// and tokens.
    ///
    /// # Errors
    /// [`InvalidServer::Address`]
    pub fn danger_plain_text(address: &str) -> Result<Self, InvalidServer> {
        Ok(Self {
            base: base(address).ok_or(InvalidServer::Address)?,
            sim: None,
            token: None,
            trust: Trust::default(),
            timeout: Duration::from_secs(5),
        })
    }

    /// With one of several SIMs: its ICCID, reader name, alias or index. The first one otherwise.
    #[must_use]
    pub fn with_sim(mut self, sim: impl Into<String>) -> Self {
        self.sim = Some(sim.into());
        self
    }

    /// With a bearer token (RFC 6750 §2.1).
    ///
    /// # Errors
    /// [`InvalidServer::Token`]
    pub fn with_token(mut self, token: &str) -> Result<Self, InvalidServer> {
        self.token = Some(Credential {
            field: field("Bearer", token)?,
            prove: None,
        });
        Ok(self)
    }

    /// With a token that is bound to a key (DPoP, RFC 9449 §7.1). For each request `prove` is given
    /// its method and URL, and makes the proof; where it makes none, the server will refuse.
    ///
    /// # Errors
    /// [`InvalidServer::Token`]
    pub fn with_bound_token(
        mut self,
        token: &str,
        prove: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static,
    ) -> Result<Self, InvalidServer> {
        self.token = Some(Credential {
            field: field("DPoP", token)?,
            prove: Some(Arc::new(prove)),
        });
        Ok(self)
    }

    /// With the only certificates to be trusted, in PEM form: an authority's, or the self-signed
    /// one of the server itself.
    ///
    /// # Errors
    /// [`InvalidServer::Certificate`]
    pub fn with_certificates(mut self, pem: &[u8]) -> Result<Self, InvalidServer> {
        let roots = certificates(pem).ok_or(InvalidServer::Certificate)?;
        self.trust = self.trust.with_roots(roots);
        Ok(self)
    }

    /// As [`with_certificates`](Server::with_certificates), from a file.
    ///
    /// # Errors
    /// [`InvalidServer::Certificate`], also when the file cannot be read.
    pub fn with_certificate_file(self, path: impl AsRef<Path>) -> Result<Self, InvalidServer> {
        let pem = std::fs::read(path).map_err(|_unreadable| InvalidServer::Certificate)?;
        self.with_certificates(&pem)
    }

    /// With a certificate of our own and its private key, in PEM form, for mutual TLS.
    ///
    /// # Errors
    /// [`InvalidServer::Certificate`]
    pub fn with_client_certificate(mut self, pem: &[u8]) -> Result<Self, InvalidServer> {
        let identity = client_certificate(pem).ok_or(InvalidServer::Certificate)?;
        self.trust = self.trust.with_client(identity);
        Ok(self)
    }

    /// Takes whoever answers for the server: anyone on the way can read keys and tokens, and
    /// change answers.
    #[must_use]
    pub fn danger_accept_any_certificate(mut self) -> Self {
        self.trust = self.trust.danger_accept_any();
        self
    }

    /// With another time limit for each question: 5 seconds otherwise.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("base", &self.base)
            .field("sim", &self.sim)
            .field("token", &self.token.as_ref().map(|_secret| "[redacted]"))
            .field("trust", &self.trust)
            .field("timeout", &self.timeout)
            .finish()
    }
}

fn field(scheme: &str, token: &str) -> Result<Zeroizing<String>, InvalidServer> {
    if token.is_empty() || !token.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(InvalidServer::Token);
    }
    Ok(Zeroizing::new(format!("{scheme} {token}")))
}

fn base(address: &str) -> Option<String> {
    let full = if address.contains("://") {
        address.to_owned()
    } else {
        format!("https://{address}")
    };
    let uri: Uri = full.parse().ok()?;
    let is_known = matches!(uri.scheme_str(), Some("https" | "http"));
    let authority = uri.authority()?.as_str();
    let is_plain = !authority.contains('@') && uri.query().is_none() && !full.contains('#');
    (is_known && is_plain).then(|| full.trim_end_matches('/').to_owned())
}

fn is_this_machine(base: &str) -> bool {
    let uri: Option<Uri> = base.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
