//! Proof Key for Code Exchange (RFC 7636), with S256 and nothing else.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::random::{Digest, octets};

/// What a client sends first: SHA-256 of a verifier that it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeChallenge(Digest);

/// Text is no challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("code_challenge is SHA-256 of the verifier in base64url, 43 characters")]
#[non_exhaustive]
pub struct InvalidChallenge;

/// What a client shows last. It is not printed.
pub struct CodeVerifier(zeroize::Zeroizing<String>);

/// Text is no verifier; it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("code_verifier has 43 to 128 of A-Z a-z 0-9 - . _ ~")]
#[non_exhaustive]
pub struct InvalidVerifier;

impl CodeChallenge {
    /// Whether `verifier` is what the challenge was made of. It takes the same time for every
    /// verifier.
    ///
    /// ```
    /// use passkey_idp::oauth::{CodeChallenge, CodeVerifier};
    ///
    /// // RFC 7636, appendix B
    /// let challenge: CodeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".parse()?;
    /// let verifier: CodeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".parse()?;
    /// assert!(challenge.matches(&verifier));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn matches(&self, verifier: &CodeVerifier) -> bool {
        self.0 == Digest::sha256(verifier.0.as_bytes())
    }
}

impl FromStr for CodeChallenge {
    type Err = InvalidChallenge;

    fn from_str(text: &str) -> Result<Self, InvalidChallenge> {
        let octets: [u8; 32] = octets(text).or(Err(InvalidChallenge))?;
        Ok(Self(octets.into()))
    }
}

impl FromStr for CodeVerifier {
    type Err = InvalidVerifier;

    fn from_str(text: &str) -> Result<Self, InvalidVerifier> {
        let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
        if (43..=128).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned().into()))
        } else {
            Err(InvalidVerifier)
        }
    }
}

impl std::fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeVerifier([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_verifier_does_not_match() {
        let challenge: CodeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
            .parse()
            .unwrap();
        let plain = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        for other in [plain, &"a".repeat(43)] {
            assert!(!challenge.matches(&other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn short_long_and_odd_verifiers_are_refused() {
        for length in [0, 42, 129] {
            let text = "a".repeat(length);
            assert_eq!(text.parse::<CodeVerifier>().unwrap_err(), InvalidVerifier);
        }
        let odd = format!("{}+", "a".repeat(42));
        assert_eq!(odd.parse::<CodeVerifier>().unwrap_err(), InvalidVerifier);
        assert!("~".repeat(128).parse::<CodeVerifier>().is_ok());
    }

    #[test]
    fn a_challenge_has_its_one_form() {
        for text in [
            "",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=",
        ] {
            assert_eq!(text.parse::<CodeChallenge>(), Err(InvalidChallenge));
        }
    }
}
