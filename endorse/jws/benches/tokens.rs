//! Verifying and issuing a token, against raw `ring` and against jsonwebtoken, in one run.
#![expect(clippy::unwrap_used, reason = "what is unexpected ends the benchmark")]

use divan::{Bencher, black_box};
use jsonwebtoken::{DecodingKey, EncodingKey, Validation};
use ring::agreement::{self, ECDH_P256, EphemeralPrivateKey, agree_ephemeral};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
    UnparsedPublicKey, VerificationAlgorithm,
};
use strict_jws::json::{Bounds, Document};
use strict_jws::{Algorithm, KeySet, Policy, PublicKey, Signer, SigningKey, SystemRandom, base64};

fn main() {
    divan::main();
}

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256];

const TYP: &str = "endorse+jwt";

/// As many claims as such a token has.
const CLAIMS: &str = r#"{"iss":"https://issuer.example","aud":"https://api.example","exp":4102444800,"iat":1700000000,"nbf":1700000000,"jti":"AAAAAAAAAAAAAAAAAAAAAA","sub":"bXkgcGFpcndpc2Ugc3ViamVjdCBpZGVudGlmaWVyIQ","endorse":{"imsi":"001010000000001","imei":"490154203237518","method":"aka","requestParameters":{"purpose":"upload"}}}"#;

fn pem(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 => include_str!("../tests/keys/p256.pem"),
        Algorithm::EdDsa => include_str!("../tests/keys/ed25519.pem"),
        Algorithm::Rs256 | _ => include_str!("../tests/keys/rsa2048.pem"),
    }
}

fn pkcs8(algorithm: Algorithm) -> Vec<u8> {
    let lines = pem(algorithm).lines().filter(|line| !line.starts_with('-'));
    let text = lines
        .collect::<String>()
        .replace('+', "-")
        .replace('/', "_");
    base64::decode(text.trim_end_matches('=').as_bytes()).unwrap()
}

fn signer(algorithm: Algorithm) -> Signer {
    Signer::certifying(SigningKey::from_pem(pem(algorithm), &SystemRandom::new()).unwrap())
}

fn token(signer: &Signer) -> String {
    signer
        .sign(Some(TYP), CLAIMS.as_bytes(), &SystemRandom::new())
        .unwrap()
}

#[divan::bench(args = ALGORITHMS)]
fn verify_ring(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let token = token(&signer(algorithm));
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = base64::decode(signature.as_bytes()).unwrap();
    let (way, key): (&'static dyn VerificationAlgorithm, Vec<u8>) = match algorithm {
        Algorithm::Es256 => (
            &ECDSA_P256_SHA256_FIXED,
            ecdsa().public_key().as_ref().into(),
        ),
        Algorithm::EdDsa => (&ED25519, ed25519().public_key().as_ref().into()),
        Algorithm::Rs256 | _ => (
            &RSA_PKCS1_2048_8192_SHA256,
            rsa().public_key().as_ref().into(),
        ),
    };
    let key = UnparsedPublicKey::new(way, key);
    bencher.bench_local(|| {
        key.verify(black_box(message.as_bytes()), &signature)
            .unwrap();
    });
}

#[divan::bench(args = ALGORITHMS)]
fn verify_strict_jws(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let signer = signer(algorithm);
    let token = token(&signer);
    let mut keys = KeySet::new();
    keys.insert_certifying(signer.public().clone()).unwrap();
    let policy = Policy::typed(TYP);
    bencher.bench_local(|| {
        let verified = keys.verify(black_box(&token), &policy).unwrap();
        let claims = Document::parse(verified.payload(), Bounds::PAYLOAD).unwrap();
        claims.root().member("exp").unwrap().integer().unwrap()
    });
}

#[divan::bench(args = ALGORITHMS)]
fn verify_jsonwebtoken(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let signer = signer(algorithm);
    let token = token(&signer);
    let jwk = serde_json::from_str(&signer.public().to_jwk()).unwrap();
    let key = DecodingKey::from_jwk(&jwk).unwrap();
    let mut validation = Validation::new(algorithm.name().parse().unwrap());
    validation.set_audience(&["https://api.example"]);
    bencher.bench_local(|| {
        let decoded =
            jsonwebtoken::decode::<serde_json::Value>(black_box(&token), &key, &validation);
        decoded
            .unwrap()
            .claims
            .get("exp")
            .unwrap()
            .as_u64()
            .unwrap()
    });
}

#[divan::bench(args = ALGORITHMS)]
fn issue_ring(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let random = SystemRandom::new();
    let token = token(&signer(algorithm));
    let (message, _) = token.rsplit_once('.').unwrap();
    let message = message.as_bytes();
    match algorithm {
        Algorithm::Es256 => {
            let pair = ecdsa();
            bencher.bench_local(|| pair.sign(&random, black_box(message)).unwrap());
        }
        Algorithm::EdDsa => {
            let pair = ed25519();
            bencher.bench_local(|| pair.sign(black_box(message)));
        }
        Algorithm::Rs256 | _ => {
            let (pair, mut signature) = (rsa(), [0; 256]);
            bencher.bench_local(|| {
                pair.sign(
                    &RSA_PKCS1_SHA256,
                    &random,
                    black_box(message),
                    &mut signature,
                )
                .unwrap();
            });
        }
    }
}

#[divan::bench(args = ALGORITHMS)]
fn issue_strict_jws(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let random = SystemRandom::new();
    let signer = signer(algorithm);
    bencher.bench_local(|| {
        signer
            .sign(Some(TYP), black_box(CLAIMS.as_bytes()), &random)
            .unwrap()
    });
}

#[divan::bench(args = ALGORITHMS)]
fn issue_jsonwebtoken(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let header = jsonwebtoken::Header::new(algorithm.name().parse().unwrap());
    let claims: serde_json::Value = serde_json::from_str(CLAIMS).unwrap();
    let pem = pem(algorithm).as_bytes();
    let key = match algorithm {
        Algorithm::Es256 => EncodingKey::from_ec_pem(pem),
        Algorithm::EdDsa => EncodingKey::from_ed_pem(pem),
        Algorithm::Rs256 | _ => EncodingKey::from_rsa_pem(pem),
    };
    let key = key.unwrap();
    bencher.bench_local(|| jsonwebtoken::encode(&header, black_box(&claims), &key).unwrap());
}

/// A JWK, with the proof that its point is on the curve.
#[divan::bench(args = ALGORITHMS)]
fn read_key_strict_jws(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let jwk = signer(algorithm).public().to_jwk();
    bencher.bench_local(|| PublicKey::from_jwk(black_box(jwk.as_bytes())).unwrap());
}

/// That proof alone, as `ring` gives it.
#[divan::bench]
fn read_point_ring(bencher: Bencher<'_, '_>) {
    let random = SystemRandom::new();
    let own = || EphemeralPrivateKey::generate(&ECDH_P256, &random).unwrap();
    let point = ecdsa().public_key().as_ref().to_vec();
    let point = agreement::UnparsedPublicKey::new(&ECDH_P256, &point);
    bencher.bench_local(|| agree_ephemeral(own(), black_box(&point), |_| ()).unwrap());
}

fn ecdsa() -> EcdsaKeyPair {
    let der = pkcs8(Algorithm::Es256);
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &SystemRandom::new()).unwrap()
}

fn ed25519() -> Ed25519KeyPair {
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8(Algorithm::EdDsa)).unwrap()
}

fn rsa() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(&pkcs8(Algorithm::Rs256)).unwrap()
}
