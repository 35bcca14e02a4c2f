//! From a datagram of hostapd to its answer.

mod event;

use std::sync::Arc;

use aka::{
    Auts, Imsi, Rand,
    network::{Triplet, Vector},
};
use zeroize::Zeroizing;

use crate::{
    Centre, Directory,
    eap_sim_db::{Request, triplets_answer, vector_answer},
};

pub use event::{Event, Failure};

/// What came of a datagram: the answer, and a word for the log without any identity or key.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reply {
    /// The datagram to send back, if any; wiped on drop.
    pub answer: Option<Zeroizing<String>>,
    /// What happened.
    pub event: Event,
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
        let failure = |error: BoxError| Event::failure("vectors", error);
        let rand = (self.draw)().map_err(|error| failure(error.into()))?;
        let made = self.centre.vector(imsi, rand).await;
        made.map_err(|error| failure(error.into()))
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
        let failure = |error: BoxError| Event::failure("triplets", error);
        let mut triplets = Vec::new();
        for _ in 0..count {
            let rand = (self.draw)().map_err(|error| failure(error.into()))?;
            let made = self.centre.triplet(imsi, rand).await;
            triplets.push(made.map_err(|error| failure(error.into()))?);
        }
        Ok(triplets)
    }

    async fn resynchronise(&self, imsi: &Imsi, rand: &Rand, auts: &Auts) -> Reply {
        let outcome = self.centre.resynchronise(imsi, rand, auts).await;
        Reply {
            answer: None,
            event: outcome.map_or_else(
                |error| Event::failure("resync", error.into()),
                Event::Resynchronised,
            ),
        }
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[cfg(test)]
mod tests;
