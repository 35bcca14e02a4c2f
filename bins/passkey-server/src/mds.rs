//! What the FIDO Alliance knows of authenticators: a blob of its Metadata Service (MDS 3.1), verified
//! against a root that the operator gives.
//!
//! ```no_run
//! use std::path::Path;
//! use passkey_server::mds::Metadata;
//!
//! let metadata = Metadata::read(Path::new("blob.jwt"), Path::new("root-r3.pem"))?;
//! let known = metadata.entry("ee882879-721c-4913-9775-3dfcce97072a");
//! # Ok::<(), passkey_server::mds::MdsError>(())
//! ```

mod known;
mod watch;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use passkey_idp::Instant;
use passkey_idp::random::Digest;
use passkey_idp::store::StoreError;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use serde::Deserialize;
use serde_json::Value;
use server_kit::tls::provider;
use strict_jws::{PublicKey, base64};

pub(crate) use watch::watch;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The entries of a blob, by the model of the authenticator. By default there are none.
#[derive(Debug, Default)]
pub struct Metadata {
    entries: HashMap<String, Value>,
    issue: Option<Issue>,
}

/// Which blob of the service it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issue {
    number: u64,
    next_update: Date,
    /// Whose numbers these are: the SHA-256 of the file with the root.
    root: Digest,
}

/// Why a blob is not believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MdsError {
    /// A file cannot be read.
    #[error("cannot read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The root is no certificate in PEM.
    #[error("the root is no certificate in PEM")]
    Root,
    /// It is no blob: three parts in base64url, the first of which names an algorithm and a chain.
    #[error("the blob is malformed")]
    Malformed,
    /// Its certificates do not lead from the Metadata Service to the root, or one has expired.
    #[error("the blob's certificates do not lead to the root")]
    Chain(#[source] rustls::Error),
    /// It was not signed by the first of its certificates.
    #[error("the blob's signature does not verify")]
    Signature,
    /// A later one was known before.
    #[error(
        "the blob has the number {number}, and {known} was known before: fetch the present one"
    )]
    Older {
        /// Its number.
        number: u64,
        /// The highest that was known.
        known: u64,
    },
    /// What was known before is not known.
    #[error("the blob's number could not be compared with the one known before")]
    Store(#[from] StoreError),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    x5c: Vec<String>,
    #[serde(default)]
    crit: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    no: u64,
    next_update: String,
    entries: Vec<Value>,
}

impl Metadata {
    /// Reads and verifies the blob in one file against the root in another, at the present time.
    ///
    /// # Errors
    /// [`MdsError`]
    pub fn read(blob: &Path, root: &Path) -> Result<Self, MdsError> {
        let text = |path: &Path| {
            std::fs::read(path).map_err(|source| MdsError::File {
                path: path.to_owned(),
                source,
            })
        };
        Self::verify(&text(blob)?, &text(root)?, crate::state::now())
    }

    /// Verifies a blob at that time.
    ///
    /// # Errors
    /// [`MdsError`]
    pub fn verify(blob: &[u8], root: &[u8], now: Instant) -> Result<Self, MdsError> {
        let blob = blob.trim_ascii();
        let mut parts = blob.split(|octet| *octet == b'.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(MdsError::Malformed);
        };
        let chain = chain(&json(header)?)?;
        trusted(&chain, root, now)?;
        let signed = blob.strip_suffix(signature).unwrap_or_default();
        let signed = signed.strip_suffix(b".").unwrap_or_default();
        let signature = decoded(signature)?;
        let (key, algorithm) = key(&chain)?;
        let header: Header = json(header)?;
        if algorithm != header.alg || !key.verifies(signed, &signature) {
            return Err(MdsError::Signature);
        }
        Self::of(json(payload)?, Digest::sha256(root))
    }

    /// Which blob it is, if there is one.
    pub const fn issue(&self) -> Option<&Issue> {
        self.issue.as_ref()
    }

    /// What is known of that model.
    pub fn entry(&self, aaguid: &str) -> Option<&Value> {
        self.entries.get(&aaguid.to_ascii_lowercase())
    }

