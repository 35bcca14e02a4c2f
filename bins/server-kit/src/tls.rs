//! TLS for servers: certificates from PEM files or made at the first start, ring as the provider.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{VerifierBuilderError, WebPkiClientVerifier},
};
use rustls_pki_types::pem;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::caller::PeerCertificate;

pub use self_signed::self_signed;

mod self_signed;

/// A certificate chain and its private key.
#[derive(Debug)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Why there can be no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("cannot use {path}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file holds no certificate, or no private key, or is not PEM.
    #[error("{path} does not hold the {what} in PEM")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        what: &'static str,
        /// What is in it.
        #[source]
        source: pem::Error,
    },
    /// Certificate and key do not belong together, or rustls cannot use them.
    #[error("the certificate and the key cannot be used")]
    Identity(#[from] rustls::Error),
    /// The client CA cannot be used.
    #[error("the client CA cannot be used")]
    ClientCa(#[from] VerifierBuilderError),
    /// A certificate could not be made.
    #[error("no certificate could be made")]
    Make(#[from] rcgen::Error),
}

impl Identity {
    /// Reads certificate chain and key from one PEM file, in any order.
    ///
    /// # Errors
    /// The file cannot be read, or lacks one of them.
    pub fn from_pem_file(path: &Path) -> Result<Self, TlsError> {
        Self::from_pem_files(path, path)
    }

    /// Reads the certificate chain from one PEM file and the key from another.
    ///
    /// # Errors
    /// A file cannot be read, or lacks what it is for.
    pub fn from_pem_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let chain = certificates(certificate)?;
        let text = read(key)?;
        match PrivateKeyDer::from_pem_slice(&text) {
            Ok(key) => Ok(Self { chain, key }),
            Err(source) => Err(TlsError::Pem {
                path: key.to_owned(),
                what: "private key",
                source,
            }),
        }
    }

    /// The certificate, for people to compare.
    pub fn certificate(&self) -> PeerCertificate {
        let leaf = self.chain.first().map(AsRef::as_ref).unwrap_or_default();
        PeerCertificate::from_der(leaf)
    }

    /// Whether clients that look for `host` take the certificate for its.
    pub fn is_for(&self, host: &str) -> bool {
        let Some(leaf) = self.leaf() else {
            return false;
        };
        let Ok(Some(names)) = leaf.subject_alternative_name() else {
            return false;
        };
        let mut names = names.value.general_names.iter();
        names.any(|name| {
            let GeneralName::DNSName(name) = name else {
                return false;
            };
            covers(&name.to_ascii_lowercase(), host)
        })
    }

    /// When the certificate ends, in seconds since 1970; none where it cannot be read.
    pub fn ends_at(&self) -> Option<u64> {
        let ends = self.leaf()?.validity().not_after.timestamp();
        u64::try_from(ends).ok()
    }

    fn leaf(&self) -> Option<X509Certificate<'_>> {
        let (_, leaf) = X509Certificate::from_der(self.chain.first()?).ok()?;
        Some(leaf)
    }

    /// A server's TLS settings: TLS 1.2 and 1.3, HTTP/2, 1.1 and 1.0 by ALPN.
    ///
    /// With a client CA, clients may show a certificate that it signed; one that it did not sign
    /// ends the handshake. Who has none may still show a token.
    ///
    /// # Errors
    /// Certificate and key do not belong together, or the client CA cannot be used.
    pub fn into_config(self, client_ca: Option<&Path>) -> Result<Arc<ServerConfig>, TlsError> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?;
        let builder = match client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(roots(path)?.into(), provider())
                        .allow_unauthenticated()
                        .build()?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_single_cert(self.chain, self.key)?;
        config.alpn_protocols = ALPN.map(<[u8]>::to_vec).into();
        Ok(Arc::new(config))
    }
}

