//! What the peer of EAP-AKA' makes of AT_KDF and AT_KDF_INPUT (RFC 9048 §3.1, §3.2).

/// The key derivation with CK' and IK', the only one there is.
pub(super) const KDF_PRIME: u16 = 1;

/// What to do with the functions that a challenge offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The first is ours.
    Proceed,
    /// Ours stands further down: ask for it.
    Ask,
    /// As if AUTN were wrong.
    Reject,
}

/// The functions that the server offered first, once we asked for another than its first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Negotiation(Option<Offer>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Offer {
    numbers: [u16; 8],
    count: usize,
}

impl Negotiation {
    /// A second offer is our choice before the whole first one, or somebody meddled.
    pub(super) fn choose(&mut self, offered: impl Iterator<Item = u16>) -> Choice {
        if let Some(first) = &self.0 {
            let expected = core::iter::once(KDF_PRIME).chain(first.numbers());
            return if offered.eq(expected) {
                Choice::Proceed
            } else {
                Choice::Reject
            };
        }
        match Offer::of(offered) {
            Some(offer) if offer.numbers().next() == Some(KDF_PRIME) => Choice::Proceed,
            Some(offer) if offer.numbers().any(|number| number == KDF_PRIME) => {
                self.0 = Some(offer);
                Choice::Ask
            }
            _ => Choice::Reject,
        }
    }
}

impl Offer {
    /// None of them twice, and no more than anybody would offer.
    fn of(offered: impl Iterator<Item = u16>) -> Option<Self> {
        let mut offer = Self {
            numbers: [0; 8],
            count: 0,
        };
        for number in offered {
            if offer.numbers().any(|known| known == number) {
                return None;
            }
            *offer.numbers.get_mut(offer.count)? = number;
            offer.count += 1;
        }
        Some(offer)
    }

    fn numbers(&self) -> impl Iterator<Item = u16> {
        self.numbers.into_iter().take(self.count)
    }
}

/// Whether the name that a server says is the one known: field by field between colons, as far as
/// both go; an empty one is none (RFC 9048 §3.1).
pub(super) fn is_network(known: Option<&[u8]>, said: &[u8]) -> bool {
    let fields = |name: &[u8], other: &[u8]| {
        let mut pairs = name
            .split(|octet| *octet == b':')
            .zip(other.split(|octet| *octet == b':'));
        pairs.all(|(one, other)| one == other)
    };
    !said.is_empty() && known.is_none_or(|known| fields(known, said))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(offers: &[&[u16]]) -> Choice {
        let mut negotiation = Negotiation::default();
        let choices = offers
            .iter()
            .map(|offer| negotiation.choose(offer.iter().copied()));
        choices.last().unwrap()
    }

    #[test]
    fn ours_first_goes_on_and_ours_later_is_asked_for() {
        assert_eq!(after(&[&[1]]), Choice::Proceed);
        assert_eq!(after(&[&[1, 7]]), Choice::Proceed);
        assert_eq!(after(&[&[7, 1]]), Choice::Ask);
    }

    #[test]
    fn none_of_ours_a_repetition_or_too_many_are_refused() {
        assert_eq!(after(&[&[]]), Choice::Reject);
        assert_eq!(after(&[&[7, 8]]), Choice::Reject);
        assert_eq!(after(&[&[1, 7, 7]]), Choice::Reject);
        assert_eq!(after(&[&[1, 2, 3, 4, 5, 6, 7, 8, 9]]), Choice::Reject);
    }

    #[test]
    fn the_second_offer_is_our_choice_before_the_whole_first_one() {
        assert_eq!(after(&[&[7, 1, 9], &[1, 7, 1, 9]]), Choice::Proceed);
        assert_eq!(after(&[&[7, 1, 9], &[1, 7, 9]]), Choice::Reject);
        assert_eq!(after(&[&[7, 1, 9], &[1]]), Choice::Reject);
        assert_eq!(after(&[&[7, 1, 9], &[7, 1, 9]]), Choice::Reject);
    }

    #[test]
    fn network_names_are_compared_as_far_as_both_go() {
        assert!(is_network(Some(b"HRPD"), b"HRPD"));
        assert!(is_network(Some(b"HRPD:a"), b"HRPD"));
        assert!(is_network(None, b"WLAN"));
        assert!(!is_network(Some(b"HRPD"), b"WLAN"));
        assert!(!is_network(Some(b"HRPD:a"), b"HRPD:b"));
        assert!(!is_network(None, b""));
    }
}
