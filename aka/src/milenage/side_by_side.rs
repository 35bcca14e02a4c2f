//! Vectors of several subscribers at a time.

use super::Milenage;
#[cfg(target_arch = "x86_64")]
use super::x86_64::Wide;
use crate::batch::{self, Job};

pub(super) fn vectors(jobs: &mut [Job<'_, Milenage>]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(wide) = Wide::detect() {
        let (groups, rest) = jobs.as_chunks_mut();
        for group in groups {
            if group.iter().any(|job| job.algorithm.own.is_some()) {
                batch::in_turn(group);
            } else {
                wide.vectors(group);
            }
        }
        return batch::in_turn(rest);
    }
    batch::in_turn(jobs);
}
