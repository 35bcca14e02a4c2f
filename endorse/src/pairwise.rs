//! Subjects that two audiences cannot compare.

use std::fmt;

use ring::hmac;
use strict_jws::base64;

use crate::{Audience, Imsi, Subject};

/// Makes the subject of a SIM for an audience: always the same for the same audience, and without
/// the secret of no use for finding the SIM or its subject for another audience.
///
/// It is the HMAC-SHA-256 over the length of the IMSI (one octet), the IMSI and the audience, in
/// base64url.
pub struct PairwiseSubjects {
    key: hmac::Key,
}

impl PairwiseSubjects {
    /// With the issuer's secret, which must never change: 32 octets from a random generator.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    /// The subject of the SIM for the audience.
    pub fn subject(&self, imsi: &Imsi, audience: &Audience) -> Subject {
        let imsi = imsi.as_str().as_bytes();
        let length = u8::try_from(imsi.len()).expect("an IMSI has at most 15 digits");
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&[length]);
        context.update(imsi);
        context.update(audience.as_str().as_bytes());
        let subject = base64::encode(context.sign().as_ref());
        subject.parse().expect("43 symbols are a subject")
    }
}

impl fmt::Debug for PairwiseSubjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairwiseSubjects([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(secret: u8, imsi: &str, audience: &str) -> Subject {
        let subjects = PairwiseSubjects::new(&[secret; 32]);
        subjects.subject(&imsi.parse().unwrap(), &audience.parse().unwrap())
    }

    #[test]
    fn a_subject_depends_on_the_secret_the_sim_and_the_audience() {
        let one = subject(1, "001010000000001", "https://a.example");
        assert_eq!(one, subject(1, "001010000000001", "https://a.example"));
        assert_ne!(one, subject(2, "001010000000001", "https://a.example"));
        assert_ne!(one, subject(1, "001010000000002", "https://a.example"));
        assert_ne!(one, subject(1, "001010000000001", "https://b.example"));
    }

    #[test]
    fn digits_do_not_move_from_the_sim_to_the_audience() {
        assert_ne!(
            subject(1, "001010", "0https://a"),
            subject(1, "0010100", "https://a")
        );
    }
}
