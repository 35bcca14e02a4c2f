//! The authentication centre inside, and what it does for SIMs that nobody knows.

use std::fmt;

use aka::network::{MemoryStore, Vector};
use aka::{Auts, Imsi, K, Opc, Rand};
use auc::{Centre, CentreError, Directory, Kept, Subscriber, Subscribers, Use};

use super::{AMF, Answer, Resync, SourceError, VectorSource};

/// An authentication centre in this process.
///
/// For a SIM that nobody knows it makes a vector of a decoy: a subscriber of the same directory
/// whose keys nobody holds. Hence it does exactly the same work, its sequence number on the disk
/// included, and takes as long. A SIM whose record is damaged is nobody's too, to the outside.
#[derive(Debug)]
pub struct Embedded<D> {
    centre: Centre<D>,
}

/// How many decoys there are: enough for as many unknown SIMs at once as a server asks.
const DECOYS: u8 = 128;

/// What vectors are for; the slot is the centre's.
const OURS: Use = Use::new().with_amf(AMF);

/// No country has the code 000 (ITU-T E.212).
const DECOY_IMSIS: &str = "000000000000";

/// The decoys, to be put among the subscribers.
///
/// # Errors
/// The system gave no randomness.
pub fn decoys() -> Result<Subscribers, getrandom::Error> {
    let mut decoys = Subscribers::default();
    for index in 0..DECOYS {
        let (mut k, mut opc) = ([0; 16], [0; 16]);
        getrandom::fill(&mut k)?;
        getrandom::fill(&mut opc)?;
        let decoy = Subscriber::new(decoy(index), K::new(k), Opc::new(opc));
        // their IMSIs differ
        let _is_new = decoys.insert(decoy);
    }
    Ok(decoys)
}

/// Whether this is a decoy's IMSI.
pub fn is_decoy(imsi: &Imsi) -> bool {
    imsi.as_str().starts_with(DECOY_IMSIS)
}

fn decoy(index: u8) -> Imsi {
    let imsi = format!("{DECOY_IMSIS}{index:03}");
    imsi.parse().expect("15 digits are an IMSI")
}

impl Embedded<Kept<MemoryStore>> {
    /// A centre for these subscribers that forgets their sequence numbers at its end: for tests and
    /// simulators.
    ///
    /// # Errors
    /// The system gave no randomness.
    pub fn in_memory(mut subscribers: Subscribers) -> Result<Self, getrandom::Error> {
        for decoy in decoys()?.iter() {
            // whoever stands there already is as good a decoy
            let _is_new = subscribers.insert(decoy.clone());
        }
        let numbers = MemoryStore::new();
        for (imsi, sqn) in subscribers.numbers() {
            numbers.insert(imsi, sqn);
        }
        Ok(Self::new(Centre::new(Kept::new(subscribers, numbers))))
    }
}

impl<D: Directory> Embedded<D> {
    /// A centre whose directory holds the [`decoys`].
    pub const fn new(centre: Centre<D>) -> Self {
        Self { centre }
    }

    async fn make(&self, imsi: &Imsi) -> Result<Option<Vector>, SourceError> {
        let rand = Rand::generate(getrandom::fill).map_err(SourceError::new)?;
        // whoever it is, one is chosen
        let decoy = any_decoy()?;
        let is_known = self.centre.directory().knows(imsi).await;
        let is_known = is_known.map_err(SourceError::new)?;
        let whom = if is_known { *imsi } else { decoy };
        match self.centre.vector_for(&whom, rand, OURS).await {
            Ok(vector) => Ok(Some(vector).filter(|_| is_known)),
            Err(error) if is_known && !matches!(error, CentreError::Contended) => {
                tell(&error);
                // where it fails for everybody, it fails here
                let made = self.centre.vector_for(&decoy, rand, OURS).await;
                made.map(|_decoy| None).map_err(SourceError::new)
            }
            Err(error) => Err(SourceError::new(error)),
        }
    }

    async fn follow(&self, imsi: &Imsi, rand: &Rand, auts: &Auts) -> Result<Resync, SourceError> {
        let error = match self.centre.resynchronise(imsi, rand, auts).await {
            Ok(_) => return Ok(Resync::Followed),
            Err(CentreError::MacFailure | CentreError::UnknownSubscriber) => {
                return Ok(Resync::Refused);
            }
            Err(error) => error,
        };
        tell(&error);
        let decoy = self.centre.directory().find(&any_decoy()?).await;
        decoy
            .map(|_decoy| Resync::Refused)
            .map_err(SourceError::new)
    }
}

