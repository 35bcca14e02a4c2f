//! Which coordinates are those of a point on P-256 (SP 800-186 §3.2.1.3). What is looked at is public.

/// Four digits to the base 2^64, the lowest first; less than [`P`] where nothing else is said, and
/// multiplied by 2^256 (Montgomery's form) within the equation.
type Limbs = [u64; 4];

const P: Limbs = [u64::MAX, 0xffff_ffff, 0, 0xffff_ffff_0000_0001];
/// 2^512 modulo p, which brings a number into Montgomery's form.
const SQUARED_RADIX: Limbs = [
    0x3,
    0xffff_fffb_ffff_ffff,
    0xffff_ffff_ffff_fffe,
    0x4_ffff_fffd,
];
/// 3 in Montgomery's form.
const THREE: Limbs = [0x3, 0xffff_fffd_0000_0000, u64::MAX, 0x2_ffff_fffc];
/// The curve's b in Montgomery's form.
const B: Limbs = [
    0xd89c_df62_29c4_bddf,
    0xacf0_05cd_7884_3090,
    0xe5a2_20ab_f721_2ed6,
    0xdc30_061d_0487_4834,
];

/// Whether these are the octets of an uncompressed point (SEC 1 §2.3.3) that satisfies
/// y² = x³ - 3x + b.
pub(super) fn is_on_curve(point: &[u8; 65]) -> bool {
    let [4, coordinates @ ..] = point else {
        return false;
    };
    let (x, y) = coordinates.split_at(32);
    let (Some(x), Some(y)) = (element(x), element(y)) else {
        return false;
    };
    let cubic = multiply(&x, &subtract(&multiply(&x, &x), &THREE));
    multiply(&y, &y) == add(&cubic, &B)
}

/// A coordinate in Montgomery's form, if it is less than p.
fn element(octets: &[u8]) -> Option<Limbs> {
    let mut limbs = Limbs::default();
    let (digits, []) = octets.as_chunks() else {
        return None;
    };
    for (limb, digit) in limbs.iter_mut().rev().zip(digits) {
        *limb = u64::from_be_bytes(*digit);
    }
    let (_, is_less) = difference(&limbs, &P);
    is_less.then(|| multiply(&limbs, &SQUARED_RADIX))
}

/// a · b / 2^256 modulo p: Montgomery's product, in which p's lowest digit, -1, makes each quotient
/// the lowest digit itself.
fn multiply(a: &Limbs, b: &Limbs) -> Limbs {
    let mut sum = [0; 6];
    for digit in b {
        accumulate(&mut sum, a, *digit);
        let quotient = sum[0];
        accumulate(&mut sum, &P, quotient);
        sum.rotate_left(1);
    }
    let [low @ .., top, _] = sum;
    reduce(low, top != 0)
}

/// Adds `factor` · `digit` to `sum`, whose highest digit is 0 or 1 afterwards.
fn accumulate(sum: &mut [u64; 6], factor: &Limbs, digit: u64) {
    let mut carry = 0;
    for (sum, factor) in sum.iter_mut().zip(factor) {
        (*sum, carry) =
            halves(u128::from(*factor) * u128::from(digit) + u128::from(*sum) + u128::from(carry));
    }
    let over;
    (sum[4], over) = sum[4].overflowing_add(carry);
    sum[5] += u64::from(over);
}

fn add(a: &Limbs, b: &Limbs) -> Limbs {
    let (mut sum, mut carry) = (*a, 0);
    for (sum, b) in sum.iter_mut().zip(b) {
        (*sum, carry) = halves(u128::from(*sum) + u128::from(*b) + u128::from(carry));
    }
    reduce(sum, carry != 0)
}

fn subtract(a: &Limbs, b: &Limbs) -> Limbs {
    let (negative, _) = difference(&P, b);
    add(a, &negative)
}

/// What is less than 2p, of which `over` is the digit 2^256, brought below p.
fn reduce(limbs: Limbs, over: bool) -> Limbs {
    match difference(&limbs, &P) {
        (_, true) if !over => limbs,
        (reduced, _) => reduced,
    }
}

