//! Whom TLS trusts.

use std::{fmt, sync::Arc};

use ureq::tls::{Certificate, ClientCert, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

#[derive(Clone)]
pub(super) struct Trust {
    roots: RootCerts,
    client: Option<ClientCert>,
    verification: Verification,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verification {
    Full,
    /// By the caller's explicit wish.
    None,
}

impl Default for Trust {
    fn default() -> Self {
        Self {
            roots: RootCerts::WebPki,
            client: None,
            verification: Verification::Full,
        }
    }
}

impl Trust {
    pub(super) fn with_roots(mut self, roots: RootCerts) -> Self {
        self.roots = roots;
        self
    }

    pub(super) fn with_client(mut self, client: ClientCert) -> Self {
        self.client = Some(client);
        self
    }

    pub(super) fn danger_accept_any(mut self) -> Self {
        self.verification = Verification::None;
        self
    }

    /// rustls with ring, whatever the process's default provider is.
    pub(super) fn config(&self) -> TlsConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(self.roots.clone())
            .client_cert(self.client.clone())
            .disable_verification(self.verification == Verification::None)
            .build()
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust")
            .field("verification", &self.verification)
            .finish_non_exhaustive()
    }
}

/// The certificates in a PEM file; `None` without one.
pub(super) fn certificates(pem: &[u8]) -> Option<RootCerts> {
    let (certificates, _key) = read(pem)?;
    (!certificates.is_empty()).then(|| RootCerts::new_with_certs(&certificates))
}

/// A chain and its key; `None` when one of them is missing.
pub(super) fn client_certificate(pem: &[u8]) -> Option<ClientCert> {
    let (chain, key) = read(pem)?;
    let key = key.filter(|_key| !chain.is_empty())?;
    Some(ClientCert::new_with_certs(&chain, key))
}

type Items = (
    Vec<Certificate<'static>>,
    Option<ureq::tls::PrivateKey<'static>>,
);

fn read(pem: &[u8]) -> Option<Items> {
    let (mut certificates, mut key) = (Vec::new(), None);
    for item in parse_pem(pem) {
        match item.ok()? {
            PemItem::Certificate(certificate) => certificates.push(certificate),
            PemItem::PrivateKey(private) => key = Some(private),
            _ => {}
        }
    }
    Some((certificates, key))
}
