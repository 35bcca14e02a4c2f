//! Several subscribers at a time, once for each width of vector.

use crate::{
    batch::Job,
    milenage::{
        Milenage,
        operations::{Octets, autn},
    },
    octets::wiped,
};

/// How many subscribers go through together.
pub(super) const LANES: usize = 8;

/// As many jobs, all with the standard constants.
pub(in crate::milenage) type Jobs<'a> = [Job<'a, Milenage>; LANES];

/// OUT1 to OUT4 of each.
#[derive(Default)]
pub(super) struct Outs {
    pub(super) out1: [Octets; LANES],
    pub(super) out2: [Octets; LANES],
    pub(super) out3: [Octets; LANES],
    pub(super) out4: [Octets; LANES],
}

wiped!(Outs: out1, out2, out3, out4);

/// Makes the vectors of `jobs` of OUT1 to OUT4.
#[inline]
pub(super) fn deliver(jobs: &mut Jobs<'_>, outs: &Outs) {
    let blocks = outs
        .out1
        .iter()
        .zip(&outs.out2)
        .zip(outs.out3.iter().zip(&outs.out4));
    for (job, ((out1, out2), (out3, out4))) in jobs.iter_mut().zip(blocks) {
        let ((mac, _), (ak, res)) = (halves(out1), halves(out2));
        let autn = autn(job.sqn, ak, job.amf, mac);
        job.finish_in_place(autn, res, out3, out4);
    }
}

#[inline]
fn halves(block: &Octets) -> (u64, u64) {
    let [front @ .., _, _, _, _, _, _, _, _] = *block;
    let [_, _, _, _, _, _, _, _, back @ ..] = *block;
    (u64::from_be_bytes(front), u64::from_be_bytes(back))
}

