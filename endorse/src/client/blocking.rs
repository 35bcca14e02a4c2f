//! The exchange over HTTPS.

use super::{Asking, Card, ExchangeError, Message, Next, Reply, Token, Wish};
use crate::keys::{Https, is_confidential, is_untrusted};

/// An issuer, as a device sees it.
#[derive(Clone, Debug)]
pub struct Client {
    origin: String,
    https: Https,
}

/// The text is no origin, or one that others could listen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an issuer is https://HOST or https://HOST:PORT; http is for this machine only")]
#[non_exhaustive]
pub struct InvalidOrigin;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError<E: std::error::Error + 'static> {
    /// The SIM does not answer.
    #[error("the SIM does not answer")]
    Card(#[source] E),
    /// The issuer cannot be reached.
    #[error("the issuer cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The issuer's certificate is not trusted: see [`Trust`](crate::keys::Trust).
    #[error("the issuer's certificate is not trusted")]
    Untrusted(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The issuer gives none.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
}

impl Client {
    /// The issuer with this origin, written as the issuer itself writes it: it goes into the
    /// confirmation.
    ///
    /// # Errors
    /// [`InvalidOrigin`]
    pub fn new(origin: &str, https: Https) -> Result<Self, InvalidOrigin> {
        let origin = origin.trim_end_matches('/');
        let (_, authority) = origin.split_once("://").ok_or(InvalidOrigin)?;
        let is_bare = !authority.is_empty() && !authority.contains('/');
        if !is_bare || !is_confidential(origin) {
            return Err(InvalidOrigin);
        }
        Ok(Self {
            origin: origin.to_owned(),
            https,
        })
    }

    /// Proves the SIM, and gets a token. It blocks for as long as the SIM takes, and 5 seconds at most
    /// for each answer of the issuer.
    ///
    /// # Errors
    /// [`ClientError`]; nothing is tried twice.
    pub fn endorse<C: Card>(
        &self,
        card: &mut C,
        wish: &Wish,
    ) -> Result<Token, ClientError<C::Error>> {
        let imsi = card.imsi().map_err(ClientError::Card)?;
        let mut asking = Asking::new(&self.origin, &imsi, wish.clone());
        loop {
            let (status, body) = self.send(asking.message())?;
            let asked = asking.replied(Reply {
                status,
                body: &body,
            })?;
            let answer = card.authenticate(asked.rand(), asked.autn());
            match asked.answered(&answer.map_err(ClientError::Card)?)? {
                Next::Ask(again) => asking = again,
                Next::Claim(claiming) => {
                    let (status, body) = self.send(claiming.message())?;
                    return Ok(claiming.replied(Reply {
                        status,
                        body: &body,
                    })?);
                }
            }
        }
    }

    /// Does the same beside the runtime, and gives the card back.
    ///
    /// # Errors
    /// [`ClientError`]
    ///
    /// # Panics
    /// When the card does.
    #[cfg(feature = "client-tokio")]
    pub async fn endorse_beside<C: Card + Send + 'static>(
        &self,
        mut card: C,
        wish: Wish,
    ) -> (C, Result<Token, ClientError<C::Error>>) {
        let client = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            let token = client.endorse(&mut card, &wish);
            (card, token)
        });
        match work.await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    fn send<E: std::error::Error>(
        &self,
        message: &Message,
    ) -> Result<(u16, Vec<u8>), ClientError<E>> {
        let url = format!("{}{}", self.origin, message.path());
        let answered = self.https.post_json(&url, message.body());
        answered.map_err(|error| {
            if is_untrusted(&error) {
                ClientError::Untrusted(error.into())
            } else {
                ClientError::Unreachable(error.into())
            }
        })
    }
}
