//! The rounds, once for every width of lane.

/// The constants of the step iota (FIPS 202 §3.2.5).
pub(super) const ROUND_CONSTANTS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// Makes `all_rounds` for a type of lane, compiled for a set of features.
///
/// Where it stands there must be `xor`, `xor3`, `chi` (a ⊕ (¬b ∧ c)), `rotate_left::<N>` and
/// `splat` on that type. The features come in by macro and not by a trait, because a method of a
/// trait cannot have them and would need `unsafe` for every operation.
macro_rules! rounds {
    ($lane:ty $(, $features:literal)?) => {
        $(#[target_feature(enable = $features)])?
        #[inline]
        fn all_rounds(mut state: [$lane; 25]) -> [$lane; 25] {
            for constant in $crate::keccak::rounds::ROUND_CONSTANTS {
                state = round(state, splat(constant));
            }
            state
        }

        $(#[target_feature(enable = $features)])?
        #[inline]
        fn round(a: [$lane; 25], constant: $lane) -> [$lane; 25] {
            let [d0, d1, d2, d3, d4] = theta(&a);
            let [b00, b01, b02, b03, b04] = row([
                xor(a[0], d0),
                rotate_left::<44>(xor(a[6], d1)),
                rotate_left::<43>(xor(a[12], d2)),
                rotate_left::<21>(xor(a[18], d3)),
                rotate_left::<14>(xor(a[24], d4)),
            ]);
            let [b05, b06, b07, b08, b09] = row([
                rotate_left::<28>(xor(a[3], d3)),
                rotate_left::<20>(xor(a[9], d4)),
                rotate_left::<3>(xor(a[10], d0)),
                rotate_left::<45>(xor(a[16], d1)),
                rotate_left::<61>(xor(a[22], d2)),
            ]);
            let [b10, b11, b12, b13, b14] = row([
                rotate_left::<1>(xor(a[1], d1)),
                rotate_left::<6>(xor(a[7], d2)),
                rotate_left::<25>(xor(a[13], d3)),
                rotate_left::<8>(xor(a[19], d4)),
                rotate_left::<18>(xor(a[20], d0)),
            ]);
            let [b15, b16, b17, b18, b19] = row([
                rotate_left::<27>(xor(a[4], d4)),
                rotate_left::<36>(xor(a[5], d0)),
                rotate_left::<10>(xor(a[11], d1)),
                rotate_left::<15>(xor(a[17], d2)),
                rotate_left::<56>(xor(a[23], d3)),
            ]);
            let [b20, b21, b22, b23, b24] = row([
                rotate_left::<62>(xor(a[2], d2)),
                rotate_left::<55>(xor(a[8], d3)),
                rotate_left::<39>(xor(a[14], d4)),
                rotate_left::<41>(xor(a[15], d0)),
                rotate_left::<2>(xor(a[21], d1)),
            ]);
            [
                xor(b00, constant), b01, b02, b03, b04, b05, b06, b07, b08, b09, b10, b11, b12,
                b13, b14, b15, b16, b17, b18, b19, b20, b21, b22, b23, b24,
            ]
        }

        /// What theta adds to each column.
        $(#[target_feature(enable = $features)])?
        #[inline]
        fn theta(a: &[$lane; 25]) -> [$lane; 5] {
            let c0 = xor3(xor3(a[0], a[5], a[10]), a[15], a[20]);
            let c1 = xor3(xor3(a[1], a[6], a[11]), a[16], a[21]);
            let c2 = xor3(xor3(a[2], a[7], a[12]), a[17], a[22]);
            let c3 = xor3(xor3(a[3], a[8], a[13]), a[18], a[23]);
            let c4 = xor3(xor3(a[4], a[9], a[14]), a[19], a[24]);
            [
                xor(c4, rotate_left::<1>(c1)),
                xor(c0, rotate_left::<1>(c2)),
                xor(c1, rotate_left::<1>(c3)),
                xor(c2, rotate_left::<1>(c4)),
                xor(c3, rotate_left::<1>(c0)),
            ]
        }

        $(#[target_feature(enable = $features)])?
        #[inline]
        fn row([b0, b1, b2, b3, b4]: [$lane; 5]) -> [$lane; 5] {
            [
                chi(b0, b1, b2),
                chi(b1, b2, b3),
                chi(b2, b3, b4),
                chi(b3, b4, b0),
                chi(b4, b0, b1),
            ]
        }
    };
}

pub(super) use rounds;
