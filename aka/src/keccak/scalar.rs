//! One state, in plain 64-bit words.

use super::{State, rounds::rounds};

pub(super) fn permute(state: &mut State) {
    *state = all_rounds(*state);
}

rounds!(u64);

const fn splat(constant: u64) -> u64 {
    constant
}

const fn xor(a: u64, b: u64) -> u64 {
    a ^ b
}

const fn xor3(a: u64, b: u64, c: u64) -> u64 {
    a ^ b ^ c
}

const fn chi(a: u64, b: u64, c: u64) -> u64 {
    a ^ (!b & c)
}

const fn rotate_left<const N: u32>(a: u64) -> u64 {
    a.rotate_left(N)
}
