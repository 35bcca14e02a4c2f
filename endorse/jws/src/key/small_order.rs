//! Ed25519 points that are no keys: under them a signature says nothing about its message.

/// The y coordinates, little-endian, of the points whose order divides 8.
const SMALL: [[u8; 32]; 5] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = [0xff; 32];
        minus_one[0] = 0xec;
        minus_one[31] = 0x7f;
        minus_one
    },
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// Whether the encoded point has a small order, or a y coordinate of p or more (RFC 8032 §5.1.3).
pub(super) fn is_unfit(point: &[u8; 32]) -> bool {
    let mut y = *point;
    y[31] &= 0x7f;
    let [first, middle @ .., last] = &y;
    let beyond = *last == 0x7f && *first >= 0xed && middle.iter().all(|octet| *octet == 0xff);
    beyond || SMALL.contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_sign_of_a_small_point_is_unfit() {
        for mut point in SMALL {
            assert!(is_unfit(&point));
            point[31] |= 0x80;
            assert!(is_unfit(&point));
        }
    }

    #[test]
    fn the_largest_coordinate_is_p_minus_one() {
        let with_first = |first| {
            let mut point = [0xff; 32];
            (point[0], point[31]) = (first, 0x7f);
            point
        };
        let unfit: Vec<_> = (0xeb..=0xff)
            .filter(|first| is_unfit(&with_first(*first)))
            .collect();
        assert_eq!(unfit, (0xec..=0xff).collect::<Vec<_>>());
    }
}