/// a - b modulo 2^256, and whether a is less than b.
fn difference(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (mut rest, mut borrow) = (*a, false);
    for (rest, b) in rest.iter_mut().zip(b) {
        let (once, first) = rest.overflowing_sub(*b);
        let (twice, second) = once.overflowing_sub(u64::from(borrow));
        (*rest, borrow) = (twice, first || second);
    }
    (rest, borrow)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the halves of what has two"
)]
const fn halves(wide: u128) -> (u64, u64) {
    (wide as u64, (wide >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
    use ring::rand::SystemRandom;

    use super::*;

    fn point(x: [u8; 32], y: [u8; 32]) -> [u8; 65] {
        let mut point = [4; 65];
        point[1..33].copy_from_slice(&x);
        point[33..].copy_from_slice(&y);
        point
    }

    /// ring checks a point before it agrees on anything with it.
    fn as_ring_says(point: &[u8; 65]) -> bool {
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        agree_ephemeral(own, &UnparsedPublicKey::new(&ECDH_P256, point), |_| ()).is_ok()
    }

    fn some_point() -> [u8; 65] {
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        own.compute_public_key()
            .unwrap()
            .as_ref()
            .try_into()
            .unwrap()
    }

    fn octets(hexadecimal: &str) -> [u8; 32] {
        std::array::from_fn(|at| u8::from_str_radix(&hexadecimal[2 * at..][..2], 16).unwrap())
    }

    const P_OCTETS: &str = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    /// A square root of b.
    const Y_OF_ZERO: &str = "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4";

    #[test]
    fn points_are_on_the_curve_and_neighbours_of_theirs_are_not() {
        for _ in 0..200 {
            let point = some_point();
            assert!(is_on_curve(&point));
            for at in 1..65 {
                let mut other = point;
                other[at] ^= 1;
                assert!(!is_on_curve(&other), "{other:02x?}");
            }
        }
    }

    #[test]
    fn a_coordinate_is_less_than_p() {
        let y = octets(Y_OF_ZERO);
        for (x, is_on) in [([0; 32], true), (octets(P_OCTETS), false)] {
            assert_eq!(is_on_curve(&point(x, y)), is_on);
            assert_eq!(as_ring_says(&point(x, y)), is_on);
        }
    }

    #[test]
    fn what_is_no_uncompressed_point_is_not_on_the_curve() {
        let point = some_point();
        for first in (0..=255).filter(|first| *first != 4) {
            let mut other = point;
            other[0] = first;
            assert!(!is_on_curve(&other), "{first}");
        }
        assert!(!is_on_curve(&[0; 65]));
    }

    /// Digits that make carries.
    fn coordinate() -> impl Strategy<Value = [u8; 32]> {
        let digit = prop_oneof![
            Just([0; 8]),
            Just([0xff; 8]),
            Just(0xffff_ffff_u64.to_be_bytes()),
            Just(0xffff_ffff_0000_0001_u64.to_be_bytes()),
            any::<[u8; 8]>(),
        ];
        proptest::collection::vec(digit, 4).prop_map(|digits| digits.concat().try_into().unwrap())
    }

    proptest! {
        #[test]
        fn ring_says_the_same(x in coordinate(), y in coordinate()) {
            let point = point(x, y);
            prop_assert_eq!(is_on_curve(&point), as_ring_says(&point));
        }

        #[test]
        fn a_product_is_as_the_integers_say(a in coordinate(), b in coordinate()) {
            use num_bigint::BigUint;
            let p = BigUint::from_bytes_be(&octets(P_OCTETS));
            let [big_a, big_b] = [a, b].map(|octets| BigUint::from_bytes_be(&octets));
            if let (Some(a), Some(b)) = (element(&a), element(&b)) {
                let number = |limbs: Limbs| {
                    let octets: Vec<_> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
                    BigUint::from_bytes_le(&octets)
                };
                // out of Montgomery's form
                let plain = |limbs| number(multiply(&limbs, &[1, 0, 0, 0]));
                prop_assert_eq!(plain(multiply(&a, &b)), &big_a * &big_b % &p);
                prop_assert_eq!(plain(add(&a, &b)), (&big_a + &big_b) % &p);
                prop_assert_eq!(plain(subtract(&a, &b)), (&big_a + &p - &big_b) % &p);
            }
        }
    }
}
