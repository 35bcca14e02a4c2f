//! Keccak-f[1600] by the letter of FIPS 202 §3, slow and plain.

use zeroize::Zeroize as _;

/// A[x, y] is lane x + 5y.
pub(super) type Lanes = [u64; 25];

/// ι ∘ χ ∘ π ∘ ρ ∘ θ, 24 times (§3.3).
pub(super) fn permute(lanes: &mut Lanes) {
    let mut register = 1;
    for _ in 0..24 {
        theta(lanes);
        rho_and_pi(lanes);
        chi(lanes);
        iota(lanes, &mut register);
    }
}

#[expect(clippy::indexing_slicing, reason = "every index is below 25")]
fn theta(lanes: &mut Lanes) {
    let mut parity: [u64; 5] =
        std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ lanes[x + 5 * y]));
    for (index, lane) in lanes.iter_mut().enumerate() {
        *lane ^= parity[(index + 4) % 5] ^ parity[(index + 1) % 5].rotate_left(1);
    }
    parity.zeroize();
}

/// ρ rotates by triangular numbers along the way that π takes.
#[expect(clippy::indexing_slicing, reason = "every index is below 25")]
fn rho_and_pi(lanes: &mut Lanes) {
    let (mut x, mut y) = (1, 0);
    let mut carried = lanes[1];
    let mut rotation = 0;
    for step in 1..=24 {
        rotation = (rotation + step) % 64;
        (x, y) = (y, (2 * x + 3 * y) % 5);
        let next = lanes[x + 5 * y];
        lanes[x + 5 * y] = carried.rotate_left(rotation);
        carried = next;
    }
    carried.zeroize();
}

#[expect(clippy::indexing_slicing, reason = "every index is below 25")]
fn chi(lanes: &mut Lanes) {
    for row in lanes.as_chunks_mut::<5>().0 {
        let mut old = *row;
        for (x, lane) in row.iter_mut().enumerate() {
            *lane = old[x] ^ (!old[(x + 1) % 5] & old[(x + 2) % 5]);
        }
        old.zeroize();
    }
}

/// Bit 2^j - 1 of lane 0 takes the next bit of a shift register (§3.2.5).
fn iota(lanes: &mut Lanes, register: &mut u8) {
    let [first, ..] = lanes;
    for j in 0..7_u32 {
        if *register & 1 == 1 {
            *first ^= 1 << ((1_u32 << j) - 1);
        }
        let carry = *register >> 7;
        *register = (*register << 1) ^ (carry * 0x71);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_become_what_everybody_knows() {
        let mut lanes = [0; 25];
        permute(&mut lanes);
        assert_eq!(lanes[0], 0xf125_8f79_40e1_dde7);
        assert_eq!(lanes[24], 0xeaf1_ff7b_5cec_a249);
    }
}