/// Tells the log that something is wrong with one SIM, or with all of them.
fn tell(error: &(dyn std::error::Error + 'static)) {
    tracing::error!(error, "the authentication centre cannot serve a SIM");
}

/// One by chance: two at once seldom wait for the same.
fn any_decoy() -> Result<Imsi, SourceError> {
    let mut index = [0];
    getrandom::fill(&mut index).map_err(SourceError::new)?;
    let [index] = index;
    Ok(decoy(index % DECOYS))
}

impl<D: Directory + fmt::Debug> VectorSource for Embedded<D> {
    fn vector<'a>(&'a self, imsi: &'a Imsi) -> Answer<'a, Option<Vector>> {
        Box::pin(self.make(imsi))
    }

    fn resynchronise<'a>(
        &'a self,
        imsi: &'a Imsi,
        rand: &'a Rand,
        auts: &'a Auts,
    ) -> Answer<'a, Resync> {
        Box::pin(self.follow(imsi, rand, auts))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use aka::Sqn;
    use aka::network::Swap;
    use auc::DirectoryError;

    use super::*;

    const DAMAGED: &str = "001010000000007";

    /// Tells what a directory is asked, and hides whom about. One record in it is damaged, or all.
    #[derive(Debug)]
    struct Watched {
        directory: Kept<MemoryStore>,
        is_broken: bool,
        asked: Mutex<Vec<&'static str>>,
    }

    impl Directory for Watched {
        async fn find(&self, imsi: &Imsi) -> Result<Option<Subscriber>, DirectoryError> {
            self.asked.lock().unwrap().push("find");
            if self.is_broken || imsi.as_str() == DAMAGED {
                return Err(DirectoryError::new("damaged"));
            }
            self.directory.find(imsi).await
        }

        async fn knows(&self, imsi: &Imsi) -> Result<bool, DirectoryError> {
            self.asked.lock().unwrap().push("knows");
            let found = self.directory.find(imsi).await?;
            Ok(found.is_some() || imsi.as_str() == DAMAGED)
        }

        async fn compare_and_set(
            &self,
            imsi: &Imsi,
            expected: Sqn,
            new: Sqn,
        ) -> Result<Swap, DirectoryError> {
            self.asked.lock().unwrap().push("store");
            self.directory.compare_and_set(imsi, expected, new).await
        }
    }

    fn source() -> Embedded<Watched> {
        let mut subscribers = decoys().unwrap();
        let imsi = "001010000000001".parse().unwrap();
        let subscriber = Subscriber::new(imsi, K::new([1; 16]), Opc::new([2; 16]));
        assert!(subscribers.insert(subscriber.with_amf(aka::Amf::SEPARATED)));
        let numbers = MemoryStore::new();
        for (imsi, sqn) in subscribers.numbers() {
            numbers.insert(imsi, sqn);
        }
        let directory = Watched {
            directory: Kept::new(subscribers, numbers),
            is_broken: false,
            asked: Mutex::default(),
        };
        Embedded::new(Centre::new(directory))
    }

    #[tokio::test]
    async fn the_same_work_is_done_for_everybody() {
        let source = source();
        for (imsi, is_known) in [
            ("001010000000001", true),
            ("001010000000009", false),
            ("208930000000000", false),
        ] {
            let vector = source.vector(&imsi.parse().unwrap()).await.unwrap();
            assert_eq!(vector.is_some(), is_known, "{imsi}");
            let amf = vector.map(|vector| vector.autn.amf());
            assert_eq!(amf, is_known.then_some(AMF), "{imsi}");
            let asked = std::mem::take(&mut *source.centre.directory().asked.lock().unwrap());
            assert_eq!(asked, ["knows", "find", "store"], "{imsi}");
        }
    }

    #[tokio::test]
    async fn an_auts_that_is_not_the_sims_is_refused_alike() {
        let source = source();
        let (rand, auts) = (Rand::new([1; 16]), Auts::new([2; 14]));
        for imsi in ["001010000000001", "001010000000009"] {
            let imsi = imsi.parse().unwrap();
            let refused = source.resynchronise(&imsi, &rand, &auts).await.unwrap();
            assert_eq!(refused, Resync::Refused);
            let asked = std::mem::take(&mut *source.centre.directory().asked.lock().unwrap());
            assert_eq!(asked, ["find"]);
        }
    }

    #[tokio::test]
    async fn a_sim_whose_record_is_damaged_is_nobodys() {
        let source = source();
        let imsi = DAMAGED.parse().unwrap();
        assert!(source.vector(&imsi).await.unwrap().is_none());
        let asked = std::mem::take(&mut *source.centre.directory().asked.lock().unwrap());
        assert_eq!(asked, ["knows", "find", "find", "store"]);
        let (rand, auts) = (Rand::new([1; 16]), Auts::new([2; 14]));
        let refused = source.resynchronise(&imsi, &rand, &auts).await.unwrap();
        assert_eq!(refused, Resync::Refused);
    }

    #[tokio::test]
    async fn a_directory_that_fails_for_everybody_is_a_failure() {
        let source = Embedded::new(Centre::new(Watched {
            directory: Kept::new(Subscribers::default(), MemoryStore::new()),
            is_broken: true,
            asked: Mutex::default(),
        }));
        let imsi = "001010000000001".parse().unwrap();
        assert!(source.vector(&imsi).await.is_err());
        let (rand, auts) = (Rand::new([1; 16]), Auts::new([2; 14]));
        assert!(source.resynchronise(&imsi, &rand, &auts).await.is_err());
    }

    #[test]
    fn decoys_are_known_by_their_imsi() {
        let decoys = decoys().unwrap();
        assert_eq!(decoys.len(), 128);
        assert!(decoys.iter().all(|decoy| is_decoy(&decoy.imsi)));
        assert!(!is_decoy(&"001010000000001".parse().unwrap()));
    }
}
