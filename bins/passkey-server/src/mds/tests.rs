use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde_json::json;
use strict_jws::{SigningKey, SystemRandom};

use super::*;

const AAGUID: &str = "ee882879-721c-4913-9775-3dfcce97072a";

/// A root, and a signer that it has certified under some name.
struct Authority {
    root: String,
    leaf: Vec<u8>,
    key: KeyPair,
}

impl Authority {
    fn certifying(name: &str) -> Self {
        let root_key = KeyPair::generate().expect("a key");
        let mut root = CertificateParams::default();
        root.distinguished_name.push(DnType::CommonName, "root");
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let pem = root.self_signed(&root_key).expect("a root").pem();
        let issuer = Issuer::new(root, root_key);
        let key = KeyPair::generate().expect("a key");
        let mut leaf = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let leaf = leaf.signed_by(&key, &issuer).expect("a certificate");
        Self {
            root: pem,
            leaf: leaf.der().to_vec(),
            key,
        }
    }

    fn service() -> Self {
        Self::certifying(SERVICE)
    }

    fn blob(&self) -> String {
        let chain = [base64::encode_padded(&self.leaf)];
        self.sign(&json!({ "alg": "ES256", "typ": "JWT", "x5c": chain }))
    }

    fn sign(&self, header: &Value) -> String {
        let entry = json!({ "aaguid": AAGUID, "metadataStatement": { "description": "A key" } });
        let other = json!({ "aaid": "4e4e#4005" });
        let payload = json!({ "no": 1, "nextUpdate": "2030-01-01", "entries": [entry, other] });
        let parts = [header, &payload].map(|part| base64::encode(part.to_string().as_bytes()));
        let signed = parts.join(".");
        let random = SystemRandom::new();
        let key = SigningKey::from_pkcs8(self.key.serialized_der(), &random).expect("a key");
        let signature = key.sign(signed.as_bytes(), &random).expect("a signature");
        format!("{signed}.{}", base64::encode(signature.as_ref()))
    }

    fn verify(&self, blob: &str) -> Result<Metadata, MdsError> {
        Metadata::verify(blob.as_bytes(), self.root.as_bytes(), at(1_800_000_000))
    }
}

fn at(seconds: u64) -> Instant {
    Instant::from_unix_seconds(seconds)
}

#[test]
fn a_blob_that_leads_to_the_root_tells_of_models() {
    let authority = Authority::service();
    let metadata = authority.verify(&authority.blob()).unwrap();
    let entry = metadata.entry(&AAGUID.to_uppercase()).unwrap();
    assert_eq!(entry["metadataStatement"]["description"], "A key");
    assert_eq!(metadata.len(), 1);
    assert_eq!(metadata.entry("00000000-0000-0000-0000-000000000000"), None);
}

#[test]
fn a_blob_of_another_root_is_refused() {
    let (authority, other) = (Authority::service(), Authority::service());
    let refused = other.verify(&authority.blob());
    assert!(matches!(refused, Err(MdsError::Chain(_))), "{refused:?}");
}

#[test]
fn a_blob_that_somebody_else_with_a_certificate_has_signed_is_refused() {
    let authority = Authority::certifying("www.example.com");
    let refused = authority.verify(&authority.blob());
    assert!(matches!(refused, Err(MdsError::Chain(_))), "{refused:?}");
}

#[test]
fn a_blob_whose_certificates_have_expired_is_refused() {
    let authority = Authority::service();
    let (blob, root) = (authority.blob(), authority.root.as_bytes());
    let refused = Metadata::verify(blob.as_bytes(), root, at(100_000_000_000));
    assert!(matches!(refused, Err(MdsError::Chain(_))), "{refused:?}");
}

#[test]
fn a_blob_that_was_changed_is_refused() {
    let authority = Authority::service();
    let blob = authority.blob();
    let [header, payload, signature] = blob.split('.').collect::<Vec<_>>().try_into().unwrap();
    let other = base64::encode(json!({ "entries": [] }).to_string().as_bytes());
    let changed = format!("{header}.{other}.{signature}");
    assert!(matches!(
        authority.verify(&changed),
        Err(MdsError::Signature)
    ));
    let mut octets = base64::decode(signature.as_bytes()).unwrap();
    octets[7] ^= 1;
    let damaged = format!("{header}.{payload}.{}", base64::encode(&octets));
    assert!(matches!(
        authority.verify(&damaged),
        Err(MdsError::Signature)
    ));
}

#[test]
fn a_blob_without_a_chain_or_with_another_algorithm_is_refused() {
    let authority = Authority::service();
    let chain = [base64::encode_padded(&authority.leaf)];
    for header in [
        json!({ "alg": "none" }),
        json!({ "alg": "ES256", "x5c": [] }),
        json!({ "alg": "ES256", "x5c": ["!"] }),
        json!({ "alg": "ES256", "x5c": chain, "crit": ["x"] }),
    ] {
        let refused = authority.verify(&authority.sign(&header));
        assert!(matches!(refused, Err(MdsError::Malformed)), "{header}");
    }
    for algorithm in ["none", "HS256", "RS256", "ES384"] {
        let header = json!({ "alg": algorithm, "x5c": chain });
        let refused = authority.verify(&authority.sign(&header));
        assert!(matches!(refused, Err(MdsError::Signature)), "{algorithm}");
    }
    for text in ["", "a.b", "a.b.c.d", "{}"] {
        let refused = authority.verify(text);
        assert!(matches!(refused, Err(MdsError::Malformed)), "{text}");
    }
}
