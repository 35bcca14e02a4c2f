//! Requests to applications' endpoints.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use passkey_idp::delivery::{Endpoint, Message, Reach};
use rustls::pki_types::{InvalidDnsNameError, ServerName};
use server_kit::tls::{self, TlsError};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Sends over TLS, to addresses that may be reached, and follows no redirect.
pub struct Outbound {
    tls: TlsConnector,
    reach: Reach,
}

/// Why a request got no answer. It names no address that the endpoint's owner does not know.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboundError {
    /// The endpoint's name leads to this machine, its networks, or nowhere that others reach.
    #[error("the endpoint's address may not be reached")]
    Forbidden,
    /// The endpoint's name leads nowhere.
    #[error("the endpoint has no address")]
    NoAddress(#[source] std::io::Error),
    /// Nobody answers there.
    #[error("the endpoint cannot be reached")]
    Unreachable(#[source] std::io::Error),
    /// The endpoint's host is no name that a certificate could be for.
    #[error("the endpoint's name is none")]
    Name(#[from] InvalidDnsNameError),
    /// The request cannot be written.
    #[error("the request cannot be written")]
    Request(#[from] axum::http::Error),
    /// The connection broke, or what came is no HTTP.
    #[error("the endpoint gave no answer")]
    Http(#[from] hyper::Error),
    /// It took too long.
    #[error("the endpoint was too slow")]
    Slow,
}

impl Outbound {
    /// Within `reach`. Endpoints show certificates of the authorities in the PEM file `ca`, or of those
    /// that browsers know.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn new(reach: Reach, ca: Option<&Path>) -> Result<Self, TlsError> {
        let tls = TlsConnector::from(tls::client_config(ca)?);
        Ok(Self { tls, reach })
    }

    /// Posts a message, and returns the status of the answer.
    ///
    /// # Errors
    /// [`OutboundError`]
    pub async fn post(&self, endpoint: &Endpoint, message: &Message) -> Result<u16, OutboundError> {
        let posted = self.posted(endpoint, message);
        timeout(SLOWEST, posted)
            .await
            .unwrap_or(Err(OutboundError::Slow))
    }

    async fn posted(&self, endpoint: &Endpoint, message: &Message) -> Result<u16, OutboundError> {
        let request = request(endpoint, message)?;
        let stream = TokioIo::new(self.connect(endpoint).await?);
        let (mut sender, connection) = http1::handshake(stream).await?;
        let driven = tokio::spawn(connection);
        let answer = sender.send_request(request).await;
        driven.abort();
        Ok(answer?.status().as_u16())
    }

    /// Connects to an address that was checked: the name is not looked up again.
    async fn connect(&self, endpoint: &Endpoint) -> Result<TlsStream<TcpStream>, OutboundError> {
        let bare = endpoint.host().trim_matches(['[', ']']);
        let name = ServerName::try_from(bare)?.to_owned();
        let tcp = self
            .dial(&self.addresses(bare, endpoint.port()).await?)
            .await?;
        let connected = self.tls.connect(name, tcp).await;
        connected.map_err(OutboundError::Unreachable)
    }

    /// One address that may not be reached makes the whole name suspicious.
    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, OutboundError> {
        let found = lookup_host((host, port)).await;
        let found: Vec<_> = found.map_err(OutboundError::NoAddress)?.collect();
        if found.iter().all(|address| self.reach.admits(address.ip())) {
            Ok(found)
        } else {
            Err(OutboundError::Forbidden)
        }
    }

    async fn dial(&self, addresses: &[SocketAddr]) -> Result<TcpStream, OutboundError> {
        let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
        for address in addresses.iter().take(MOST_ADDRESSES) {
            match timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = error,
                Err(elapsed) => last = elapsed.into(),
            }
        }
        Err(OutboundError::Unreachable(last))
    }
}

fn request(endpoint: &Endpoint, message: &Message) -> Result<Request<Body>, OutboundError> {
    let mut request = Request::post(endpoint.target())
        .header(header::HOST, endpoint.authority())
        .header(header::CONTENT_TYPE, &message.content_type)
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::CONTENT_LENGTH, message.body.len());
    if let Some(bearer) = &message.bearer {
        let mut value =
            HeaderValue::try_from(format!("Bearer {bearer}")).map_err(axum::http::Error::from)?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
    }
    Ok(request.body(message.body.clone().into())?)
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound")
            .field("reach", &self.reach)
            .finish_non_exhaustive()
    }
}

const USER_AGENT: &str = concat!("passkey-server/", env!("CARGO_PKG_VERSION"));
/// Shorter than a claim lasts.
const SLOWEST: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(3);
const MOST_ADDRESSES: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    async fn refused(reach: Reach, endpoint: &str) -> OutboundError {
        let outbound = Outbound::new(reach, None).expect("there are authorities");
        let endpoint = endpoint.parse().expect("an endpoint");
        let posted = outbound.post(&endpoint, &Message::json("{}", "t")).await;
        posted.expect_err("nobody may answer")
    }

    #[tokio::test]
    async fn names_and_addresses_of_this_machine_are_not_reached() {
        for endpoint in [
            "https://localhost:9/",
            "https://127.0.0.1:9/",
            "https://127.1:9/",
            "https://0x7f000001:9/",
            "https://[::1]:9/",
            "https://[::ffff:127.0.0.1]:9/",
            "https://169.254.169.254/latest/meta-data/",
            "https://10.0.0.1/",
            "https://192.168.0.1/",
            "https://[fe80::1]/",
            "https://0.0.0.0:9/",
        ] {
            let error = refused(Reach::Public, endpoint).await;
            assert!(
                matches!(error, OutboundError::Forbidden),
                "{endpoint}: {error}"
            );
        }
    }

    #[tokio::test]
    async fn an_operator_may_open_the_way_to_them() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = closed.local_addr().expect("bound").port();
        drop(closed);
        let error = refused(Reach::DangerAnywhere, &format!("https://127.0.0.1:{port}/")).await;
        assert!(matches!(error, OutboundError::Unreachable(_)), "{error}");
    }

    #[test]
    fn a_token_goes_into_one_header_field_that_is_not_printed() {
        let endpoint = "https://rp.example:444/cb?a=b"
            .parse()
            .expect("an endpoint");
        let request = request(&endpoint, &Message::json("{}", "abc")).expect("a request");
        assert_eq!(request.uri(), "/cb?a=b");
        assert_eq!(request.headers()[header::HOST], "rp.example:444");
        assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer abc");
        assert!(!format!("{:?}", request.headers()).contains("abc"));
    }
}
