//! The authentication centre: subscribers' keys over a store of their sequence numbers.

use aka::{
    Auts, Imsi, Ind, Milenage, Rand,
    kdf::gsm::SresFunction,
    network::{
        Home, Request, ResyncError, Resynchronisation, SqnStore, Triplet, Vector, VectorError,
    },
};

use crate::{Subscriber, Subscribers};

/// Why the centre has no vector, or did not resynchronise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CentreError<E: std::error::Error + 'static> {
    /// Nobody has this IMSI.
    #[error("unknown subscriber")]
    UnknownSubscriber,
    /// No vector could be made.
    #[error("no vector")]
    Vector(#[from] VectorError<E>),
    /// The AUTS changed nothing.
    #[error("no resynchronisation")]
    Resync(#[from] ResyncError<E>),
}

/// An authentication centre (TS 33.102 §6.3.2): vectors, triplets, resynchronisation.
///
/// It is `Sync`: threads may share it, and no two of its vectors for one subscriber carry the
/// same sequence number.
///
/// ```
/// use aka::{Rand, Sqn, network::MemoryStore};
/// use auc::{Centre, Subscribers};
///
/// let subscribers = Subscribers::parse(
///     "001010000000001 465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf 8000 000000000000",
/// )?;
/// let imsi = "001010000000001".parse()?;
/// let centre = Centre::new(subscribers, MemoryStore::new().with(imsi, Sqn::ZERO));
///
/// let vector = centre.vector(&imsi, Rand::generate(getrandom::fill)?)?;
/// assert!(vector.autn.amf().is_separated());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Centre<S> {
    subscribers: Subscribers,
    home: Home<S>,
    ind: Ind,
    sres: SresFunction,
}

impl<S: SqnStore<Subscriber = Imsi>> Centre<S> {
    /// A centre over `store`, which must know every subscriber.
    pub fn new(subscribers: Subscribers, store: S) -> Self {
        Self {
            subscribers,
            home: Home::new(store),
            ind: Ind::ZERO,
            sres: SresFunction::Folded,
        }
    }

    /// The same with another slot of the cards' arrays: one for each centre or serving node that
    /// issues vectors of the same subscribers (TS 33.102 §C.1.2).
    #[must_use]
    pub fn with_ind(mut self, ind: Ind) -> Self {
        self.ind = ind;
        self
    }

    /// The same with another way from RES to SRES: the operator's choice (TS 55.205 §4).
    #[must_use]
    pub fn with_sres(mut self, sres: SresFunction) -> Self {
        self.sres = sres;
        self
    }

    /// Makes a vector for the challenge `rand`, which comes fresh from a CSPRNG.
    ///
    /// # Errors
    /// [`CentreError`]; no sequence number is ever used twice for it.
    pub fn vector(&self, imsi: &Imsi, rand: Rand) -> Result<Vector, CentreError<S::Error>> {
        let subscriber = self.subscriber(imsi)?;
        let request = Request::new(rand, subscriber.amf).with_ind(self.ind);
        let mut vector = self.home.vector(&milenage(subscriber), imsi, request)?;
        vector.xres = subscriber.res_length.cut(&vector.xres);
        Ok(vector)
    }

    /// Makes a GSM triplet for the challenge `rand`.
    ///
    /// # Errors
    /// [`CentreError::UnknownSubscriber`].
    pub fn triplet(&self, imsi: &Imsi, rand: Rand) -> Result<Triplet, CentreError<S::Error>> {
        let subscriber = self.subscriber(imsi)?;
        Ok(Triplet::generate(&milenage(subscriber), rand, self.sres))
    }

    /// Follows the card that answered the challenge `rand` with `auts`; see
    /// [`Home::resynchronise`].
    ///
    /// # Errors
    /// [`CentreError`]; the numbers are then as they were.
    pub fn resynchronise(
        &self,
        imsi: &Imsi,
        rand: &Rand,
        auts: &Auts,
    ) -> Result<Resynchronisation, CentreError<S::Error>> {
        let milenage = milenage(self.subscriber(imsi)?);
        Ok(self.home.resynchronise(&milenage, imsi, rand, auts)?)
    }

    fn subscriber(&self, imsi: &Imsi) -> Result<&Subscriber, CentreError<S::Error>> {
        let subscriber = self.subscribers.get(imsi);
        subscriber.ok_or(CentreError::UnknownSubscriber)
    }
}

fn milenage(subscriber: &Subscriber) -> Milenage {
    Milenage::new(&subscriber.k, &subscriber.opc)
}
