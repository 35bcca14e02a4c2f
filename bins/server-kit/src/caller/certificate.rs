//! Client certificates (mutual TLS), after rustls has verified them against the client CA.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{Authenticator, Caller, Credential};

/// What a verified client certificate says about its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    fingerprint: [u8; 32],
    subject: String,
}

impl PeerCertificate {
    /// Reads a certificate in DER; what cannot be parsed has an empty subject.
    pub fn from_der(der: &[u8]) -> Self {
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, der).as_ref());
        let subject = X509Certificate::from_der(der)
            .map(|(_, certificate)| certificate.subject().to_string())
            .unwrap_or_default();
        Self {
            fingerprint,
            subject,
        }
    }

    /// The SHA-256 digest of the certificate's DER.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    /// The fingerprint as OpenSSL prints it: upper-case pairs with colons.
    pub fn fingerprint_text(&self) -> String {
        let mut text = String::with_capacity(95);
        for byte in self.fingerprint {
            let separator = if text.is_empty() { "" } else { ":" };
            // writing to a String cannot fail
            write!(text, "{separator}{byte:02X}").unwrap_or_default();
        }
        text
    }

    /// The subject, such as `CN=lab, O=Example`.
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

/// The callers that are known by a client certificate.
#[derive(Debug, Default)]
pub struct Certificates {
    by_fingerprint: Vec<([u8; 32], Caller)>,
    by_subject: Vec<(String, Caller)>,
}

impl Certificates {
    /// Knows `caller` by the certificate with this SHA-256 fingerprint.
    pub fn insert_fingerprint(&mut self, sha256: [u8; 32], caller: Caller) {
        self.by_fingerprint.push((sha256, caller));
    }

    /// Knows `caller` by any certificate with this subject that the client CA has signed.
    pub fn insert_subject(&mut self, subject: String, caller: Caller) {
        self.by_subject.push((subject, caller));
    }

    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.by_fingerprint.is_empty() && self.by_subject.is_empty()
    }
}

impl Authenticator for Certificates {
    fn identify(&self, credential: &Credential<'_>) -> Option<Caller> {
        let Credential::Certificate(certificate) = credential else {
            return None;
        };
        let by_fingerprint = self
            .by_fingerprint
            .iter()
            .find(|(known, _)| *known == certificate.fingerprint)
            .map(|(_, caller)| caller);
        let by_subject = self
            .by_subject
            .iter()
            .find(|(known, _)| !known.is_empty() && *known == certificate.subject)
            .map(|(_, caller)| caller);
        by_fingerprint.or(by_subject).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(common_name: &str) -> PeerCertificate {
        let mut params = rcgen::CertificateParams::default();
        let name = &mut params.distinguished_name;
        *name = rcgen::DistinguishedName::new();
        name.push(rcgen::DnType::CommonName, common_name);
        let key = rcgen::KeyPair::generate().unwrap();
        PeerCertificate::from_der(params.self_signed(&key).unwrap().der())
    }

    #[test]
    fn a_certificate_is_known_by_fingerprint_or_by_subject() {
        let (alice, bob, eve) = (certificate("alice"), certificate("bob"), certificate("eve"));
        let mut known = Certificates::default();
        known.insert_fingerprint(alice.fingerprint(), Caller::new("alice", ["a"]));
        known.insert_subject("CN=bob".into(), Caller::new("bob", ["b"]));
        let name = |certificate| {
            let caller = known.identify(&Credential::Certificate(certificate))?;
            Some(caller.name().to_owned())
        };
        assert_eq!(name(&alice).as_deref(), Some("alice"));
        assert_eq!(name(&bob).as_deref(), Some("bob"));
        assert_eq!(name(&eve), None);
    }

    #[test]
    fn another_certificate_with_the_same_name_has_another_fingerprint() {
        assert_ne!(
            certificate("alice").fingerprint(),
            certificate("alice").fingerprint()
        );
    }

    #[test]
    fn what_is_no_certificate_has_no_subject_and_matches_no_empty_name() {
        let garbage = PeerCertificate::from_der(b"garbage");
        assert_eq!(garbage.subject(), "");
        let mut known = Certificates::default();
        known.insert_subject(String::new(), Caller::new("nobody", ["a"]));
        assert_eq!(known.identify(&Credential::Certificate(&garbage)), None);
    }

    #[test]
    fn the_fingerprint_reads_as_openssl_prints_it() {
        let text = PeerCertificate::from_der(b"abc").fingerprint_text();
        assert!(text.starts_with("BA:78:16:BF:8F:01"), "{text}");
        assert_eq!(text.len(), 95);
    }
}
