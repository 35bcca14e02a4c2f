//! From a datagram of hostapd to its answer.

use std::{fmt, io, sync::Arc};

use aka::{
    Auts, Imsi, Rand,
    network::{Resynchronisation, Triplet, Vector},
};
use zeroize::Zeroizing;

use crate::{
    Centre, Directory,
    eap_sim_db::{Request, triplets_answer, vector_answer},
};

/// What came of a datagram: the answer, and a word for the log without any identity or key.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reply {
    /// The datagram to send back, if any; wiped on drop.
    pub answer: Option<Zeroizing<String>>,
    /// What happened.
    pub event: Event,
}

/// What happened to a datagram.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A vector goes out.
    Vector,
    /// So many triplets go out.
    Triplets(usize),
    /// A card was followed, or need not be.
    Resynchronised(Resynchronisation),
    /// The datagram is no request.
    BadRequest,
    /// The centre refused, or failed.
    Failure(Failure),
    /// The requester is gone, or does not read its answers.
    Unsent(io::Error),
}

/// Why the centre refused, or failed.
#[derive(Debug)]
pub struct Failure(Box<dyn std::error::Error + Send + Sync>);

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vector => f.write_str("vector issued"),
            Self::Triplets(count) => write!(f, "{count} triplets issued"),
            Self::Resynchronised(outcome) => f.write_str(match outcome {
                Resynchronisation::Moved => "resynchronised",
                Resynchronisation::Kept => "resynchronisation not needed",
                Resynchronisation::OutOfReach | _ => {
                    "out of reach: the card is too far behind to be followed"
                }
            }),
            Self::BadRequest => f.write_str("refused: not a request"),
            Self::Unsent(_) => f.write_str("the requester did not take its answer"),
            Self::Failure(Failure(error)) => write!(f, "refused: {}", causes(&**error)),
        }
    }
}

/// Answers datagrams of the `eap_sim_db` protocol with a centre's vectors.
#[derive(Debug)]
pub struct Responder<D, R> {
    centre: Arc<Centre<D>>,
    draw: R,
}

impl<D, R, E> Responder<D, R>
where
    D: Directory,
    R: FnMut() -> Result<Rand, E>,
    E: std::error::Error + Send + Sync + 'static,
{
    /// A responder that takes each RAND from `draw`, a CSPRNG.
    pub const fn new(centre: Arc<Centre<D>>, draw: R) -> Self {
        Self { centre, draw }
    }

    /// Answers one datagram. Whatever it holds, this neither fails nor panics; the sequence
    /// number of a vector is in the store when the answer comes back.
    pub async fn respond(&mut self, datagram: &[u8]) -> Reply {
        match Request::parse(datagram) {
            Ok(Request::Vector { imsi }) => self.vector(&imsi).await,
            Ok(Request::Triplets { imsi, count }) => self.triplets(&imsi, count).await,
            Ok(Request::Resynchronise { imsi, auts, rand }) => {
                self.resynchronise(&imsi, &rand, &auts).await
            }
            Err(bad) => Reply {
                answer: bad.answer().map(|text| Zeroizing::new(text.to_owned())),
                event: Event::BadRequest,
            },
        }
    }

    async fn vector(&mut self, imsi: &Imsi) -> Reply {
        let (vector, event) = match self.make_vector(imsi).await {
            Ok(vector) => (Some(vector), Event::Vector),
            Err(failure) => (None, failure),
        };
        Reply {
            answer: Some(vector_answer(imsi, vector.as_ref())),
            event,
        }
    }

    async fn make_vector(&mut self, imsi: &Imsi) -> Result<Vector, Event> {
        let rand = (self.draw)().map_err(failure)?;
        self.centre.vector(imsi, rand).await.map_err(failure)
    }

    async fn triplets(&mut self, imsi: &Imsi, count: u8) -> Reply {
        let (triplets, event) = match self.make_triplets(imsi, count).await {
            Ok(triplets) => {
                let count = triplets.len();
                (triplets, Event::Triplets(count))
            }
            Err(failure) => (Vec::new(), failure),
        };
        Reply {
            answer: Some(triplets_answer(imsi, &triplets)),
            event,
        }
    }

    async fn make_triplets(&mut self, imsi: &Imsi, count: u8) -> Result<Vec<Triplet>, Event> {
        let mut triplets = Vec::new();
        for _ in 0..count {
            let rand = (self.draw)().map_err(failure)?;
            triplets.push(self.centre.triplet(imsi, rand).await.map_err(failure)?);
        }
        Ok(triplets)
    }

    async fn resynchronise(&self, imsi: &Imsi, rand: &Rand, auts: &Auts) -> Reply {
        let outcome = self.centre.resynchronise(imsi, rand, auts).await;
        Reply {
            answer: None,
            event: outcome.map_or_else(failure, Event::Resynchronised),
        }
    }
}

fn failure(error: impl std::error::Error + Send + Sync + 'static) -> Event {
    Event::Failure(Failure(Box::new(error)))
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
