//! Where the next SEQ comes from (TS 33.102 §C.1.1, §C.3).

/// How SEQ is generated.
///
/// Whichever it is, SEQ grows with every vector and its growth is in the store before the vector
/// exists; so there is no need for the value DIF of the standard, nor for a reserve of time when a
/// clock is set back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// SEQ + 1 each time (§C.1.1.2, profile 2 of §C.3).
    #[default]
    Counter,
    /// SEQ = SEQ1 ‖ SEQ2, and SEQ2 follows a clock (§C.1.1.1, profile 1 of §C.3).
    PartlyTimeBased(SplitSeq),
    /// SEQ follows a clock, and counts where that stands still or has been set back (§C.1.1.3,
    /// profile 3 of §C.3).
    TimeBased,
}

/// How SEQ2 follows a clock of as many bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitSeq {
    bits: u8,
    reserve: u64,
}

impl SplitSeq {
    /// SEQ2 of 24 bits and D = 2^16: profile 1 of §C.3, whose clock counts seconds.
    pub const PROFILE_1: Self = Self {
        bits: 24,
        reserve: 1 << 16,
    };

    /// SEQ2 of `bits`, and D: so many vectors within one tick do not count as a clock that went
    /// round.
    ///
    /// None unless 1 < D < 2^bits and SEQ2 leaves room for SEQ1 (fewer than 43 bits).
    pub const fn new(bits: u8, reserve: u64) -> Option<Self> {
        if bits < 43 && 1 < reserve && reserve < 1 << bits {
            Some(Self { bits, reserve })
        } else {
            None
        }
    }

    /// The three cases of §C.1.1.1.
    const fn next(self, seq_he: u64, clock: u64) -> u64 {
        let period = 1 << self.bits;
        let (seq1, seq2) = (seq_he >> self.bits, seq_he % period);
        let clock = clock % period;
        let forward = seq2 < clock && clock - seq2 < period - self.reserve + 1;
        let wrapped = clock < seq2 && seq2 - clock > self.reserve - 1;
        if forward {
            seq1 << self.bits | clock
        } else if wrapped {
            (seq1 + 1) << self.bits | clock
        } else {
            seq_he + 1
        }
    }
}

impl Profile {
    /// A number above `seq_he`, which has at most 48 bits.
    pub(super) const fn next(self, seq_he: u64, clock: Option<u64>) -> u64 {
        match (self, clock) {
            (Self::PartlyTimeBased(split), Some(clock)) => split.next(seq_he, clock),
            (Self::TimeBased, Some(clock)) if clock > seq_he => clock,
            (Self::Counter | Self::PartlyTimeBased(_) | Self::TimeBased, _) => seq_he + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// SEQ2 of 8 bits, D = 16.
    fn small() -> SplitSeq {
        SplitSeq::new(8, 16).unwrap()
    }

    #[test]
    fn seq2_takes_the_time_of_a_clock_that_went_on() {
        assert_eq!(small().next(0x0310, 0x11), 0x0311);
        assert_eq!(small().next(0x0310, 0x80), 0x0380);
    }

    #[test]
    fn several_vectors_within_a_tick_are_counted() {
        assert_eq!(small().next(0x0310, 0x10), 0x0311);
        assert_eq!(small().next(0x031f, 0x10), 0x0320);
    }

    #[test]
    fn a_clock_that_went_round_carries_into_seq1() {
        assert_eq!(small().next(0x0320, 0x10), 0x0410);
        assert_eq!(small().next(0x03ff, 0x00), 0x0400);
    }

    #[test]
    fn vectors_ahead_of_a_clock_about_to_go_round_are_counted() {
        // SEQ2 went over while the clock still shows the end of its round
        assert_eq!(small().next(0x0402, 0xfa), 0x0403);
    }

    #[test]
    fn a_clock_follows_at_most_seq2() {
        assert_eq!(small().next(0x0310, 0xaa_0011), 0x0311);
    }

    #[test]
    fn splits_without_room_are_refused() {
        for (bits, reserve) in [(43, 16), (8, 1), (8, 256), (0, 2)] {
            assert_eq!(SplitSeq::new(bits, reserve), None);
        }
    }

    #[test]
    fn a_clock_set_back_never_takes_seq_back() {
        assert_eq!(Profile::TimeBased.next(1000, Some(2000)), 2000);
        assert_eq!(Profile::TimeBased.next(2000, Some(1000)), 2001);
        assert_eq!(Profile::TimeBased.next(2000, None), 2001);
        assert_eq!(Profile::Counter.next(2000, Some(9000)), 2001);
    }

    proptest! {
        #[test]
        fn seq_always_grows(seq_he in 0..1_u64 << 43, clock: Option<u64>, bits in 2..43_u8) {
            let split = SplitSeq::new(bits, 2).unwrap();
            for profile in [Profile::Counter, Profile::PartlyTimeBased(split), Profile::TimeBased] {
                prop_assert!(profile.next(seq_he, clock) > seq_he);
            }
        }
    }
}
