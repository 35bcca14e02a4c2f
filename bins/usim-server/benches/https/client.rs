//! A client that costs little: one TLS connection, one request after the other.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

/// Whether a connection serves more than one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reuse {
    Always,
    Never,
}

pub(crate) struct Client(StreamOwned<ClientConnection, TcpStream>);

impl Client {
    pub(crate) fn connect(address: &str) -> Result<Self> {
        let socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(Duration::from_secs(20)))?;
        let name = ServerName::try_from("localhost")?;
        let connection = ClientConnection::new(config(), name)?;
        Ok(Self(StreamOwned::new(connection, socket)))
    }

    /// The whole answer, head and body; `Content-Length` tells where it ends, or the end of the
    /// connection.
    pub(crate) fn get(&mut self, target: &str) -> Result<String> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.0.write_all(request.as_bytes())?;
        let mut answer = Vec::with_capacity(1024);
        let mut chunk = [0; 1024];
        loop {
            let size = self.0.read(&mut chunk).unwrap_or_default();
            answer.extend_from_slice(chunk.get(..size).unwrap_or_default());
            if size == 0 || is_whole(&answer) {
                break;
            }
        }
        let text = String::from_utf8(answer).context("an answer of text")?;
        let status = text.split(' ').nth(1);
        ensure!(status == Some("200"), "refused: {text}");
        Ok(text)
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(answer) else {
        return false;
    };
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    length.and_then(|length| length.parse().ok()) == Some(body.len())
}

fn config() -> Arc<ClientConfig> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    let make = || {
        let provider = ring::default_provider();
        let verifier = Anyone(provider.signature_verification_algorithms);
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .expect("ring has them")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        // the original's clients make a full handshake each time
        config.resumption = Resumption::disabled();
        Arc::new(config)
    };
    Arc::clone(CONFIG.get_or_init(make))
}

/// Takes any certificate, as the original's clients do; signatures are still verified.
#[derive(Debug)]
struct Anyone(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
