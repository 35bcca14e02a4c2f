//! Vectors of several subscribers at a time: two permutations each, four subscribers together.

use zeroize::Zeroizing;

use super::Tuak;
use crate::{
    batch::{self, Job},
    keccak::{self, State},
};

const LANES: usize = 4;

pub(super) fn vectors(jobs: &mut [Job<'_, Tuak>]) {
    let (groups, rest) = jobs.as_chunks_mut::<LANES>();
    for group in groups {
        let [first, others @ ..] = &*group;
        let iterations = first.algorithm().iterations();
        if others
            .iter()
            .all(|job| job.algorithm().iterations() == iterations)
        {
            together(group, iterations);
        } else {
            batch::in_turn(group);
        }
    }
    batch::in_turn(rest);
}

fn together(jobs: &mut [Job<'_, Tuak>; LANES], iterations: u8) {
    let mut states: Zeroizing<[[State; 2]; LANES]> = Zeroizing::new([[[0; 25]; 2]; LANES]);
    for (states, job) in states.iter_mut().zip(&*jobs) {
        *states = job
            .algorithm()
            .challenge_inputs(job.rand(), job.sqn(), job.amf());
    }
    for _ in 0..iterations {
        keccak::permute(states.as_flattened_mut());
    }
    for (states, job) in states.iter().zip(jobs) {
        let (autn, response) = job.algorithm().read_challenge(job.sqn(), job.amf(), states);
        job.finish(autn, response);
    }
}
