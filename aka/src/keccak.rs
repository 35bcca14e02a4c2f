//! The permutation Keccak-f\[1600\] (FIPS 202 §3), on one state or on several side by side.

mod rounds;
mod scalar;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;

#[cfg(target_arch = "x86_64")]
use crate::cpu::{Avx2, Avx512};

/// A state: lane (x, y) stands at 5 y + x.
pub(crate) type State = [u64; 25];

/// Some of them, wiped on drop by wide stores.
pub(crate) struct States<const N: usize>(pub(crate) [State; N]);

impl<const N: usize> Drop for States<N> {
    #[inline]
    fn drop(&mut self) {
        self.0 = [[0; 25]; N];
        zeroize::optimization_barrier(self);
    }
}

/// Permutes each of `states`, with the widest kernels that the processor has.
pub(crate) fn permute(states: &mut [State]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(proof) = Avx512::detect() {
        let (eights, rest) = states.as_chunks_mut();
        for states in eights {
            avx512::permute8(proof, states);
        }
        return permute_up_to_7(proof, rest);
    } else if let Some(proof) = Avx2::detect() {
        return permute_by_4(proof, states);
    }
    states.iter_mut().for_each(scalar::permute);
}

#[cfg(target_arch = "x86_64")]
fn permute_up_to_7(proof: Avx512, states: &mut [State]) {
    let (fours, rest) = states.as_chunks_mut();
    for states in fours {
        avx512::permute4(proof, states);
    }
    let (pairs, rest) = rest.as_chunks_mut();
    for states in pairs {
        avx512::permute2(proof, states);
    }
    rest.iter_mut().for_each(scalar::permute);
}

/// Two states in four lanes still take less time than two in turn.
#[cfg(target_arch = "x86_64")]
fn permute_by_4(proof: Avx2, states: &mut [State]) {
    let (fours, rest) = states.as_chunks_mut();
    for states in fours {
        avx2::permute4(proof, states);
    }
    match rest {
        [] => {}
        [one] => scalar::permute(one),
        several => {
            let mut padded = zeroize::Zeroizing::new([[0; 25]; 4]);
            padded
                .iter_mut()
                .zip(&*several)
                .for_each(|(to, from)| *to = *from);
            avx2::permute4(proof, &mut padded);
            several
                .iter_mut()
                .zip(&*padded)
                .for_each(|(to, from)| *to = *from);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn state(hex: &str) -> State {
        let octets = hex::decode(hex).unwrap();
        let (words, rest) = octets.as_chunks();
        assert_eq!((words.len(), rest.len()), (25, 0));
        let mut state = [0; 25];
        for (lane, word) in state.iter_mut().zip(words) {
            *lane = u64::from_le_bytes(*word);
        }
        state
    }

    #[test]
    fn all_sets_of_ts_35_232() {
        let file = include_str!("../tests/vectors/keccak.txt");
        let values = |name| file.lines().filter_map(move |line| line.strip_prefix(name));
        let (inputs, outputs) = (values("input = "), values("output = "));
        let mut sets = 0;
        for (input, output) in inputs.zip(outputs) {
            let mut permuted = state(input);
            scalar::permute(&mut permuted);
            assert_eq!(permuted, state(output));
            sets += 1;
        }
        assert_eq!(sets, 6);
    }

    fn states<const N: usize>() -> impl Strategy<Value = [State; N]> {
        prop::array::uniform::<_, N>(prop::array::uniform::<_, 25>(any::<u64>()))
    }

    fn in_turn<const N: usize>(mut states: [State; N]) -> [State; N] {
        states.iter_mut().for_each(scalar::permute);
        states
    }

    proptest! {
        #[test]
        fn any_number_at_once_is_the_same_as_in_turn(states in states::<23>(), count in 0..=23_usize) {
            let mut all = states;
            permute(&mut all[..count]);
            prop_assert_eq!(&all[..count], &in_turn(states)[..count]);
            prop_assert_eq!(&all[count..], &states[count..]);
        }
    }

    #[cfg(target_arch = "x86_64")]
    proptest! {
        #[test]
        fn avx2_agrees_with_plain_words(states in states::<4>(), few in 1..4_usize) {
            if let Some(proof) = Avx2::detect() {
                let mut side_by_side = states;
                avx2::permute4(proof, &mut side_by_side);
                prop_assert_eq!(side_by_side, in_turn(states));
                let mut part = states;
                permute_by_4(proof, &mut part[..few]);
                prop_assert_eq!(&part[..few], &in_turn(states)[..few]);
            }
        }

        #[test]
        fn avx512_agrees_with_plain_words(states in states::<8>()) {
            if let Some(proof) = Avx512::detect() {
                let mut side_by_side = states;
                avx512::permute8(proof, &mut side_by_side);
                prop_assert_eq!(side_by_side, in_turn(states));
                let mut part = states;
                permute_up_to_7(proof, &mut part[..7]);
                prop_assert_eq!(&part[..7], &in_turn(states)[..7]);
            }
        }
    }
}
