//! Bearer tokens, kept as digests.

use std::fmt;

use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;

use super::{Authenticator, Caller, Credential};

/// A new bearer token: 256 random bits behind a prefix that tells whose it is.
///
/// It is shown once; a server keeps its SHA-256 digest only.
pub struct Token {
    text: String,
}

impl Token {
    /// A token from the system's random generator, `PREFIX_` and 64 hex digits.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn generate(prefix: &str) -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self {
            text: format!("{prefix}_{}", hex::encode(bytes)),
        })
    }

    /// The token itself, to hand over once.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The SHA-256 digest of the token's text.
    pub fn digest(&self) -> [u8; 32] {
        sha256(self.text.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([redacted])")
    }
}

/// The callers that are known by a bearer token (RFC 6750).
#[derive(Default)]
pub struct Tokens {
    callers: Vec<([u8; 32], Caller)>,
}

impl Tokens {
    /// Knows `caller` by the token with this SHA-256 digest.
    pub fn insert(&mut self, sha256: [u8; 32], caller: Caller) {
        self.callers.push((sha256, caller));
    }

    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.callers.is_empty()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.callers.iter().map(|(_, caller)| caller.name());
        f.debug_list().entries(names).finish()
    }
}

impl Authenticator for Tokens {
    /// Compares the digest with every known one, in a time that does not depend on them.
    fn identify(&self, credential: &Credential<'_>) -> Option<Caller> {
        let Credential::Bearer(token) = credential else {
            return None;
        };
        let presented = sha256(token.as_bytes());
        let mut found = None;
        for (known, caller) in &self.callers {
            if bool::from(known.ct_eq(&presented)) {
                found = Some(caller.clone());
            }
        }
        found
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_has_a_prefix_and_256_bits_and_is_new_every_time() {
        let token = Token::generate("usim").unwrap();
        let digits = token.expose().strip_prefix("usim_").unwrap();
        assert_eq!(hex::decode(digits).unwrap().len(), 32);
        assert_ne!(token.expose(), Token::generate("usim").unwrap().expose());
    }

    #[test]
    fn the_digest_is_sha256_of_the_text() {
        let token = Token { text: "abc".into() };
        assert_eq!(
            hex::encode(token.digest()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_token_is_redacted_in_debug_output() {
        let token = Token::generate("usim").unwrap();
        assert_eq!(format!("{token:?}"), "Token([redacted])");
    }

    #[test]
    fn the_right_token_is_its_callers_and_another_is_nobodys() {
        let (alice, bob) = (Token::generate("t").unwrap(), Token::generate("t").unwrap());
        let mut tokens = Tokens::default();
        tokens.insert(alice.digest(), Caller::new("alice", ["a"]));
        tokens.insert(bob.digest(), Caller::new("bob", ["b"]));
        let name = |token: &str| {
            let caller = tokens.identify(&Credential::Bearer(token))?;
            Some(caller.name().to_owned())
        };
        assert_eq!(name(alice.expose()).as_deref(), Some("alice"));
        assert_eq!(name(bob.expose()).as_deref(), Some("bob"));
        assert_eq!(name("t_00"), None);
        assert_eq!(name(""), None);
    }

    #[test]
    fn debug_output_names_callers_and_no_digest() {
        let mut tokens = Tokens::default();
        tokens.insert([7; 32], Caller::new("alice", ["a"]));
        assert_eq!(format!("{tokens:?}"), "[\"alice\"]");
    }
}
