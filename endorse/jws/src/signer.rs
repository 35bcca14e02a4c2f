//! Making tokens.

use crate::header::Header;
use crate::{Algorithm, KeyId, PublicKey, SecureRandom, SigningFailed, SigningKey, base64};

/// A private key under the name by which verifiers know it.
#[derive(Debug)]
pub struct Signer {
    key_id: KeyId,
    key: SigningKey,
}

impl Signer {
    /// `key` under the name `key_id`.
    pub fn new(key_id: KeyId, key: SigningKey) -> Self {
        Self { key_id, key }
    }

    /// `key` under the name that proves itself: [`KeyId::certifying`].
    pub fn certifying(key: SigningKey) -> Self {
        Self::new(KeyId::certifying(key.public()), key)
    }

    /// A token in compact form (RFC 7515 §7.1), with the header `{"kid","alg"}` or
    /// `{"kid","alg","typ"}`.
    ///
    /// # Errors
    /// [`SigningFailed`]
    pub fn sign(
        &self,
        typ: Option<&str>,
        payload: &[u8],
        random: &dyn SecureRandom,
    ) -> Result<String, SigningFailed> {
        let header = Header::write(self.algorithm(), &self.key_id, typ);
        sign(&self.key, &header, payload, random)
    }

    /// How many octets [`Signer::sign`] makes of a payload of so many, at the most.
    pub fn longest_token(&self, typ: Option<&str>, payload: usize) -> usize {
        let header = Header::write(self.algorithm(), &self.key_id, typ);
        let signature = match self.algorithm() {
            Algorithm::Es256 | Algorithm::EdDsa => 64,
            Algorithm::Rs256 => MAX_SIGNATURE,
        };
        token_len([header.len(), payload, signature])
    }

    /// The key's name.
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// The key's public half.
    pub fn public(&self) -> &PublicKey {
        self.key.public()
    }

    /// The algorithm of its signatures.
    pub fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }
}

/// The longest signature: RSA of 4096 bits.
const MAX_SIGNATURE: usize = 512;

pub(crate) fn sign(
    key: &SigningKey,
    header: &str,
    payload: &[u8],
    random: &dyn SecureRandom,
) -> Result<String, SigningFailed> {
    let mut token = String::with_capacity(token_len([header.len(), payload.len(), MAX_SIGNATURE]));
    base64::encode_to(header.as_bytes(), &mut token);
    token.push('.');
    base64::encode_to(payload, &mut token);
    let signature = key.sign(token.as_bytes(), random)?;
    token.push('.');
    base64::encode_to(signature.as_ref(), &mut token);
    Ok(token)
}

/// Three segments and the dots between them.
fn token_len(segments: [usize; 3]) -> usize {
    segments.map(base64::encoded_len).iter().sum::<usize>() + 2
}
