use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde_json::json;
use strict_jws::{SigningKey, SystemRandom};

use server_kit::config::Settings as _;

use super::*;
use crate::config::Options;
use crate::doctor::Report;

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
        let payload = json!({ "no": 57, "nextUpdate": "2030-01-01", "entries": [entry, other] });
        self.sign_payload(header, &payload)
    }

    fn sign_payload(&self, header: &Value, payload: &Value) -> String {
        let parts = [header, payload].map(|part| base64::encode(part.to_string().as_bytes()));
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
fn a_blob_tells_its_number_and_when_there_is_a_later_one() {
    let authority = Authority::service();
    let metadata = authority.verify(&authority.blob()).unwrap();
    let issue = metadata.issue().unwrap();
    assert_eq!(issue.number(), 57);
    // the end of 2030-01-01, in UTC
    let over = at(1_893_542_400);
    assert_eq!(issue.outdated_at(), over);
    assert!(issue.is_outdated(over));
    assert!(!issue.is_outdated(over.minus(passkey_idp::Duration::from_millis(1))));
    assert_eq!(Metadata::default().issue(), None);
}

#[test]
fn a_blob_without_a_number_or_a_day_is_malformed() {
    let authority = Authority::service();
    let chain = [base64::encode_padded(&authority.leaf)];
    let header = json!({ "alg": "ES256", "x5c": chain });
    for payload in [
        json!({ "nextUpdate": "2030-01-01", "entries": [] }),
        json!({ "no": 57, "entries": [] }),
        json!({ "no": -1, "nextUpdate": "2030-01-01", "entries": [] }),
        json!({ "no": 57, "nextUpdate": "2030-02-30", "entries": [] }),
    ] {
        let refused = authority.verify(&authority.sign_payload(&header, &payload));
        assert!(matches!(refused, Err(MdsError::Malformed)), "{payload}");
    }
}

#[tokio::test]
async fn an_outdated_blob_and_one_before_the_last_are_told_by_the_doctor_and_the_latter_is_not_taken()
 {
    let authority = Authority::service();
    let folder = tempfile::tempdir().unwrap();
    let (blob, root) = (
        folder.path().join("blob.jwt"),
        folder.path().join("root.pem"),
    );
    std::fs::write(&root, &authority.root).unwrap();
    let chain = [base64::encode_padded(&authority.leaf)];
    let header = json!({ "alg": "ES256", "x5c": chain });
    let fetch = |number: u64| {
        let payload = json!({ "no": number, "nextUpdate": "2020-01-01", "entries": [] });
        std::fs::write(&blob, authority.sign_payload(&header, &payload)).unwrap();
    };
    let mut options = Options::defaults();
    (options.party.mds, options.party.mds_root) = (Some(blob.clone()), Some(root));
    options.listen.state_dir = Some(folder.path().to_owned());
    options.audit.audit = Some("off".into());

    fetch(57);
    options.settle().unwrap();
    crate::build(&options).await.unwrap();
    let told = Report::of(options.clone()).await;
    assert!(
        told.to_string()
            .contains("number 57, of 0 models, outdated since 2020-01-01"),
        "{told}"
    );
    assert_eq!(told.wrong(), 1, "{told}");

    fetch(12);
    let refused = format!("{:#}", crate::build(&options).await.unwrap_err());
    assert!(
        refused.contains("number 12, and 57 was known before"),
        "{refused}"
    );
    let told = Report::of(options.clone()).await;
    assert!(
        told.to_string()
            .contains("number 12, and 57 was known before"),
        "{told}"
    );

    fetch(58);
    crate::build(&options).await.unwrap();
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