/// Makes `vectors`, compiled for a set of features.
///
/// Where it stands there must be the type `Wide` of `PER_WIDE` blocks, and on it `gather`,
/// `scatter`, `splat_word`, `splat_block`, `xor`, `rotate::<ORDER>` (of the 32-bit words of each
/// block), `round`, `last_round`, and `next_round_key`.
macro_rules! side_by_side {
    ($features:literal) => {
        /// The same block of all lanes.
        type Blocks = [Wide; LANES / PER_WIDE];

        /// The expanded keys of all lanes, and their OPc.
        struct Keyed {
            schedule: [Blocks; 11],
            opc: Blocks,
        }

        #[target_feature(enable = $features)]
        fn vectors_here(jobs: &mut Jobs<'_>) {
            let mut outs = Outs::default();
            run(jobs, &mut outs);
            deliver(jobs, &outs);
        }

        #[target_feature(enable = $features)]
        #[inline]
        fn run(jobs: &Jobs<'_>, outs: &mut Outs) {
            let keyed = Keyed::new(jobs);
            let half = |job: &Job<'_, Milenage>| {
                let half = in1(job.sqn, job.amf).to_be_bytes();
                let [a, b, c, d, e, f, g, h] = half;
                [a, b, c, d, e, f, g, h, a, b, c, d, e, f, g, h]
            };
            let temp = keyed.encrypt(xors(
                load_all(jobs, |job| *job.rand().as_bytes()),
                keyed.opc,
            ));
            let masked = xors(temp, keyed.opc);
            let rotated = rotate_all::<0b01_00_11_10>(xors(load_all(jobs, half), keyed.opc));
            keyed.out(xors(temp, rotated), 0, &mut outs.out1);
            keyed.out(masked, 1, &mut outs.out2);
            keyed.out(rotate_all::<0b00_11_10_01>(masked), 2, &mut outs.out3);
            keyed.out(rotate_all::<0b01_00_11_10>(masked), 4, &mut outs.out4);
        }

        impl Keyed {
            #[target_feature(enable = $features)]
            #[inline]
            fn new(jobs: &Jobs<'_>) -> Self {
                // One by one: in a loop, the keys would go through memory.
                let [c1, c2, c3, c4, c5, c6, c7, c8, c9, c10] = ROUND_CONSTANTS;
                let k0 = load_all(jobs, |job| *job.algorithm.k.expose());
                let k1 = next_round_keys(k0, c1);
                let k2 = next_round_keys(k1, c2);
                let k3 = next_round_keys(k2, c3);
                let k4 = next_round_keys(k3, c4);
                let k5 = next_round_keys(k4, c5);
                let k6 = next_round_keys(k5, c6);
                let k7 = next_round_keys(k6, c7);
                let k8 = next_round_keys(k7, c8);
                let k9 = next_round_keys(k8, c9);
                let k10 = next_round_keys(k9, c10);
                let schedule = [k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10];
                let opc = load_all(jobs, |job| *job.algorithm.opc.expose());
                Self { schedule, opc }
            }

            /// E(rotated ⊕ c) ⊕ OPc.
            #[target_feature(enable = $features)]
            #[inline]
            fn out(&self, mut rotated: Blocks, constant: i64, out: &mut [Octets; LANES]) {
                for wide in &mut rotated {
                    *wide = xor(*wide, splat_block(constant << 56));
                }
                let (places, _) = out.as_chunks_mut();
                let masked = xors(self.encrypt(rotated), self.opc);
                for (place, wide) in places.iter_mut().zip(masked) {
                    scatter(wide, place);
                }
            }

            #[target_feature(enable = $features)]
            #[inline]
            fn encrypt(&self, blocks: Blocks) -> Blocks {
                let [first, middle @ .., last] = &self.schedule;
                let mut state = xors(blocks, *first);
                for keys in middle {
                    for (wide, key) in state.iter_mut().zip(keys) {
                        *wide = round(*wide, *key);
                    }
                }
                for (wide, key) in state.iter_mut().zip(last) {
                    *wide = last_round(*wide, *key);
                }
                state
            }
        }

        impl Drop for Keyed {
            fn drop(&mut self) {
                // SAFETY: a value exists only where the features do.
                let zero = unsafe { [splat_word(0); LANES / PER_WIDE] };
                self.schedule = [zero; 11];
                self.opc = zero;
                zeroize::optimization_barrier(self);
            }
        }

        #[target_feature(enable = $features)]
        #[inline]
        fn load_all(jobs: &Jobs<'_>, part: impl Fn(&Job<'_, Milenage>) -> Octets) -> Blocks {
            let mut blocks = [splat_word(0); LANES / PER_WIDE];
            let (groups, _) = jobs.as_chunks::<PER_WIDE>();
            for (wide, group) in blocks.iter_mut().zip(groups) {
                *wide = gather(&group.each_ref().map(|job| part(job)));
            }
            blocks
        }

        #[target_feature(enable = $features)]
        #[inline]
        fn rotate_all<const ORDER: i32>(mut blocks: Blocks) -> Blocks {
            for wide in &mut blocks {
                *wide = rotate::<ORDER>(*wide);
            }
            blocks
        }

        #[target_feature(enable = $features)]
        #[inline]
        fn xors(mut a: Blocks, b: Blocks) -> Blocks {
            for (a, b) in a.iter_mut().zip(b) {
                *a = xor(*a, b);
            }
            a
        }

        #[target_feature(enable = $features)]
        #[inline]
        fn next_round_keys(mut keys: Blocks, constant: u8) -> Blocks {
            for wide in &mut keys {
                *wide = next_round_key(*wide, constant);
            }
            keys
        }

        /// One step of the key schedule, as for one subscriber.
        #[target_feature(enable = $features)]
        #[inline]
        fn next_round_key(key: Wide, constant: u8) -> Wide {
            let word = last_round(rotated_last_word(key), splat_word(constant.into()));
            let key = xor(key, shift_by_4(key));
            let key = xor(key, shift_by_8(key));
            xor(key, word)
        }
    };
}

pub(super) use side_by_side;
