//! Verifying and issuing an endorsement, against the signature alone by raw `ring`, in one run.
#![expect(clippy::unwrap_used, reason = "what is unexpected ends the benchmark")]

use divan::{Bencher, black_box};
use endorse::{Claims, Issuer, Method, Sim, UnixTime, Verifier};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use strict_jws::{KeySet, Signer, SigningKey, SystemRandom, base64};

fn main() {
    divan::main();
}

const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);
const PEM: &str = include_str!("../tests/keys/p256.pem");

fn signer() -> Signer {
    Signer::certifying(SigningKey::from_pem(PEM, &SystemRandom::new()).unwrap())
}

fn claims() -> Claims {
    let imsi = "001010000000001".parse().unwrap();
    let sim = Sim::proven_by(Method::Aka).with_imsi(imsi);
    let subject = "bXkgcGFpcndpc2Ugc3ViamVjdCBpZGVudGlmaWVyIQ"
        .parse()
        .unwrap();
    Claims::new("https://api.example".parse().unwrap(), subject, sim)
}

fn token() -> String {
    let issuer = Issuer::native("https://endorse.example".parse().unwrap());
    issuer
        .issue(&claims(), &signer(), NOW, &SystemRandom::new())
        .unwrap()
        .token
}

fn pair() -> EcdsaKeyPair {
    let text: String = PEM.lines().filter(|line| !line.starts_with('-')).collect();
    let text = text
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_");
    let der = base64::decode(text.as_bytes()).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &SystemRandom::new()).unwrap()
}

#[divan::bench]
fn verify_ring(bencher: Bencher<'_, '_>) {
    let token = token();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = base64::decode(signature.as_bytes()).unwrap();
    let pair = pair();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
    bencher.bench_local(|| {
        key.verify(black_box(message.as_bytes()), &signature)
            .unwrap();
    });
}

#[divan::bench]
fn verify_endorse(bencher: Bencher<'_, '_>) {
    let token = token();
    let mut keys = KeySet::new();
    keys.insert_certifying(signer().public().clone()).unwrap();
    let issuer = "https://endorse.example".parse().unwrap();
    let verifier = Verifier::native(issuer, "https://api.example".parse().unwrap(), keys);
    bencher.bench_local(|| verifier.verify(black_box(&token), NOW).unwrap());
}

#[divan::bench]
fn issue_ring(bencher: Bencher<'_, '_>) {
    let (pair, random, token) = (pair(), SystemRandom::new(), token());
    let (message, _) = token.rsplit_once('.').unwrap();
    bencher.bench_local(|| pair.sign(&random, black_box(message.as_bytes())).unwrap());
}

#[divan::bench]
fn issue_endorse(bencher: Bencher<'_, '_>) {
    let issuer = Issuer::native("https://endorse.example".parse().unwrap());
    let (claims, signer, random) = (claims(), signer(), SystemRandom::new());
    bencher.bench_local(|| {
        issuer
            .issue(black_box(&claims), &signer, NOW, &random)
            .unwrap()
    });
}
