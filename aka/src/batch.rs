//! Many subscribers at once: their vectors side by side, where the processor can.
//!
//! The sequence numbers must have been reserved before; [`Home`](crate::network::Home) does that
//! for one vector at a time.

use core::fmt;

use crate::{Amf, Rand, Sqn, algorithm::HomeAlgorithm, network::Vector};

/// What one vector is made of.
#[expect(clippy::exhaustive_structs, reason = "TS 33.102 §6.3.2 closes the set")]
pub struct Job<'a, A: ?Sized> {
    /// The subscriber's keys.
    pub algorithm: &'a A,
    /// The challenge.
    pub rand: Rand,
    /// The sequence number, reserved for this vector.
    pub sqn: Sqn,
    /// The authentication management field.
    pub amf: Amf,
}

/// Makes a vector of each job and delivers them in the order of `jobs`.
///
/// ```
/// use aka::{Amf, K, Milenage, Opc, Rand, Sqn, batch::{self, Job}};
///
/// let subscribers: Vec<Milenage> =
///     (0..1000_u16).map(|n| {
///         let mut k = [0; 16];
///         k[..2].copy_from_slice(&n.to_be_bytes());
///         Milenage::new(&K::new(k), &Opc::new([2; 16]))
///     }).collect();
/// let jobs: Vec<Job<'_, Milenage>> = subscribers
///     .iter()
///     .map(|algorithm| {
///         // in earnest: Rand::generate(getrandom::fill)?, and a number from the store
///         let (rand, sqn) = (Rand::new([3; 16]), Sqn::ZERO);
///         Job { algorithm, rand, sqn, amf: Amf::SEPARATED }
///     })
///     .collect();
///
/// let mut vectors = Vec::with_capacity(jobs.len());
/// batch::vectors(&jobs, |vector| vectors.push(vector));
/// assert_eq!(vectors.len(), 1000);
/// ```
pub fn vectors<A: HomeAlgorithm>(jobs: &[Job<'_, A>], mut deliver: impl FnMut(Vector)) {
    let mut rands = jobs.iter().map(|job| job.rand);
    A::challenges(jobs, |autn, response| {
        if let Some(rand) = rands.next() {
            deliver(Vector::new(rand, (autn, response)));
        }
    });
}

impl<A: ?Sized> Clone for Job<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: ?Sized> Copy for Job<'_, A> {}

impl<A: ?Sized> fmt::Debug for Job<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job([redacted])")
    }
}
