//! Fetching over HTTPS with `ureq`, rustls and `ring`.

use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::{Fetch, KeySourceError};

/// Fetches over HTTPS: 5 seconds at the most, no redirects, no proxy from the environment.
#[derive(Clone, Debug)]
pub struct Https {
    agent: ureq::Agent,
}

/// Whose certificates a server may have.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Trust<'p> {
    /// Of the authorities that browsers trust.
    Public,
    /// Of these, in PEM.
    Only(&'p str),
}

/// The text holds no certificate in PEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no certificate in PEM")]
#[non_exhaustive]
pub struct InvalidTrust;

impl Https {
    /// Fetches from servers with certificates of `trust`.
    ///
    /// # Errors
    /// [`InvalidTrust`]
    pub fn new(trust: Trust<'_>) -> Result<Self, InvalidTrust> {
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(roots(trust)?)
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(Duration::from_secs(5)))
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Ok(Self {
            agent: config.new_agent(),
        })
    }
}

#[cfg(feature = "client")]
impl Https {
    /// Sends JSON, and returns the answer's status and body.
    pub(crate) fn post_json(&self, url: &str, body: &str) -> Result<(u16, Vec<u8>), ureq::Error> {
        let request = self.agent.post(url).content_type("application/json");
        let mut answer = request.send(body)?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(LONGEST_ANSWER);
        Ok((status, body.read_to_vec()?))
    }
}

/// Whether it is the server's certificate for which it was not asked.
#[cfg(feature = "client")]
pub(crate) fn is_untrusted(error: &ureq::Error) -> bool {
    let tls = if let ureq::Error::Rustls(error) = error {
        Some(error)
    } else if let ureq::Error::Io(error) = error {
        error.get_ref().and_then(|inner| inner.downcast_ref())
    } else {
        None
    };
    matches!(tls, Some(rustls::Error::InvalidCertificate(_)))
}

/// Octets: a token has 8 KiB at most, and there is little around it.
#[cfg(feature = "client")]
const LONGEST_ANSWER: u64 = 16 * 1024;

impl Fetch for Https {
    fn fetch(&self, url: &str, limit: usize) -> Result<Option<Vec<u8>>, KeySourceError> {
        let failed = |error: ureq::Error| KeySourceError::Fetch(error.into());
        let mut answer = self.agent.get(url).call().map_err(failed)?;
        match answer.status().as_u16() {
            200 => {}
            404 => return Ok(None),
            other => return Err(KeySourceError::Fetch(format!("status {other}").into())),
        }
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let body = answer.body_mut().with_config().limit(limit);
        body.read_to_vec().map(Some).map_err(|error| {
            if matches!(error, ureq::Error::BodyExceedsLimit(_)) {
                KeySourceError::TooLong
            } else {
                failed(error)
            }
        })
    }
}

fn roots(trust: Trust<'_>) -> Result<RootCerts, InvalidTrust> {
    let Trust::Only(pem) = trust else {
        return Ok(RootCerts::WebPki);
    };
    let certificates: Vec<Certificate<'static>> = parse_pem(pem.as_bytes())
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(InvalidTrust);
    }
    Ok(RootCerts::new_with_certs(&certificates))
}
