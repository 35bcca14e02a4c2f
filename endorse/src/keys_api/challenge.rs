//! The challenge and the answer to it.

use std::fmt;

use strict_jws::base64;
use strict_jws::json::{ObjectWriter, Value};
use zeroize::Zeroizing;

use crate::body::{document, member, string};
use crate::{Imsi, InvalidBody};

/// `POST /v1/keys`: which SIM wants to be challenged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyRequest {
    /// The SIM.
    pub imsi: Imsi,
    /// What the SIM had to say of the last challenge.
    pub resynchronisation: Option<Resynchronisation>,
}

/// The SIM's sequence number is ahead (TS 33.102 §6.3.5).
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "TS 33.102 has closed the set")]
pub struct Resynchronisation {
    /// The RAND of the challenge that was refused.
    pub rand: [u8; 16],
    /// What the SIM answered to it.
    pub auts: [u8; 14],
}

/// The answer to a [`KeyRequest`].
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "these are the answer's members")]
pub struct KeyChallenge<'a> {
    /// The key's name.
    pub key_id: &'a str,
    /// RAND.
    pub rand: &'a [u8; 16],
    /// AUTN.
    pub autn: &'a [u8; 16],
}

/// `POST /v1/keys/{keyId}/verify`: RES, of 4 to 16 octets. It is wiped when it is dropped.
pub struct KeyAnswer(Zeroizing<Vec<u8>>);

impl KeyRequest {
    /// Reads `{"imsi"}` or `{"imsi", "rand", "auts"}`.
    ///
    /// # Errors
    /// [`InvalidBody`], also where `rand` or `auts` stands without the other.
    pub fn read(body: &[u8]) -> Result<Self, InvalidBody> {
        let document = document(body)?;
        let root = document.root();
        let imsi = string(root, "imsi")?.parse();
        let resynchronises = ["rand", "auts"].map(|name| member(root, name).is_some());
        Ok(Self {
            imsi: imsi.or(Err(InvalidBody::Invalid("imsi")))?,
            resynchronisation: match resynchronises {
                [false, false] => None,
                _ => Some(Resynchronisation {
                    rand: octets(root, "rand")?,
                    auts: octets(root, "auts")?,
                }),
            },
        })
    }
}

impl KeyChallenge<'_> {
    /// `{"keyId", "rand", "autn"}`.
    pub fn to_json(self) -> String {
        let mut object = ObjectWriter::new();
        object
            .string("keyId", self.key_id)
            .string("rand", &base64::encode_padded(self.rand))
            .string("autn", &base64::encode_padded(self.autn));
        object.finish()
    }
}

impl KeyAnswer {
    /// Reads `{"res"}`, or `{"xres"}`, as the other family of clients calls it.
    ///
    /// # Errors
    /// [`InvalidBody`], also for both at once.
    pub fn read(body: &[u8]) -> Result<Self, InvalidBody> {
        let document = document(body)?;
        let root = document.root();
        let name = match ["res", "xres"].map(|name| member(root, name).is_some()) {
            [true, true] => return Err(InvalidBody::Ambiguous),
            [false, true] => "xres",
            [_, false] => "res",
        };
        let res = base64::decode_padded(string(root, name)?.as_bytes()).map(Zeroizing::new);
        let res = res.ok().filter(|res| (4..=16).contains(&res.len()));
        res.map(Self).ok_or(InvalidBody::Invalid(name))
    }

    /// RES.
    pub fn res(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Resynchronisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resynchronisation([redacted])")
    }
}

impl fmt::Debug for KeyChallenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyChallenge([redacted])")
    }
}

impl fmt::Debug for KeyAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyAnswer([redacted])")
    }
}

