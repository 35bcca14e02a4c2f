//! The exchange with an issuer, without the network: what to send, and what an answer means.

use std::borrow::Cow;

use strict_jws::json::{Bounds, Document, ObjectWriter};

use super::{Answer, Token, Wish};
use crate::Imsi;
use crate::confirm::{AkaRun, Confirmation, ConfirmationKey, Transaction, Transcript};

/// How often an issuer may need a SIM's sequence number: once, and once more if the SIM was asked
/// elsewhere meanwhile.
const RESYNCHRONISATIONS: u8 = 2;

/// What is to be sent with POST, in JSON, to a path at the issuer.
#[derive(Clone)]
pub struct Message {
    path: &'static str,
    body: String,
}

impl Message {
    /// The path.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The body: `application/json`.
    pub fn body(&self) -> &str {
        &self.body
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "HTTP has closed the set")]
pub struct Reply<'r> {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: &'r [u8],
}

impl std::fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Why an issuer gives no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// It refuses.
    #[error("the issuer refuses with status {status}: {detail}")]
    Refused {
        /// The status.
        status: u16,
        /// The issuer's word for it (`code` or `error` of its answer), if it has one.
        code: Option<String>,
        /// Its sentence for people, or its word.
        detail: String,
    },
    /// Its answer is not what an issuer answers.
    #[error("the issuer's answer lacks {0}, or has it in another form")]
    Malformed(&'static str),
    /// It asks with sequence numbers that the SIM has used, whatever the SIM tells it.
    #[error("the issuer does not follow the SIM's sequence number")]
    OutOfStep,
}

/// The issuer is to be asked for a challenge.
#[derive(Debug)]
pub struct Asking {
    exchange: Exchange,
    message: Message,
}

/// The SIM is to be asked.
#[derive(Debug)]
pub struct Asked {
    exchange: Exchange,
    transaction: Transaction,
    rand: [u8; 16],
    autn: [u8; 16],
}

/// The issuer is to be asked for the token.
#[derive(Debug)]
pub struct Claiming {
    message: Message,
}

/// What the SIM's answer leads to.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "TS 33.102 §6.3.3 closes the set")]
pub enum Next {
    /// To another challenge.
    Ask(Asking),
    /// To the token.
    Claim(Claiming),
}

#[derive(Debug)]
struct Exchange {
    origin: String,
    wish: Wish,
    resynchronisations: u8,
}

impl Asking {
    /// Begins with the SIM of this IMSI, at the issuer with this origin (`https://endorse.example`).
    ///
    /// ```
    /// use endorse::client::{Answer, Asking, Next, Reply, SessionKeys, Wish};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let send = |message: &endorse::client::Message| match message.path() {
    /// #     "/endorse/v1/challenge" => br#"{"txn":"BQUFBQUFBQUFBQUFBQUFBQ",
    /// #         "rand":"01010101010101010101010101010101","autn":"02020202020202020202020202020202"}"#.to_vec(),
    /// #     _ => br#"{"token":"e.e.e","expires_in":300}"#.to_vec(),
    /// # };
    /// let wish = Wish::new("https://api.example".parse()?);
    /// let asking = Asking::new("https://endorse.example", &"001010000000001".parse()?, wish);
    /// let body = send(asking.message());
    /// let asked = asking.replied(Reply { status: 200, body: &body })?;
    ///
    /// // The SIM answers asked.rand() and asked.autn().
    /// let answer = Answer::Success(SessionKeys::new([3; 16], [4; 16]));
    /// let Next::Claim(claiming) = asked.answered(&answer)? else { panic!() };
    /// let body = send(claiming.message());
    /// let token = claiming.replied(Reply { status: 200, body: &body })?;
    /// assert_eq!(token.expires_in(), 300);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(origin: impl Into<String>, imsi: &Imsi, wish: Wish) -> Self {
        let mut body = ObjectWriter::new();
        body.string("imsi", imsi.as_str())
            .string("aud", wish.audience.as_str());
        if let Some(nonce) = &wish.nonce {
            body.string("nonce", nonce);
        }
        if let Some(key) = &wish.key {
            body.string("jkt", &key.to_string());
        }
        if !wish.parameters.is_empty() {
            body.object("requestParameters", |parameters| {
                for (name, value) in wish.parameters.iter() {
                    parameters.string(name, value);
                }
            });
        }
        let exchange = Exchange {
            origin: origin.into(),
            wish,
            resynchronisations: 0,
        };
        let message = Message {
            path: "/endorse/v1/challenge",
            body: body.finish(),
        };
        Self { exchange, message }
    }

    /// What to send.
    pub const fn message(&self) -> &Message {
        &self.message
    }

    /// What the issuer wants to know of the SIM.
    ///
    /// # Errors
    /// [`ExchangeError`]
    pub fn replied(self, reply: Reply<'_>) -> Result<Asked, ExchangeError> {
        let document = success(reply)?;
        let transaction = string(&document, "txn")?;
        let transaction = transaction.parse();
        Ok(Asked {
            exchange: self.exchange,
            transaction: transaction.or(Err(ExchangeError::Malformed("txn")))?,
            rand: octets(&document, "rand")?,
            autn: octets(&document, "autn")?,
        })
    }
}