/// A client's TLS settings, for what a server sends by itself: it takes certificates of the
/// authorities in the PEM file `ca`, or of those that browsers know.
///
/// # Errors
/// The file cannot be read, or holds no certificate.
pub fn client_config(ca: Option<&Path>) -> Result<Arc<ClientConfig>, TlsError> {
    let known = || RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.into(),
    };
    let roots = ca.map_or_else(|| Ok(known()), roots)?;
    let builder = ClientConfig::builder_with_provider(provider());
    let builder = builder.with_safe_default_protocol_versions()?;
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    Ok(Arc::new(config))
}

/// A pattern's star stands for one label (RFC 9525 §6.3).
fn covers(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(domain) => host.split_once('.').is_some_and(|(_, rest)| rest == domain),
        None => name == host,
    }
}

/// What is spoken, best first; a client of HTTP/1.0 may offer nothing else, and is let in.
const ALPN: [&[u8]; 3] = [b"h2", b"http/1.1", b"http/1.0"];

/// The one provider of cryptography, never the process's default.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate)?;
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(path)?;
    let wrong = |source| TlsError::Pem {
        path: path.to_owned(),
        what: "certificate",
        source,
    };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(wrong)?;
    if chain.is_empty() {
        return Err(wrong(pem::Error::NoItemsFound));
    }
    Ok(chain)
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::File {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(folder: &Path) -> String {
        drop(self_signed(folder, &["localhost".into()]).unwrap());
        fs::read_to_string(folder.join("server.pem")).unwrap()
    }

    #[test]
    fn a_certificate_is_for_its_names_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["localhost", "*.example.com"].map(str::to_owned);
        let identity = self_signed(folder.path(), &names).unwrap();
        for (host, is_for) in [
            ("localhost", true),
            ("id.example.com", true),
            ("example.com", false),
            ("a.b.example.com", false),
            ("other.example", false),
        ] {
            assert_eq!(identity.is_for(host), is_for, "{host}");
        }
        assert!(identity.ends_at().unwrap() > 1_800_000_000);
    }

    #[test]
    fn one_file_may_hold_key_and_certificate_in_any_order() {
        let folder = tempfile::tempdir().unwrap();
        let text = pem(folder.path());
        let split = text.find("-----BEGIN CERTIFICATE").unwrap();
        let swapped = folder.path().join("swapped.pem");
        fs::write(&swapped, format!("{}{}", &text[split..], &text[..split])).unwrap();
        for path in [folder.path().join("server.pem"), swapped] {
            let config = Identity::from_pem_file(&path).unwrap().into_config(None);
            assert_eq!(config.unwrap().alpn_protocols, ALPN);
        }
    }

    #[test]
    fn a_file_without_certificate_or_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let text = pem(folder.path());
        let (start, end) = (
            text.find("-----BEGIN CERTIFICATE").unwrap(),
            text.find("-----END CERTIFICATE-----").unwrap() + 25,
        );
        let path = folder.path().join("half.pem");
        fs::write(&path, &text[start..end]).unwrap();
        let error = Identity::from_pem_file(&path).unwrap_err();
        assert!(matches!(
            error,
            TlsError::Pem {
                what: "private key",
                ..
            }
        ));
        fs::write(&path, format!("{}{}", &text[..start], &text[end..])).unwrap();
        let error = Identity::from_pem_file(&path).unwrap_err();
        assert!(matches!(
            error,
            TlsError::Pem {
                what: "certificate",
                ..
            }
        ));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Identity::from_pem_file(Path::new("/nonexistent.pem")).unwrap_err();
        assert_eq!(error.to_string(), "cannot use /nonexistent.pem");
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        pem(one.path());
        pem(two.path());
        let identity = Identity::from_pem_files(
            &one.path().join("server.pem"),
            &two.path().join("server.pem"),
        );
        let error = identity.unwrap().into_config(None).unwrap_err();
        assert!(matches!(error, TlsError::Identity(_)));
    }

    #[test]
    fn a_client_ca_without_certificates_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let identity = self_signed(folder.path(), &["localhost".into()]).unwrap();
        let empty = folder.path().join("empty.pem");
        fs::write(&empty, "").unwrap();
        let error = identity.into_config(Some(&empty)).unwrap_err();
        assert!(matches!(error, TlsError::Pem { .. }));
    }
}