fn octets<const N: usize>(root: Value<'_>, name: &'static str) -> Result<[u8; N], InvalidBody> {
    let octets = base64::decode_padded(string(root, name)?.as_bytes()).ok();
    let octets = octets.and_then(|octets| octets.try_into().ok());
    octets.ok_or(InvalidBody::Invalid(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMSI: &str = "001010000000001";

    fn read(body: &str) -> Result<KeyRequest, InvalidBody> {
        KeyRequest::read(body.as_bytes())
    }

    #[test]
    fn a_request_names_a_sim() {
        let request = read(r#"{"imsi":"001010000000001"}"#).unwrap();
        assert_eq!(
            (request.imsi.as_str(), request.resynchronisation),
            (IMSI, None)
        );
        let request = read(r#"{"imsi":"001010000000001","rand":null,"auts":null}"#).unwrap();
        assert_eq!(request.resynchronisation, None);
    }

    #[test]
    fn a_resynchronisation_has_both_values_at_their_lengths() {
        let rand = base64::encode_padded(&[1; 16]);
        let auts = base64::encode_padded(&[2; 14]);
        let body = |rand: &str, auts: &str| {
            read(&format!(
                r#"{{"imsi":"{IMSI}","rand":"{rand}","auts":"{auts}"}}"#
            ))
        };
        let expected = Resynchronisation {
            rand: [1; 16],
            auts: [2; 14],
        };
        let request = body(&rand, &auts).unwrap();
        assert_eq!(request.resynchronisation, Some(expected));
        assert_eq!(body(&rand, &rand), Err(InvalidBody::Invalid("auts")));
        assert_eq!(body(&auts, &auts), Err(InvalidBody::Invalid("rand")));
        assert_eq!(
            body(rand.trim_end_matches('='), &auts),
            Err(InvalidBody::Invalid("rand"))
        );
        let alone = format!(r#"{{"imsi":"{IMSI}","auts":"{auts}"}}"#);
        assert_eq!(read(&alone), Err(InvalidBody::Missing("rand")));
    }

    #[test]
    fn what_is_no_imsi_is_refused() {
        assert_eq!(read("{}"), Err(InvalidBody::Missing("imsi")));
        assert_eq!(read(r#"{"imsi":"x"}"#), Err(InvalidBody::Invalid("imsi")));
        assert_eq!(read(r#"{"imsi":1}"#), Err(InvalidBody::Invalid("imsi")));
    }

    #[test]
    fn an_answer_comes_under_either_name_and_not_under_both() {
        let answer =
            |body: &str| KeyAnswer::read(body.as_bytes()).map(|answer| answer.res().to_vec());
        let res = [0xba, 0xa3, 0x3d, 0x0b, 0xa8, 0x78, 0x62, 0x57].to_vec();
        assert_eq!(answer(r#"{"res":"uqM9C6h4Ylc="}"#), Ok(res.clone()));
        assert_eq!(answer(r#"{"xres":"uqM9C6h4Ylc="}"#), Ok(res));
        let both = r#"{"res":"uqM9C6h4Ylc=","xres":"uqM9C6h4Ylc="}"#;
        assert_eq!(answer(both), Err(InvalidBody::Ambiguous));
        assert_eq!(answer("{}"), Err(InvalidBody::Missing("res")));
        assert_eq!(
            answer(r#"{"res":"uqM9"}"#),
            Err(InvalidBody::Invalid("res"))
        );
        let long = format!(r#"{{"xres":"{}"}}"#, base64::encode_padded(&[0; 17]));
        assert_eq!(answer(&long), Err(InvalidBody::Invalid("xres")));
    }

    #[test]
    fn a_challenge_is_written_in_standard_base64() {
        let challenge = KeyChallenge {
            key_id: "k",
            rand: &[0xff; 16],
            autn: &[0; 16],
        };
        let text =
            r#"{"keyId":"k","rand":"/////////////////////w==","autn":"AAAAAAAAAAAAAAAAAAAAAA=="}"#;
        assert_eq!(challenge.to_json(), text);
    }

    #[test]
    fn nothing_shows_what_is_secret() {
        let answer = KeyAnswer::read(br#"{"res":"uqM9C6h4Ylc="}"#).unwrap();
        assert_eq!(format!("{answer:?}"), "KeyAnswer([redacted])");
    }
}
