//! The authentication centre: vectors for the subscribers of a directory.

use aka::{
    Amf, Auts, Imsi, Ind, Rand, Sqn,
    kdf::gsm::SresFunction,
    network::{
        AsyncHome, AsyncSqnStore, Request, ResyncError, Resynchronisation, Sequence, SequenceError,
        Swap, Triplet, Vector, VectorError,
    },
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

/// What a vector is for, where that is not what the subscriber and the centre are set up for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Use {
    /// Instead of the subscriber's own: without the separation bit no terminal takes the challenge
    /// from LTE or 5G (TS 33.401 §6.1.1).
    pub amf: Option<Amf>,
    /// Instead of the centre's own slot of the cards' arrays (TS 33.102 §C.1.2).
    pub ind: Option<Ind>,
}

impl Use {
    /// What the subscriber and the centre are set up for.
    pub const fn new() -> Self {
        let (amf, ind) = (None, None);
        Self { amf, ind }
    }

    /// The same with this AMF.
    #[must_use]
    pub const fn with_amf(self, amf: Amf) -> Self {
        let amf = Some(amf);
        Self { amf, ..self }
    }

    /// The same in this slot.
    #[must_use]
    pub const fn with_ind(self, ind: Ind) -> Self {
        let ind = Some(ind);
        Self { ind, ..self }
    }
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

    /// The same with other rules for the sequence numbers, which the cards must share.
    #[must_use]
    pub fn with_sequence(self, sequence: Sequence) -> Self {
        Self { sequence, ..self }
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
        self.vector_for(imsi, rand, Use::default()).await
    }

    /// The same for a use of its own.
    ///
    /// # Errors
    /// As [`Centre::vector`].
    pub async fn vector_for(
        &self,
        imsi: &Imsi,
        rand: Rand,
        of: Use,
    ) -> Result<Vector, CentreError> {
        let subscriber = self.subscriber(imsi).await?;
        let (amf, ind) = (of.amf.unwrap_or(subscriber.amf), of.ind.unwrap_or(self.ind));
        let request = Request::new(rand, amf).with_ind(ind);
        let home = self.home(&subscriber);
        let mut vector = home.vector(&subscriber.functions(), imsi, request).await?;
        vector.xres = subscriber.res_length.cut(&vector.xres);
        metrics::counter!("auc_vectors_total", "kind" => "vector").increment(1);
        Ok(vector)
    }

    /// Makes a GSM triplet for the challenge `rand`.
    ///
    /// # Errors
    /// [`CentreError::UnknownSubscriber`], [`CentreError::Directory`].
    pub async fn triplet(&self, imsi: &Imsi, rand: Rand) -> Result<Triplet, CentreError> {
        let subscriber = self.subscriber(imsi).await?;
        metrics::counter!("auc_vectors_total", "kind" => "triplet").increment(1);
        Ok(Triplet::generate(&subscriber.functions(), rand, self.sres))
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
        let (home, functions) = (self.home(&subscriber), subscriber.functions());
        Ok(home.resynchronise(&functions, imsi, rand, auts).await?)
    }

    /// The rules of `aka` over the directory, from the number that was read with the keys.
    const fn home(&self, subscriber: &Subscriber) -> AsyncHome<Found<'_, D>> {
        let directory = &self.directory;
        let found = Found {
            directory,
            sqn: subscriber.sqn,
        };
        AsyncHome::with_sequence(found, self.sequence)
    }

    async fn subscriber(&self, imsi: &Imsi) -> Result<Subscriber, CentreError> {
        let found = self.directory.find(imsi).await?;
        found.ok_or(CentreError::UnknownSubscriber)
    }
}

/// A directory of which one subscriber was read a moment ago. Should the number have changed since,
/// the compare-and-set tells.
struct Found<'a, D> {
    directory: &'a D,
    sqn: Sqn,
}

impl<D: Directory> AsyncSqnStore for Found<'_, D> {
    type Subscriber = Imsi;
    type Error = DirectoryError;

    async fn load(&self, _: &Imsi) -> Result<Sqn, DirectoryError> {
        Ok(self.sqn)
    }

    async fn compare_and_set(
        &self,
        imsi: &Imsi,
        expected: Sqn,
        new: Sqn,
    ) -> Result<Swap, DirectoryError> {
        self.directory.compare_and_set(imsi, expected, new).await
    }
}

impl CentreError {
    /// The word for programs, the audit trail and the metrics.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownSubscriber => "unknown_subscriber",
            Self::MacFailure => "mac_failure",
            Self::Sequence(_) => "sqn_exhausted",
            Self::Contended => "contended",
            Self::Directory(_) => "directory_failed",
        }
    }
}

impl From<VectorError<DirectoryError>> for CentreError {
    fn from(error: VectorError<DirectoryError>) -> Self {
        match error {
            VectorError::Sequence(error) => Self::Sequence(error),
            VectorError::Store(error) => Self::Directory(error),
            VectorError::Contended | _ => Self::Contended,
        }
    }
}

impl From<ResyncError<DirectoryError>> for CentreError {
    fn from(error: ResyncError<DirectoryError>) -> Self {
        match error {
            ResyncError::MacFailure => Self::MacFailure,
            ResyncError::Store(error) => Self::Directory(error),
            ResyncError::Contended | _ => Self::Contended,
        }
    }
}
