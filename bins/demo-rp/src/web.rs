//! Requests to the identity provider: over HTTPS, or to this machine.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use axum::http::{Method, Request, Response, Uri};
use openidconnect::AsyncHttpClient;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// A client without redirects, for whatever is encrypted or stays on this machine.
#[derive(Clone, Debug)]
pub struct Web {
    agent: ureq::Agent,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// The address is neither `https` nor on this machine: what is sent there could be read.
    #[error("{0} is neither https nor on this machine")]
    Insecure(Uri),
    /// Nobody answers, or not in time.
    #[error("the identity provider does not answer")]
    Silent(#[from] ureq::Error),
    /// This program ends.
    #[error("the request was given up")]
    GivenUp(#[from] tokio::task::JoinError),
}

impl Web {
    /// Trusts the authorities that browsers trust, or only those in `pem`.
    ///
    /// # Errors
    /// There is no certificate in `pem`.
    pub fn new(pem: Option<&str>) -> Result<Self> {
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(pem.map_or(Ok(RootCerts::WebPki), only)?)
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Ok(Self {
            agent: config.new_agent(),
        })
    }

    /// Sends a request, and reads up to four megabytes of answer.
    ///
    /// # Errors
    /// [`WebError`]
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, WebError> {
        if !is_protected(request.uri()) {
            return Err(WebError::Insecure(request.uri().clone()));
        }
        let agent = self.agent.clone();
        let answered = tokio::task::spawn_blocking(move || exchange(&agent, request));
        Ok(answered.await??)
    }
}

/// How `openidconnect` sends requests.
impl<'c> AsyncHttpClient<'c> for Web {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, WebError>> + Send + 'c>>;

    fn call(&'c self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn exchange(
    agent: &ureq::Agent,
    request: Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, ureq::Error> {
    let answer = if request.method() == Method::GET {
        agent.run(request.map(drop))?
    } else {
        agent.run(request)?
    };
    let (parts, mut body) = answer.into_parts();
    let body = body.with_config().limit(LONGEST).read_to_vec()?;
    Ok(Response::from_parts(parts, body))
}

fn is_protected(uri: &Uri) -> bool {
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => matches!(host, "localhost" | "127.0.0.1" | "[::1]"),
        _ => false,
    }
}

fn only(pem: &str) -> Result<RootCerts> {
    let items = parse_pem(pem.as_bytes()).filter_map(Result::ok);
    let certificates: Vec<Certificate<'static>> = items
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            PemItem::PrivateKey(_) | _ => None,
        })
        .collect();
    ensure!(!certificates.is_empty(), "there is no certificate in PEM");
    Ok(RootCerts::new_with_certs(&certificates))
}

const PATIENCE: Duration = Duration::from_secs(10);
/// Evidence holds a megabyte of data at most, in base64 in base64.
const LONGEST: u64 = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_sent_in_the_clear_beyond_this_machine() {
        let web = Web::new(None).unwrap();
        for address in [
            "http://idp.example/token",
            "http://localhost.example/",
            "/token",
        ] {
            let request = Request::get(address).body(Vec::new()).unwrap();
            let refused = web.send(request).await.unwrap_err();
            assert!(matches!(refused, WebError::Insecure(_)), "{refused}");
        }
    }
}
