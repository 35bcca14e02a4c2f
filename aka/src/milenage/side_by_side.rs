//! Challenges of several subscribers at a time.

use super::Milenage;
#[cfg(target_arch = "x86_64")]
use super::x86_64::{self, LANES};
#[cfg(target_arch = "x86_64")]
use crate::cpu::Vaes;
use crate::{
    Autn,
    algorithm::{HomeAlgorithm, Response},
    batch::Job,
};

/// Delivers in the order of `jobs`.
pub(super) fn challenges(jobs: &[Job<'_, Milenage>], mut deliver: impl FnMut(Autn, Response)) {
    #[cfg(target_arch = "x86_64")]
    if let Some(proof) = Vaes::detect() {
        let (groups, rest) = jobs.as_chunks();
        for group in groups {
            challenge_group(proof, group, &mut deliver);
        }
        return in_turn(rest, &mut deliver);
    }
    in_turn(jobs, &mut deliver);
}

fn in_turn(jobs: &[Job<'_, Milenage>], deliver: &mut impl FnMut(Autn, Response)) {
    for job in jobs {
        let (autn, response) = job.algorithm.challenge(&job.rand, job.sqn, job.amf);
        deliver(autn, response);
    }
}

#[cfg(target_arch = "x86_64")]
fn challenge_group(
    proof: Vaes,
    jobs: &[Job<'_, Milenage>; LANES],
    deliver: &mut impl FnMut(Autn, Response),
) {
    if jobs.iter().any(|job| job.algorithm.own.is_some()) {
        return in_turn(jobs, deliver);
    }
    x86_64::challenges(proof, jobs, deliver);
}