impl Asked {
    /// RAND.
    pub const fn rand(&self) -> &[u8; 16] {
        &self.rand
    }

    /// AUTN.
    pub const fn autn(&self) -> &[u8; 16] {
        &self.autn
    }

    /// Goes on with what the SIM made of it.
    ///
    /// # Errors
    /// [`ExchangeError::OutOfStep`] when the SIM's sequence number was told more than twice.
    pub fn answered(self, answer: &Answer) -> Result<Next, ExchangeError> {
        match answer {
            Answer::Success(keys) => {
                let run = AkaRun {
                    rand: &self.rand,
                    autn: &self.autn,
                    ck: &keys.ck,
                    ik: &keys.ik,
                };
                let confirmation = self.exchange.confirm(run, &self.transaction).to_base64();
                let message = self.to_token("confirm", &confirmation);
                Ok(Next::Claim(Claiming { message }))
            }
            Answer::SyncFailure(auts) => {
                let message = self.to_token("auts", &hex::encode(auts));
                let exchange = self.exchange.resynchronised()?;
                Ok(Next::Ask(Asking { exchange, message }))
            }
        }
    }

    fn to_token(&self, name: &str, value: &str) -> Message {
        let mut body = ObjectWriter::new();
        body.string("txn", &self.transaction.to_string())
            .string(name, value);
        Message {
            path: "/endorse/v1/token",
            body: body.finish(),
        }
    }
}

impl Claiming {
    /// What to send.
    pub const fn message(&self) -> &Message {
        &self.message
    }

    /// The token.
    ///
    /// # Errors
    /// [`ExchangeError`]
    #[expect(clippy::unused_self, reason = "with its answer the claim is over")]
    pub fn replied(self, reply: Reply<'_>) -> Result<Token, ExchangeError> {
        let document = success(reply)?;
        let expires_in = document.root().member("expires_in");
        let expires_in = expires_in.and_then(|seconds| seconds.integer());
        Ok(Token {
            text: string(&document, "token")?,
            expires_in: expires_in.ok_or(ExchangeError::Malformed("expires_in"))?,
        })
    }
}

impl Exchange {
    fn confirm(&self, run: AkaRun<'_>, transaction: &Transaction) -> Confirmation {
        let key = ConfirmationKey::derive(run, &self.origin, transaction);
        key.confirm(&Transcript {
            origin: &self.origin,
            nonce: self.wish.nonce.as_deref(),
            audience: self.wish.audience.as_str(),
            request_parameters: &self.wish.parameters,
            key: self.wish.key.as_ref(),
        })
    }

    fn resynchronised(mut self) -> Result<Self, ExchangeError> {
        self.resynchronisations += 1;
        if self.resynchronisations > RESYNCHRONISATIONS {
            return Err(ExchangeError::OutOfStep);
        }
        Ok(self)
    }
}

fn success(reply: Reply<'_>) -> Result<Document<'_>, ExchangeError> {
    let document = Document::parse(reply.body, Bounds::PAYLOAD).ok();
    if !(200..300).contains(&reply.status) {
        return Err(refused(reply.status, document.as_ref()));
    }
    document.ok_or(ExchangeError::Malformed("JSON"))
}

/// Problem details (RFC 9457), or an error of OAuth (RFC 6749 §5.2).
fn refused(status: u16, document: Option<&Document<'_>>) -> ExchangeError {
    let told = |names: [&str; 2]| {
        let root = document?.root();
        let told = names.into_iter().find_map(|name| root.member(name));
        told.and_then(|told| told.string()).map(Cow::into_owned)
    };
    let code = told(["code", "error"]);
    let detail = told(["detail", "error_description"]).or_else(|| code.clone());
    ExchangeError::Refused {
        status,
        detail: detail.unwrap_or_else(|| "no reason is told".to_owned()),
        code,
    }
}

fn string(document: &Document<'_>, name: &'static str) -> Result<String, ExchangeError> {
    let value = document.root().member(name);
    let value = value.and_then(|value| value.string());
    value
        .map(Cow::into_owned)
        .ok_or(ExchangeError::Malformed(name))
}

fn octets(document: &Document<'_>, name: &'static str) -> Result<[u8; 16], ExchangeError> {
    let mut octets = [0; 16];
    match hex::decode_to_slice(string(document, name)?, &mut octets) {
        Ok(()) => Ok(octets),
        Err(_) => Err(ExchangeError::Malformed(name)),
    }
}