    /// How many models are known.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn of(payload: Payload, root: Digest) -> Result<Self, MdsError> {
        let named = |entry: Value| {
            let aaguid = entry.get("aaguid")?.as_str()?.to_ascii_lowercase();
            Some((aaguid, entry))
        };
        let next_update = payload.next_update.parse();
        Ok(Self {
            entries: payload.entries.into_iter().filter_map(named).collect(),
            issue: Some(Issue {
                number: payload.no,
                next_update: next_update.or(Err(MdsError::Malformed))?,
                root,
            }),
        })
    }
}

impl Issue {
    /// Its serial number (`no`): each blob has a higher one than the one before.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The day by whose end there is a later one (`nextUpdate`).
    pub const fn next_update(&self) -> Date {
        self.next_update
    }

    /// When there is a later one for certain: what this one says of models may be wrong from then on
    /// (MDS 3.1 §3.1.7).
    pub fn outdated_at(&self) -> Instant {
        let day = self.next_update.tomorrow().unwrap_or(Date::MAX);
        let midnight = day.to_zoned(TimeZone::UTC);
        let seconds = midnight.map_or(i64::MAX, |midnight| midnight.timestamp().as_second());
        Instant::from_unix_seconds(u64::try_from(seconds).unwrap_or_default())
    }

    /// Whether that was before `now`.
    pub fn is_outdated(&self, now: Instant) -> bool {
        self.outdated_at() <= now
    }
}

/// The certificates of the header (RFC 7515 §4.1.6), the signer's first.
fn chain(header: &Header) -> Result<Vec<CertificateDer<'static>>, MdsError> {
    if header.crit.is_some() || header.x5c.is_empty() || header.x5c.len() > LONGEST_CHAIN {
        return Err(MdsError::Malformed);
    }
    let decoded = header
        .x5c
        .iter()
        .map(|text| base64::decode_padded(text.as_bytes()));
    let decoded: Result<Vec<_>, _> = decoded.map(|der| der.map(CertificateDer::from)).collect();
    decoded.or(Err(MdsError::Malformed))
}

/// MDS 3.1 §3.2: the chain leads to the root, and the signer is the service.
fn trusted(chain: &[CertificateDer<'_>], root: &[u8], now: Instant) -> Result<(), MdsError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(root) {
        let certificate = certificate.or(Err(MdsError::Root))?;
        roots.add(certificate).or(Err(MdsError::Root))?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider());
    let verifier = verifier.build().or(Err(MdsError::Root))?;
    let (leaf, rest) = chain.split_first().ok_or(MdsError::Malformed)?;
    let service = ServerName::try_from(SERVICE).or(Err(MdsError::Malformed))?;
    let at = UnixTime::since_unix_epoch(Duration::from_secs(now.unix_seconds()));
    let trusted = verifier.verify_server_cert(leaf, rest, &service, &[], at);
    trusted.map(drop).map_err(MdsError::Chain)
}

/// The signer's key, and the algorithm that it signs with.
fn key(chain: &[CertificateDer<'_>]) -> Result<(PublicKey, &'static str), MdsError> {
    let leaf = chain.first().ok_or(MdsError::Malformed)?;
    let (_, parsed) = X509Certificate::from_der(leaf).or(Err(MdsError::Malformed))?;
    let key = PublicKey::from_spki(parsed.public_key().raw).or(Err(MdsError::Signature))?;
    let algorithm = key.algorithm().name();
    Ok((key, algorithm))
}

fn json<T: for<'de> Deserialize<'de>>(part: &[u8]) -> Result<T, MdsError> {
    serde_json::from_slice(&decoded(part)?).or(Err(MdsError::Malformed))
}

fn decoded(part: &[u8]) -> Result<Vec<u8>, MdsError> {
    base64::decode(part).or(Err(MdsError::Malformed))
}

const SERVICE: &str = "mds.fidoalliance.org";
const LONGEST_CHAIN: usize = 8;

#[cfg(test)]
mod tests;
