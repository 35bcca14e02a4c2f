//! HTTP as both servers want it: fields as they are, and nothing followed.

use std::{fs, net::IpAddr, path::Path, str::FromStr, sync::Arc, time::Duration};

use anyhow::{Context, anyhow};
use ureq::{
    Agent,
    http::{Response, Uri},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem},
};

use crate::cli::Failure;

/// Where a server is.
#[derive(Clone, Debug)]
pub(super) struct Url(Uri);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected http://HOST/ or https://HOST/")]
pub(super) struct InvalidUrl;

impl FromStr for Url {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let uri: Uri = text.parse().ok().ok_or(InvalidUrl)?;
        let known = matches!(uri.scheme_str(), Some("http" | "https"));
        let plain = uri.authority().is_some_and(|it| !it.as_str().contains('@'));
        (known && plain).then_some(Self(uri)).ok_or(InvalidUrl)
    }
}

impl Url {
    pub(super) fn host(&self) -> &str {
        self.0.host().unwrap_or_default()
    }

    /// The host where it is a name that others know, too.
    pub(super) fn name(&self) -> Option<&str> {
        let host = self.host();
        let bare = host.trim_matches(['[', ']']);
        (bare.parse::<IpAddr>().is_err() && bare != "localhost").then_some(host)
    }

    /// What the request line asks for.
    pub(super) fn target(&self) -> &str {
        self.0
            .path_and_query()
            .map_or("/", |target| target.as_str())
    }
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    challenge: Option<String>,
    information: Option<String>,
}

impl Answer {
    /// `WWW-Authenticate` of an answer 401.
    pub(super) fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref().filter(|_| self.status == 401)
    }

    /// `Authentication-Info`.
    pub(super) fn information(&self) -> Option<&str> {
        self.information.as_deref()
    }
}

pub(super) struct Client(Agent);

impl Client {
    pub(super) fn new(trust: Option<&Path>) -> Result<Self, Failure> {
        let roots = match trust {
            Some(path) => certificates(path).map_err(Failure::Usage)?,
            None => RootCerts::WebPki,
        };
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(roots)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build();
        Ok(Self(config.into()))
    }

    pub(super) fn get(
        &self,
        url: &Url,
        product: &str,
        authorization: Option<&str>,
    ) -> Result<Answer, Failure> {
        let agent = concat!("usimctl/", env!("CARGO_PKG_VERSION"));
        let mut request = self.0.get(url.0.clone());
        request = request.header("User-Agent", format!("{agent} {product}"));
        if let Some(field) = authorization {
            request = request.header("Authorization", field);
        }
        let answer = request.call().context("no answer");
        let read = answer.and_then(|answer| read(answer).context("the answer breaks off"));
        let read = read.with_context(|| url.0.to_string());
        read.map_err(Failure::System)
    }
}

fn read(mut answer: Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let body = answer.body_mut().with_config().limit(LONGEST_BODY);
    let body = body.read_to_vec()?;
    let field = |name: &str| {
        let value = answer.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    Ok(Answer {
        status: answer.status().as_u16(),
        challenge: field("www-authenticate"),
        information: field("authentication-info"),
        body,
    })
}

fn certificates(path: &Path) -> anyhow::Result<RootCerts> {
    let pem = fs::read(path).with_context(|| path.display().to_string())?;
    let found = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let found: Vec<Certificate<'static>> = found.collect();
    if found.is_empty() {
        return Err(anyhow!("{} holds no certificate", path.display()));
    }
    Ok(RootCerts::new_with_certs(&found))
}

const PATIENCE: Duration = Duration::from_secs(30);
const LONGEST_BODY: u64 = 1 << 20;
