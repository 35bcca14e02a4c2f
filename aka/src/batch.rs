//! Many subscribers at once: their vectors side by side, where the processor can.
//!
//! The sequence numbers must have been reserved before; [`Home`](crate::network::Home) does that
//! for one vector at a time.

use core::fmt;

use crate::{
    Amf, Autn, Rand, Sqn,
    algorithm::{HomeAlgorithm, Response},
    kdf::five_g::{HomeVector, ServingNetworkName},
    network::Vector,
};

/// One vector of a batch: what it is made of, and a place for it.
pub struct Job<'a, A: ?Sized> {
    pub(crate) algorithm: &'a A,
    pub(crate) sqn: Sqn,
    pub(crate) amf: Amf,
    /// Blank but for RAND until it is made: filling it in place saves half the time of a batch.
    vector: Vector,
    made: bool,
}

impl<'a, A: ?Sized> Job<'a, A> {
    /// A vector for the subscriber with the keys in `algorithm`; `sqn` was reserved for it.
    pub const fn new(algorithm: &'a A, rand: Rand, sqn: Sqn, amf: Amf) -> Self {
        Self {
            algorithm,
            sqn,
            amf,
            vector: Vector::blank(rand),
            made: false,
        }
    }

    /// The vector, once [`vectors`] has made it.
    pub const fn vector(&self) -> Option<&Vector> {
        if self.made { Some(&self.vector) } else { None }
    }

    /// The vector, once [`vectors`] has made it.
    pub fn into_vector(self) -> Option<Vector> {
        self.made.then_some(self.vector)
    }

    /// The subscriber's keys.
    pub const fn algorithm(&self) -> &'a A {
        self.algorithm
    }

    /// The challenge.
    pub const fn rand(&self) -> &Rand {
        &self.vector.rand
    }

    /// The sequence number.
    pub const fn sqn(&self) -> Sqn {
        self.sqn
    }

    /// The authentication management field.
    pub const fn amf(&self) -> Amf {
        self.amf
    }

    /// For implementors of [`HomeAlgorithm::vectors`]: the job is done.
    pub fn finish(&mut self, autn: Autn, response: Response) {
        let Response { res: xres, ck, ik } = response;
        let rand = self.vector.rand;
        self.vector = Vector {
            rand,
            xres,
            ck,
            ik,
            autn,
        };
        self.made = true;
    }

    /// The same from what MILENAGE has in hand.
    #[cfg(target_arch = "x86_64")]
    #[inline]
    pub(crate) fn finish_in_place(&mut self, autn: Autn, res: u64, ck: &[u8; 16], ik: &[u8; 16]) {
        self.vector.autn = autn;
        self.vector.xres.set_f2(res.to_be_bytes());
        self.vector.ck.set(ck);
        self.vector.ik.set(ik);
        self.made = true;
    }
}

/// Makes the vector of each job.
///
/// ```
/// use aka::{Amf, K, Milenage, Opc, Rand, Sqn, batch::{self, Job}};
///
/// let subscribers = [[1; 16], [2; 16], [3; 16]].map(|k| {
///     Milenage::new(&K::new(k), &Opc::new([9; 16]))
/// });
/// // in earnest: Rand::generate(getrandom::fill)?, and a number from the store
/// let mut jobs = subscribers.each_ref().map(|algorithm| {
///     Job::new(algorithm, Rand::new([7; 16]), Sqn::ZERO, Amf::SEPARATED)
/// });
///
/// batch::vectors(&mut jobs);
/// for vector in jobs.map(Job::into_vector) {
///     assert!(vector.is_some_and(|vector| vector.autn.amf() == Amf::SEPARATED));
/// }
/// ```
pub fn vectors<A: HomeAlgorithm>(jobs: &mut [Job<'_, A>]) {
    A::vectors(jobs);
}

/// Makes the 5G home vector of each job and gives it to `take`, in the order of `jobs`.
///
/// All are for one serving network; give each job [`Amf::SEPARATED`].
///
/// ```
/// use aka::{Amf, K, Milenage, Opc, Rand, Sqn, batch::{self, Job}};
///
/// let subscribers = [[1; 16], [2; 16]].map(|k| Milenage::new(&K::new(k), &Opc::new([9; 16])));
/// // in earnest: Rand::generate(getrandom::fill)?, and a number from the store
/// let mut jobs = subscribers.each_ref().map(|algorithm| {
///     Job::new(algorithm, Rand::new([7; 16]), Sqn::ZERO, Amf::SEPARATED)
/// });
/// let network = "5G:mnc001.mcc001.3gppnetwork.org".parse()?;
///
/// let mut vectors = Vec::new();
/// batch::home_vectors(&mut jobs, &network, |vector| vectors.push(vector));
/// assert_ne!(vectors[0].kausf.expose(), vectors[1].kausf.expose());
/// # Ok::<(), aka::kdf::five_g::InvalidServingNetwork>(())
/// ```
pub fn home_vectors<A: HomeAlgorithm>(
    jobs: &mut [Job<'_, A>],
    network: &ServingNetworkName,
    mut take: impl FnMut(HomeVector),
) {
    vectors(jobs);
    for job in jobs {
        take(HomeVector::new(&job.vector, network));
    }
}

/// One after the other.
pub(crate) fn in_turn<A: HomeAlgorithm>(jobs: &mut [Job<'_, A>]) {
    for job in jobs {
        let (autn, response) = job.algorithm.challenge(job.rand(), job.sqn, job.amf);
        job.finish(autn, response);
    }
}

impl<A: ?Sized> fmt::Debug for Job<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job([redacted])")
    }
}
