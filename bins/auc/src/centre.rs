//! The authentication centre: vectors for the subscribers of a directory.

use aka::{
    Auts, Imsi, Ind, Milenage, Rand, Sqn,
    algorithm::HomeAlgorithm as _,
    kdf::gsm::SresFunction,
    network::{Resynchronisation, Sequence, SequenceError, Swap, Triplet, Vector},
};

use crate::{Directory, DirectoryError, Subscriber};

/// Why the centre has no vector, or did not resynchronise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CentreError {
    /// Nobody has this IMSI.
    #[error("unknown subscriber")]
    UnknownSubscriber,
    /// There is no sequence number for the vector.
    #[error("no sequence number for the vector")]
    Sequence(#[from] SequenceError),
    /// AUTS was not made with this subscriber's keys for this RAND.
    #[error("MAC-S of AUTS does not match")]
    MacFailure,
    /// The directory failed.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// Others were faster every time.
    #[error("the sequence number changed too often")]
    Contended,
}

/// An authentication centre (TS 33.102 §6.3.2): vectors, triplets, resynchronisation.
///
/// No two vectors for one subscriber carry the same sequence number, however many threads,
/// processes and machines share the directory.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use aka::{Rand, Sqn, network::MemoryStore};
/// use auc::{Centre, Kept, Subscribers};
///
/// let subscribers = Subscribers::parse(
///     "001010000000001 465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf 8000 000000000000",
/// )?;
/// let imsi = "001010000000001".parse()?;
/// let store = MemoryStore::new().with(imsi, Sqn::ZERO);
/// let centre = Centre::new(Kept::new(subscribers, store));
///
/// let vector = centre.vector(&imsi, Rand::generate(getrandom::fill)?).await?;
/// assert!(vector.autn.amf().is_separated());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Centre<D> {
    directory: D,
    sequence: Sequence,
    ind: Ind,
    sres: SresFunction,
}

/// A directory that reports a lost race with the number that was expected would never end.
const MAX_ATTEMPTS: u32 = 1 << 16;

impl<D: Directory> Centre<D> {
    /// A centre for the subscribers of `directory`.
    pub const fn new(directory: D) -> Self {
        Self {
            directory,
            sequence: Sequence::new(),
            ind: Ind::ZERO,
            sres: SresFunction::Folded,
        }
    }

    /// The same with another slot of the cards' arrays: one for each centre or serving node that
    /// issues vectors of the same subscribers (TS 33.102 §C.1.2).
    #[must_use]
    pub fn with_ind(self, ind: Ind) -> Self {
        Self { ind, ..self }
    }

    /// The same with another way from RES to SRES: the operator's choice (TS 55.205 §4).
    #[must_use]
    pub fn with_sres(self, sres: SresFunction) -> Self {
        Self { sres, ..self }
    }

    /// The directory.
    pub const fn directory(&self) -> &D {
        &self.directory
    }

    /// Makes a vector for the challenge `rand`, which comes fresh from a CSPRNG. Its sequence
    /// number is stored before the vector exists.
    ///
    /// # Errors
    /// [`CentreError`]; no sequence number is ever used twice for it.
    pub async fn vector(&self, imsi: &Imsi, rand: Rand) -> Result<Vector, CentreError> {
        let subscriber = self.subscriber(imsi).await?;
        let mut last = subscriber.sqn;
        for _ in 0..MAX_ATTEMPTS {
            let sqn = self.sequence.next(last, self.ind)?;
            match self.directory.compare_and_set(imsi, last, sqn).await? {
                Swap::Done => return Ok(vector(&subscriber, rand, sqn)),
                Swap::Lost(actual) => last = actual,
            }
        }
        Err(CentreError::Contended)
    }

    /// Makes a GSM triplet for the challenge `rand`.
    ///
    /// # Errors
    /// [`CentreError::UnknownSubscriber`], [`CentreError::Directory`].
    pub async fn triplet(&self, imsi: &Imsi, rand: Rand) -> Result<Triplet, CentreError> {
        let subscriber = self.subscriber(imsi).await?;
        Ok(Triplet::generate(&milenage(&subscriber), rand, self.sres))
    }

    /// Follows the card that answered the challenge `rand` with `auts` (TS 33.102 §6.3.5).
    ///
    /// # Errors
    /// [`CentreError`]; the numbers are then as they were. They never go back.
    pub async fn resynchronise(
        &self,
        imsi: &Imsi,
        rand: &Rand,
        auts: &Auts,
    ) -> Result<Resynchronisation, CentreError> {
        let subscriber = self.subscriber(imsi).await?;
        let (sqn_ms, expected) = milenage(&subscriber).open_auts(rand, auts);
        if !expected.verify(auts.mac()) {
            return Err(CentreError::MacFailure);
        }
        let mut last = subscriber.sqn;
        for _ in 0..MAX_ATTEMPTS {
            let outcome = self.sequence.resynchronise(last, sqn_ms);
            if outcome != Resynchronisation::Moved {
                return Ok(outcome);
            }
            match self.directory.compare_and_set(imsi, last, sqn_ms).await? {
                Swap::Done => return Ok(outcome),
                Swap::Lost(actual) => last = actual,
            }
        }
        Err(CentreError::Contended)
    }

    async fn subscriber(&self, imsi: &Imsi) -> Result<Subscriber, CentreError> {
        let found = self.directory.find(imsi).await?;
        found.ok_or(CentreError::UnknownSubscriber)
    }
}

fn vector(subscriber: &Subscriber, rand: Rand, sqn: Sqn) -> Vector {
    let (autn, expected) = milenage(subscriber).challenge(&rand, sqn, subscriber.amf);
    Vector {
        rand,
        xres: subscriber.res_length.cut(&expected.res),
        ck: expected.ck,
        ik: expected.ik,
        autn,
    }
}

fn milenage(subscriber: &Subscriber) -> Milenage {
    Milenage::new(&subscriber.k, &subscriber.opc)
}
