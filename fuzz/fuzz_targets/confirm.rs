//! Two transcripts of any content.
//!
//! Holds: the answer to one verifies for the other only if they are the same, in every part.
#![no_main]

use endorse::RequestParameters;
use endorse::confirm::{AkaRun, ConfirmationKey, Transaction, Transcript};
use libfuzzer_sys::fuzz_target;

/// The parts of a transcript, as text cut at every octet 0.
#[derive(PartialEq)]
struct Parts<'d> {
    origin: &'d str,
    nonce: Option<&'d str>,
    audience: &'d str,
    parameters: RequestParameters,
}

impl<'d> Parts<'d> {
    fn of(text: &'d str) -> Option<Self> {
        let mut parts = text.split('\0');
        let origin = parts.next()?;
        let nonce = parts.next()?.strip_prefix('+');
        let audience = parts.next()?;
        let rest: Vec<&str> = parts.collect();
        let pairs = rest.chunks_exact(2).filter_map(|pair| match *pair {
            [name, value] => Some((name.to_owned(), value.to_owned())),
            _ => None,
        });
        Some(Self {
            origin,
            nonce,
            audience,
            parameters: RequestParameters::collect(pairs).ok()?,
        })
    }

    fn transcript(&self) -> Transcript<'_> {
        Transcript {
            origin: self.origin,
            nonce: self.nonce,
            audience: self.audience,
            request_parameters: &self.parameters,
            key: None,
        }
    }
}

fuzz_target!(|data: &str| {
    let Some((one, other)) = data.split_once("\0\0\0") else {
        return;
    };
    let (Some(one), Some(other)) = (Parts::of(one), Parts::of(other)) else {
        return;
    };
    let run = AkaRun {
        rand: &[1; 16],
        autn: &[2; 16],
        ck: &[3; 16],
        ik: &[4; 16],
    };
    let key = ConfirmationKey::derive(run, "https://endorse.example", &Transaction::new([5; 16]));
    let answer = key.confirm(&one.transcript());
    assert!(key.verifies(&one.transcript(), answer.as_bytes()));
    assert_eq!(
        key.verifies(&other.transcript(), answer.as_bytes()),
        one == other
    );
});
