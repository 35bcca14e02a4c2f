//! Kernels on the AES instructions of x86-64, for the standard constants.

mod aes_ni;
mod side_by_side;
mod vaes;
mod vaes512;

pub(super) use aes_ni::Keyed;

use crate::cpu::{Vaes, Vaes512};
use side_by_side::Jobs;

/// What makes vectors of several subscribers at a time.
#[derive(Clone, Copy)]
pub(super) enum Wide {
    Vaes(Vaes),
    Vaes512(Vaes512),
}

impl Wide {
    pub(super) fn detect() -> Option<Self> {
        let wider = Vaes512::detect().map(Self::Vaes512);
        wider.or_else(|| Vaes::detect().map(Self::Vaes))
    }

    /// All jobs have the standard constants.
    pub(super) fn vectors(self, jobs: &mut Jobs<'_>) {
        match self {
            Self::Vaes(proof) => vaes::vectors(proof, jobs),
            Self::Vaes512(proof) => vaes512::vectors(proof, jobs),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::{side_by_side::LANES, *};
    use crate::{
        Amf, K, Milenage, Opc, Rand, Sqn,
        batch::Job,
        milenage::{constants::Constants, portable},
    };

    fn every_width() -> Vec<Wide> {
        let narrow = Vaes::detect().map(Wide::Vaes);
        let wide = Vaes512::detect().map(Wide::Vaes512);
        narrow.into_iter().chain(wide).collect()
    }

    type Inputs = ([u8; 16], [u8; 16], [u8; 16], u64, [u8; 2]);

    fn inputs() -> impl Strategy<Value = Vec<Inputs>> {
        let lane = (
            any::<[u8; 16]>(),
            any::<[u8; 16]>(),
            any::<[u8; 16]>(),
            0..1_u64 << 48,
            any::<[u8; 2]>(),
        );
        prop::collection::vec(lane, LANES)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn every_width_makes_the_vectors_of_the_portable_kernel(lanes in inputs()) {
            let keys: Vec<Milenage> = lanes
                .iter()
                .map(|(k, opc, ..)| Milenage::new(&K::new(*k), &Opc::new(*opc)))
                .collect();
            for width in every_width() {
                let job = |(key, (_, _, rand, sqn, amf)): (_, &Inputs)| {
                    Job::new(key, Rand::new(*rand), Sqn::new(*sqn).unwrap(), Amf::new(*amf))
                };
                let mut jobs: Vec<Job<'_, Milenage>> = keys.iter().zip(&lanes).map(job).collect();
                width.vectors(jobs.as_mut_slice().try_into().unwrap());
                for (job, (k, opc, ..)) in jobs.iter().zip(&lanes) {
                    let portable = portable::Keyed::new(k, opc, Constants::STANDARD);
                    let (autn, response) = portable.challenge(job.rand(), job.sqn(), job.amf());
                    let vector = job.vector().unwrap();
                    prop_assert_eq!(vector.autn, autn);
                    prop_assert_eq!(vector.xres.expose(), response.res.expose());
                    prop_assert_eq!(vector.ck.expose(), response.ck.expose());
                    prop_assert_eq!(vector.ik.expose(), response.ik.expose());
                }
            }
        }
    }
}
