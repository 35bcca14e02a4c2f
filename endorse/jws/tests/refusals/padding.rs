//! RSASSA-PKCS1-v1_5: every padding but the right one (RFC 8017 §9.2), made with the private key.

use num_bigint::BigUint;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use strict_jws::{Algorithm, Refusal};

use crate::forge::{header, refused, verify, with_signature};

/// The DER that stands before a SHA-256 digest.
const SHA256_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

const SIZE: usize = 256;

/// A token whose signature decrypts to what `encode` makes of the message.
fn decrypting_to(encode: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    with_signature(header(Algorithm::Rs256), b"{}", |message| {
        let encoded = BigUint::from_bytes_be(&encode(message));
        let [modulus, exponent] = numbers();
        let signature = encoded.modpow(&exponent, &modulus).to_bytes_be();
        [vec![0; SIZE - signature.len()], signature].concat()
    })
}

fn numbers() -> [BigUint; 2] {
    let text = include_str!("../keys/rsa2048.numbers");
    let mut numbers = text.lines().map(|line| {
        let (_, digits) = line.split_once('=').unwrap();
        BigUint::parse_bytes(digits.as_bytes(), 16).unwrap()
    });
    [numbers.next().unwrap(), numbers.next().unwrap()]
}

fn sha256(message: &[u8]) -> Vec<u8> {
    digest(&SHA256, message).as_ref().to_vec()
}

/// 00, the block type, as much filling as fits, 00, and the rest.
fn block(kind: u8, filling: u8, rest: &[u8]) -> Vec<u8> {
    let filling = vec![filling; SIZE - 3 - rest.len()];
    [&[0, kind][..], &filling, &[0], rest].concat()
}

/// The right form of `info`, which holds DER and digest.
fn padded(info: impl Into<Vec<u8>>) -> Vec<u8> {
    block(1, 0xff, &info.into())
}

fn with_prefix(prefix: &[u8]) -> String {
    decrypting_to(|message| padded([prefix, &sha256(message)].concat()))
}

/// The right DER with one octet changed.
fn with_octet(index: usize, value: u8) -> String {
    let mut prefix = SHA256_PREFIX;
    prefix[index] = value;
    with_prefix(&prefix)
}

#[test]
fn the_right_padding_is_accepted() {
    let verified = verify(with_prefix(&SHA256_PREFIX)).unwrap();
    assert_eq!(verified.payload(), b"{}");
}

refused! {
    no_padding_at_all: decrypting_to(sha256) => Refusal::Signature;
    der_without_padding: decrypting_to(|message| [&SHA256_PREFIX[..], &sha256(message)].concat()) => Refusal::Signature;
    block_type_0: decrypting_to(|message| block(0, 0, &[&SHA256_PREFIX[..], &sha256(message)].concat())) => Refusal::Signature;
    block_type_2: decrypting_to(|message| block(2, 0xff, &[&SHA256_PREFIX[..], &sha256(message)].concat())) => Refusal::Signature;
    filling_other_than_ff: decrypting_to(|message| block(1, 0xfe, &[&SHA256_PREFIX[..], &sha256(message)].concat())) => Refusal::Signature;
    one_octet_of_filling_changed: decrypting_to(|message| {
        let mut encoded = padded([&SHA256_PREFIX[..], &sha256(message)].concat());
        encoded[100] = 0xfe;
        encoded
    }) => Refusal::Signature;
    // CVE-2006-4339: a cube root forges what stands left.
    little_filling_and_garbage_behind: decrypting_to(|message| {
        let left = [&[0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0][..], &SHA256_PREFIX, &sha256(message)].concat();
        [left.clone(), vec![0xa5; SIZE - left.len()]].concat()
    }) => Refusal::Signature;
    little_filling_and_zeros_behind: decrypting_to(|message| {
        let left = [&[0, 1, 0xff, 0][..], &SHA256_PREFIX, &sha256(message)].concat();
        [left.clone(), vec![0; SIZE - left.len()]].concat()
    }) => Refusal::Signature;
    no_zero_after_the_filling: decrypting_to(|message| {
        let mut encoded = padded([&SHA256_PREFIX[..], &sha256(message)].concat());
        encoded[SIZE - 52] = 0xff;
        encoded
    }) => Refusal::Signature;
    // CVE-2014-1568 and its like: parameters that may hold anything.
    garbage_in_the_parameters: decrypting_to(|message| {
        let garbage = [0xa5; 100];
        let algorithm = [&[0x30, 113, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x04, 100][..], &garbage].concat();
        let length = u8::try_from(algorithm.len() + 34).unwrap();
        padded([&[0x30, 0x81, length][..], &algorithm, &[0x04, 0x20], &sha256(message)].concat())
    }) => Refusal::Signature;
    parameters_left_out: with_prefix(&[
        0x30, 0x2f, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x04, 0x20,
    ]) => Refusal::Signature;
    lengths_in_the_long_form: with_prefix(&[
        0x30, 0x81, 0x33, 0x30, 0x81, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
    ]) => Refusal::Signature;
    an_indefinite_length: with_octet(1, 0x80) => Refusal::Signature;
    another_outer_tag: with_octet(0, 0x31) => Refusal::Signature;
    another_outer_length: with_octet(1, 0x32) => Refusal::Signature;
    the_identifier_of_sha_384: with_octet(14, 0x02) => Refusal::Signature;
    another_tag_before_the_digest: with_octet(17, 0x03) => Refusal::Signature;
    a_longer_digest_promised: with_octet(18, 0x21) => Refusal::Signature;
    a_digest_without_der: decrypting_to(|message| padded(sha256(message))) => Refusal::Signature;
    a_sha_1_digest: decrypting_to(|message| {
        let prefix = [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
        padded([&prefix[..], digest(&SHA1_FOR_LEGACY_USE_ONLY, message).as_ref()].concat())
    }) => Refusal::Signature;
    a_digest_cut_short: decrypting_to(|message| {
        let mut prefix = SHA256_PREFIX;
        (prefix[1], prefix[18]) = (0x30, 0x1f);
        padded([&prefix[..], &sha256(message)[..31]].concat())
    }) => Refusal::Signature;
    an_octet_behind_the_digest: decrypting_to(|message| padded([&SHA256_PREFIX[..], &sha256(message), &[0]].concat())) => Refusal::Signature;
    the_digest_of_another_message: decrypting_to(|_| padded([&SHA256_PREFIX[..], &sha256(b"x")].concat())) => Refusal::Signature;
}

#[test]
fn a_signature_with_the_modulus_added() {
    let token = with_signature(header(Algorithm::Rs256), b"{}", |message| {
        let encoded = padded([&SHA256_PREFIX[..], &sha256(message)].concat());
        let [modulus, exponent] = numbers();
        let signature = BigUint::from_bytes_be(&encoded).modpow(&exponent, &modulus);
        (signature + modulus).to_bytes_be()
    });
    assert_eq!(verify(token).err(), Some(Refusal::Signature));
}
