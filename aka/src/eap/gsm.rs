//! What both sides of EAP-SIM hold a start and a challenge to (RFC 4186 §10.8, §10.9, §12.4).

/// The only version of EAP-SIM.
pub(super) const VERSION: u16 = 1;

/// Why challenges are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// One says too little of the network; more than three nobody sends.
    Number,
    /// The same twice says no more than once.
    Repeated,
}

pub(super) fn fault(rands: &[[u8; 16]]) -> Option<Fault> {
    match rands {
        [one, other] if one != other => None,
        [one, other, third] if one != other && other != third && one != third => None,
        [_, _] | [_, _, _] => Some(Fault::Repeated),
        _ => Some(Fault::Number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_or_three_different_challenges_are_taken() {
        let [a, b, c] = [[1; 16], [2; 16], [3; 16]];
        assert_eq!(fault(&[a, b]), None);
        assert_eq!(fault(&[a, b, c]), None);
        for repeated in [&[a, a][..], &[a, b, a], &[a, a, b], &[b, a, a]] {
            assert_eq!(fault(repeated), Some(Fault::Repeated));
        }
        for number in [&[][..], &[a], &[a, b, c, [4; 16]]] {
            assert_eq!(fault(number), Some(Fault::Number));
        }
    }
}
