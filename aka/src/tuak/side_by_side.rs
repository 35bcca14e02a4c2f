//! Vectors of several subscribers at a time: two permutations each, four subscribers together.

use super::Tuak;
use crate::{
    batch::{self, Job},
    keccak::{self, States},
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
    let mut states = States([[0; 25]; 2 * LANES]);
    let (pairs, _) = states.0.as_chunks_mut();
    for (pair, job) in pairs.iter_mut().zip(&*jobs) {
        *pair = job
            .algorithm()
            .challenge_inputs(job.rand(), job.sqn(), job.amf());
    }
    for _ in 0..iterations {
        keccak::permute(&mut states.0);
    }
    let (pairs, _) = states.0.as_chunks();
    for (pair, job) in pairs.iter().zip(jobs) {
        let (autn, response) = job.algorithm().read_challenge(job.sqn(), job.amf(), pair);
        job.finish(autn, response);
    }
}
