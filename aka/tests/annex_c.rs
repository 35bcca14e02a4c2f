//! Sequence numbers on both sides: the rules of TS 33.102 §6.3 and Annex C that implementations
//! get wrong, one test each.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails the test"
)]

use std::{
    collections::HashSet,
    sync::atomic::{AtomicU32, Ordering},
    task::{Context, Poll, Waker},
    thread,
};

use aka::{
    Amf, Autn, Auts, Imsi, Ind, IndLength, K, Milenage, Opc, Rand, Sqn,
    algorithm::{CardAlgorithm, HomeAlgorithm},
    card::{Access, Card, MacFailure, Outcome, Policy, SeparationBitClear, SeqArray},
    network::{
        Home, MemoryStore, Profile, Request, ResyncError, Resynchronisation, Sequence,
        SequenceError, SqnStore, Swap, Vector, VectorError,
    },
};

const RAND: Rand = Rand::new([0x23; 16]);

fn milenage() -> Milenage {
    Milenage::new(&K::new([0x46; 16]), &Opc::new([0xcd; 16]))
}

fn imsi() -> Imsi {
    "001010000000001".parse().unwrap()
}

fn ind(index: u8) -> Ind {
    Ind::new(index).unwrap()
}

fn sqn(seq: u64, index: u8) -> Sqn {
    Sqn::from_parts(seq, ind(index), IndLength::FIVE).unwrap()
}

fn autn(sqn: Sqn) -> Autn {
    milenage().challenge(&RAND, sqn, Amf::ZERO).0
}

fn offer(card: &mut Card, sqn: Sqn) -> Outcome {
    card.authenticate(&milenage(), &RAND, &autn(sqn)).unwrap()
}

fn accepts(card: &mut Card, sqn: Sqn) -> bool {
    matches!(offer(card, sqn), Outcome::Success { .. })
}

/// SQN_MS as the AUTS tells it.
fn refused_with(card: &mut Card, sqn: Sqn) -> Sqn {
    let Outcome::SyncFailure(auts) = offer(card, sqn) else {
        panic!("taken, but not fresh");
    };
    let (sqn_ms, mac) = milenage().open_auts(&RAND, &auts);
    assert_eq!(mac, auts.mac());
    sqn_ms
}

fn home_at(sqn: Sqn) -> Home<MemoryStore> {
    Home::new(MemoryStore::new().with(imsi(), sqn))
}

fn stored(home: &Home<MemoryStore>) -> Sqn {
    home.store().load(&imsi()).unwrap()
}

fn sqn_of(vector: &Vector) -> Sqn {
    let (sqn, mac, _) = milenage().open_autn(&vector.rand, &vector.autn);
    assert_eq!(mac, vector.autn.mac());
    sqn
}

fn next_vector(home: &Home<MemoryStore>, index: u8) -> Vector {
    let request = Request::new(RAND, Amf::ZERO).with_ind(ind(index));
    home.vector(&milenage(), &imsi(), request).unwrap()
}

mod card_side {
    use super::*;

    #[test]
    fn rule_1_any_flipped_bit_is_a_mac_failure_and_changes_nothing() {
        let mut card = Card::default();
        assert!(accepts(&mut card, sqn(100, 0)));
        let before = card.state().clone();
        let [stale, fresh] = [99, 101].map(|seq| autn(sqn(seq, 0)));
        for (genuine, bit) in [stale, fresh]
            .iter()
            .flat_map(|it| (0..128).map(move |b| (it, b)))
        {
            let flipped = u128::from_be_bytes(*genuine.as_bytes()) ^ 1 << bit;
            let forged = Autn::new(flipped.to_be_bytes());
            let answer = card.authenticate(&milenage(), &RAND, &forged);
            assert_eq!(answer.unwrap_err(), MacFailure, "bit {bit}");
        }
        assert_eq!(*card.state(), before);
        assert!(accepts(&mut card, sqn(101, 0)));
    }

    #[test]
    fn rule_2_a_slot_takes_numbers_below_another_slots() {
        let mut card = Card::default();
        assert!(accepts(&mut card, sqn(10, 1)));
        assert!(accepts(&mut card, sqn(5, 2)));
        assert_eq!(refused_with(&mut card, sqn(5, 2)), sqn(10, 1));
        assert_eq!(refused_with(&mut card, sqn(4, 2)), sqn(10, 1));
        assert!(accepts(&mut card, sqn(6, 2)));
        assert_eq!(refused_with(&mut card, sqn(10, 1)), sqn(10, 1));
    }

    #[test]
    fn rule_3_a_jump_of_delta_is_taken_and_one_more_is_not() {
        let mut card = Card::default();
        assert!(accepts(&mut card, sqn(7, 0)));
        let delta = 1 << 28;
        assert_eq!(refused_with(&mut card, sqn(7 + delta + 1, 3)), sqn(7, 0));
        assert!(accepts(&mut card, sqn(7 + delta, 3)));
    }

    #[test]
    fn rule_3_delta_is_measured_from_the_highest_of_all_slots() {
        let mut card = Card::new(Policy::new().with_delta(100));
        assert!(accepts(&mut card, sqn(100, 0)));
        assert!(accepts(&mut card, sqn(200, 1)));
        assert!(accepts(&mut card, sqn(300, 0)));
    }

    #[test]
    fn rule_3_the_age_limit_refuses_what_lies_further_back() {
        let mut card = Card::new(Policy::new().with_age_limit(10));
        assert!(accepts(&mut card, sqn(100, 0)));
        assert_eq!(refused_with(&mut card, sqn(89, 1)), sqn(100, 0));
        assert!(accepts(&mut card, sqn(90, 1)));
    }

    #[test]
    fn rule_5_the_last_number_of_all_is_taken_once() {
        let mut seqs = [0; SeqArray::SLOTS];
        seqs[4] = IndLength::FIVE.max_seq() - 1;
        let seqs = SeqArray::from_array(seqs).unwrap();
        let mut card = Card::with_state(Policy::new(), seqs);
        assert!(accepts(&mut card, Sqn::MAX));
        assert_eq!(refused_with(&mut card, Sqn::MAX), Sqn::MAX);
    }

    #[test]
    fn rule_6_auts_carries_the_highest_number_with_its_slot() {
        let mut card = Card::default();
        assert_eq!(refused_with(&mut card, sqn(0, 9)), Sqn::ZERO);
        assert!(accepts(&mut card, sqn(50, 17)));
        assert!(accepts(&mut card, sqn(20, 30)));
        assert_eq!(refused_with(&mut card, sqn(20, 30)), sqn(50, 17));
        assert_eq!(card.sqn_ms(), sqn(50, 17));
    }

    #[test]
    fn a_card_without_ind_takes_numbers_in_order_only() {
        let mut card = Card::new(Policy::new().with_ind_length(IndLength::ZERO));
        assert!(accepts(&mut card, Sqn::new(33).unwrap()));
        assert!(!accepts(&mut card, Sqn::new(32).unwrap()));
        assert!(accepts(&mut card, Sqn::new(34).unwrap()));
        assert_eq!(card.sqn_ms(), Sqn::new(34).unwrap());
    }

    #[test]
    fn a_card_restored_from_its_state_still_refuses_the_replay() {
        let mut card = Card::default();
        assert!(accepts(&mut card, sqn(3, 3)));
        let kept = card.state().to_array();
        let seqs = SeqArray::from_array(kept).unwrap();
        let mut restored = Card::with_state(Policy::new(), seqs);
        assert_eq!(refused_with(&mut restored, sqn(3, 3)), sqn(3, 3));
    }

    #[test]
    fn a_state_with_more_than_48_bits_is_refused() {
        let mut seqs = [0; SeqArray::SLOTS];
        seqs[31] = 1 << 48;
        assert!(SeqArray::from_array(seqs).is_err());
    }

    #[test]
    fn rule_11_the_separation_bit_is_checked_after_the_mac_and_only_where_it_counts() {
        let amf = Amf::ZERO;
        let attempt = |rand: &Rand, access| {
            let mut card = Card::default();
            let outcome = card.authenticate(&milenage(), rand, &autn(sqn(1, 0)))?;
            Ok::<_, MacFailure>(outcome.for_access(access, amf).map(|_| ()))
        };
        assert_eq!(attempt(&RAND, Access::Umts), Ok(Ok(())));
        assert_eq!(
            attempt(&RAND, Access::Separated),
            Ok(Err(SeparationBitClear))
        );
        let other = Rand::new([9; 16]);
        assert_eq!(attempt(&other, Access::Separated), Err(MacFailure));
    }

    #[test]
    fn rule_11_the_mac_covers_the_amf_as_received() {
        let milenage = milenage();
        let (separated, _) = milenage.challenge(&RAND, sqn(1, 0), Amf::SEPARATED);
        let mut card = Card::default();
        let outcome = card.authenticate(&milenage, &RAND, &separated).unwrap();
        let outcome = outcome.for_access(Access::Separated, separated.amf());
        assert!(matches!(outcome, Ok(Outcome::Success { .. })));
    }
}

mod home_side {
    use super::*;

    #[test]
    fn rule_4_every_vector_has_a_seq_of_its_own_and_the_slot_of_its_node() {
        let home = home_at(Sqn::ZERO);
        let issued = [0, 1, 1, 0, 31].map(|index| sqn_of(&next_vector(&home, index)));
        let expected = [sqn(1, 0), sqn(2, 1), sqn(3, 1), sqn(4, 0), sqn(5, 31)];
        assert_eq!(issued, expected);
    }

    #[test]
    fn rule_4_nodes_that_hold_vectors_back_do_not_outdate_each_other() {
        let home = home_at(Sqn::ZERO);
        let mut card = Card::default();
        let batch = |index| [next_vector(&home, index), next_vector(&home, index)];
        let [[early1, early2], [late1, late2]] = [batch(0), batch(1)];
        for vector in [late1, early1, late2, early2] {
            assert!(accepts(&mut card, sqn_of(&vector)));
        }
    }

    #[test]
    fn rule_5_numbers_that_are_used_up_are_an_error_and_nothing_wraps() {
        let last = sqn(IndLength::FIVE.max_seq(), 0);
        let home = home_at(sqn(IndLength::FIVE.max_seq() - 1, 7));
        assert_eq!(sqn_of(&next_vector(&home, 0)), last);
        let request = Request::new(RAND, Amf::ZERO);
        let after = home.vector(&milenage(), &imsi(), request);
        assert!(matches!(
            after.unwrap_err(),
            VectorError::Sequence(SequenceError::SqnExhausted)
        ));
        assert_eq!(stored(&home), last);
    }

    #[test]
    fn a_clock_beyond_the_range_gives_the_last_number_and_then_none() {
        let sequence = Sequence::new().with_profile(Profile::TimeBased);
        let last = sqn(IndLength::FIVE.max_seq(), 0);
        let clock = Some(u64::MAX);
        assert_eq!(sequence.next_at(sqn(7, 0), Ind::ZERO, clock), Ok(last));
        let after = sequence.next_at(last, Ind::ZERO, clock);
        assert_eq!(after, Err(SequenceError::SqnExhausted));
    }

    #[test]
    fn a_time_based_home_follows_its_clock_and_counts_within_a_tick() {
        let sequence = Sequence::new().with_profile(Profile::TimeBased);
        let store = MemoryStore::new().with(imsi(), sqn(10, 0));
        let home = Home::with_sequence(store, sequence);
        let issued = [1000, 1000, 999, 2000].map(|clock| {
            let request = Request::new(RAND, Amf::ZERO).at(clock);
            let vector = home.vector(&milenage(), &imsi(), request).unwrap();
            sqn_of(&vector).seq(IndLength::FIVE)
        });
        assert_eq!(issued, [1000, 1001, 1002, 2000]);
    }

    #[test]
    fn a_slot_that_the_cards_do_not_have_is_an_error() {
        let sequence = Sequence::new().with_ind_length(IndLength::new(2).unwrap());
        let next = sequence.next(Sqn::ZERO, ind(4));
        assert!(matches!(next, Err(SequenceError::NoSuchSlot(_))));
        assert_eq!(sequence.next(Sqn::ZERO, ind(3)), Ok(Sqn::new(7).unwrap()));
    }

    #[test]
    fn rule_6_the_home_reads_what_the_card_wrote() {
        let home = home_at(sqn(3, 0));
        let auts = milenage().auts(&RAND, sqn(90, 2));
        let moved = home.resynchronise(&milenage(), &imsi(), &RAND, &auts);
        assert_eq!(moved.unwrap(), Resynchronisation::Moved);
        assert_eq!(stored(&home), sqn(90, 2));
    }

    #[test]
    fn rule_6_auts_of_another_implementation_gives_its_number() {
        let k = "90dca4eda45b53cf0f12d7c9c3bc6a89".parse().unwrap();
        let opc = "cb9cccc4b9258e6dca4760379fb82581".parse().unwrap();
        let rand = "85239c1fc80f27e6ba07cba4eacc2969".parse().unwrap();
        let auts: Auts = "7c3f6f95eda94477c0d3d98dab9a".parse().unwrap();
        let opened = Milenage::new(&k, &opc).open_auts(&rand, &auts);
        assert_eq!(opened, (Sqn::new(65_536).unwrap(), auts.mac()));
    }

    #[test]
    fn rule_6_auts_is_concealed_by_f5_star_and_signed_over_amf_zero() {
        let (milenage, sqn_ms) = (milenage(), sqn(90, 2));
        let auts = milenage.auts(&RAND, sqn_ms);
        let under = |ak: aka::Ak| {
            let ak = ak.expose().iter();
            let sqn = auts.concealed_sqn();
            sqn.iter().zip(ak).map(|(a, b)| a ^ b).collect::<Vec<_>>()
        };
        assert_eq!(under(milenage.f5_star(&RAND)), sqn_ms.to_bytes());
        assert_ne!(under(milenage.f5(&RAND)), sqn_ms.to_bytes());
        assert_eq!(auts.mac(), milenage.f1_star(&RAND, sqn_ms, Amf::ZERO));
    }

    #[test]
    fn rule_6_auts_belongs_to_its_rand() {
        let home = home_at(sqn(3, 0));
        let auts = milenage().auts(&RAND, sqn(90, 2));
        let other = Rand::new([9; 16]);
        let refused = home.resynchronise(&milenage(), &imsi(), &other, &auts);
        assert!(matches!(refused.unwrap_err(), ResyncError::MacFailure));
        assert_eq!(stored(&home), sqn(3, 0));
    }

    #[test]
    fn rule_10_a_resynchronisation_under_tuak_uses_the_true_length_of_k() {
        use aka::tuak::{K256, Key, Topc, Tuak};

        let mut padded = [0; 32];
        padded[..16].copy_from_slice(&[0x46; 16]);
        let [short, long] = [
            Key::from(&K::new([0x46; 16])),
            Key::from(&K256::new(padded)),
        ]
        .map(|key| Tuak::new(&key, &Topc::new([0xcd; 32])));

        let auts = short.auts(&RAND, sqn(90, 2));
        let home = home_at(sqn(3, 0));
        let padded = home.resynchronise(&long, &imsi(), &RAND, &auts);
        assert!(matches!(padded.unwrap_err(), ResyncError::MacFailure));
        let moved = home.resynchronise(&short, &imsi(), &RAND, &auts);
        assert_eq!(moved.unwrap(), Resynchronisation::Moved);
        assert_eq!(stored(&home), sqn(90, 2));
    }

    #[test]
    fn rule_7_a_number_that_will_be_taken_anyway_stays() {
        let home = home_at(sqn(90, 0));
        for seq in [90, 89, 1] {
            let auts = milenage().auts(&RAND, sqn(seq, 5));
            let kept = home.resynchronise(&milenage(), &imsi(), &RAND, &auts);
            assert_eq!(kept.unwrap(), Resynchronisation::Kept);
            assert_eq!(stored(&home), sqn(90, 0));
        }
    }

    #[test]
    fn rule_7_a_replayed_auts_never_moves_the_home_back() {
        let home = home_at(sqn(3, 0));
        let auts = milenage().auts(&RAND, sqn(90, 2));
        let resynchronise = || home.resynchronise(&milenage(), &imsi(), &RAND, &auts);
        assert_eq!(resynchronise().unwrap(), Resynchronisation::Moved);
        let issued = sqn_of(&next_vector(&home, 0));
        assert_eq!(resynchronise().unwrap(), Resynchronisation::Kept);
        assert_eq!(stored(&home), issued);
    }

    #[test]
    fn rule_7_a_home_beyond_the_cards_reach_is_told_and_stays() {
        let delta = Policy::DEFAULT_DELTA;
        let auts = milenage().auts(&RAND, sqn(10, 0));
        for (seq, expected) in [
            (10 + delta - 1, Resynchronisation::Kept),
            (10 + delta, Resynchronisation::OutOfReach),
        ] {
            let home = home_at(sqn(seq, 0));
            let outcome = home.resynchronise(&milenage(), &imsi(), &RAND, &auts);
            assert_eq!(outcome.unwrap(), expected);
            assert_eq!(stored(&home), sqn(seq, 0));
        }
    }

    #[test]
    fn rule_8_the_next_vector_uses_seq_ms_plus_one_and_those_in_flight_are_dead() {
        let home = home_at(sqn(3, 0));
        let in_flight = next_vector(&home, 0);
        let mut seqs = [0; SeqArray::SLOTS];
        seqs[0] = 90;
        let seqs = SeqArray::from_array(seqs).unwrap();
        let mut card = Card::with_state(Policy::new(), seqs);

        let Outcome::SyncFailure(auts) = offer(&mut card, sqn(4, 0)) else {
            panic!("4 is not fresh");
        };
        let moved = home.resynchronise(&milenage(), &imsi(), &RAND, &auts);
        assert_eq!(moved.unwrap(), Resynchronisation::Moved);

        let next = sqn_of(&next_vector(&home, 0));
        assert_eq!(next, sqn(91, 0));
        assert!(accepts(&mut card, next));
        assert!(!accepts(&mut card, sqn_of(&in_flight)));
    }
}

mod reservation {
    use super::*;

    /// A store whose compare-and-set does as told.
    struct Scripted {
        swaps: fn(u32) -> Result<Swap, OutOfOrder>,
        asked: AtomicU32,
    }

    #[derive(Debug, PartialEq, thiserror::Error)]
    #[error("the disk is full")]
    struct OutOfOrder;

    impl SqnStore for Scripted {
        type Subscriber = str;
        type Error = OutOfOrder;

        fn load(&self, _: &str) -> Result<Sqn, OutOfOrder> {
            Ok(sqn(10, 0))
        }

        fn compare_and_set(&self, _: &str, _: Sqn, _: Sqn) -> Result<Swap, OutOfOrder> {
            (self.swaps)(self.asked.fetch_add(1, Ordering::Relaxed))
        }
    }

    fn scripted(swaps: fn(u32) -> Result<Swap, OutOfOrder>) -> Home<Scripted> {
        let asked = AtomicU32::new(0);
        Home::new(Scripted { swaps, asked })
    }

    fn ask(home: &Home<Scripted>) -> Result<Vector, VectorError<OutOfOrder>> {
        home.vector(&milenage(), "someone", Request::new(RAND, Amf::ZERO))
    }

    #[test]
    fn rule_9_no_vector_without_a_stored_number() {
        let failure = ask(&scripted(|_| Err(OutOfOrder)));
        assert!(matches!(
            failure.unwrap_err(),
            VectorError::Store(OutOfOrder)
        ));
    }

    #[test]
    fn rule_9_a_lost_race_is_repeated_with_the_winners_number() {
        let home = scripted(|attempt| match attempt {
            0 => Ok(Swap::Lost(sqn(500, 0))),
            _ => Ok(Swap::Done),
        });
        assert_eq!(sqn_of(&ask(&home).unwrap()), sqn(501, 0));
    }

    #[test]
    fn a_store_that_always_loses_ends_in_an_error() {
        let home = scripted(|_| Ok(Swap::Lost(sqn(10, 0))));
        assert!(matches!(ask(&home).unwrap_err(), VectorError::Contended));
        let auts = milenage().auts(&RAND, sqn(90, 0));
        let resync = home.resynchronise(&milenage(), "someone", &RAND, &auts);
        assert!(matches!(resync.unwrap_err(), ResyncError::Contended));
    }

    /// The memory store, asked asynchronously; each answer is pending once.
    struct Later(MemoryStore);

    impl aka::network::AsyncSqnStore for Later {
        type Subscriber = Imsi;
        type Error = aka::network::MemoryError;

        async fn load(&self, subscriber: &Imsi) -> Result<Sqn, Self::Error> {
            yield_once().await;
            self.0.load(subscriber)
        }

        async fn compare_and_set(
            &self,
            subscriber: &Imsi,
            expected: Sqn,
            new: Sqn,
        ) -> Result<Swap, Self::Error> {
            yield_once().await;
            self.0.compare_and_set(subscriber, expected, new)
        }
    }

    fn yield_once() -> impl Future<Output = ()> {
        let mut pending = true;
        std::future::poll_fn(move |_| {
            if std::mem::take(&mut pending) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
    }

    /// One turn for each future in turn, until all are done.
    fn run_interleaved<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
        let mut context = Context::from_waker(Waker::noop());
        let mut running: Vec<_> = futures.into_iter().map(Box::pin).collect();
        let mut done = Vec::new();
        for _ in 0..10_000 {
            running.retain_mut(|future| match future.as_mut().poll(&mut context) {
                Poll::Ready(value) => {
                    done.push(value);
                    false
                }
                Poll::Pending => true,
            });
        }
        assert_eq!(running.len(), 0, "all end");
        done
    }

    #[test]
    fn rule_9_interleaved_futures_never_share_a_number() {
        let later = Later(MemoryStore::new().with(imsi(), Sqn::ZERO));
        let home = aka::network::AsyncHome::new(later);
        let (milenage, imsi) = (milenage(), imsi());
        let request = Request::new(RAND, Amf::ZERO);
        let futures = (0..64)
            .map(|_| home.vector(&milenage, &imsi, request))
            .collect();
        let vectors = run_interleaved(futures);
        let seqs: HashSet<u64> = vectors
            .iter()
            .map(|vector| sqn_of(vector.as_ref().unwrap()).seq(IndLength::FIVE))
            .collect();
        assert_eq!(seqs, (1..=64).collect());

        let auts = milenage.auts(&RAND, sqn(90, 2));
        let resync = vec![home.resynchronise(&milenage, &imsi, &RAND, &auts)];
        assert_eq!(
            *run_interleaved(resync)[0].as_ref().unwrap(),
            Resynchronisation::Moved
        );
        assert_eq!(home.store().0.load(&imsi).unwrap(), sqn(90, 2));
    }

    #[test]
    fn a_resynchronisation_that_was_not_stored_is_an_error() {
        let home = scripted(|_| Err(OutOfOrder));
        let auts = milenage().auts(&RAND, sqn(90, 0));
        let resync = home.resynchronise(&milenage(), "someone", &RAND, &auts);
        assert!(matches!(
            resync.unwrap_err(),
            ResyncError::Store(OutOfOrder)
        ));
    }

    #[test]
    fn rule_9_sixty_four_threads_never_share_a_number() {
        const THREADS: u8 = 64;
        const EACH: usize = 32;
        let home = home_at(Sqn::ZERO);
        let issue = |thread: u8| {
            let vectors = (0..EACH).map(|_| sqn_of(&next_vector(&home, thread % 32)));
            vectors.collect::<Vec<_>>()
        };
        let issued: Vec<Sqn> = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|n| scope.spawn(move || issue(n)))
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect()
        });
        let seqs: HashSet<u64> = issued.iter().map(|sqn| sqn.seq(IndLength::FIVE)).collect();
        assert_eq!(seqs.len(), usize::from(THREADS) * EACH);
        assert_eq!(stored(&home).seq(IndLength::FIVE), 64 * 32);
    }

    #[test]
    fn an_unknown_subscriber_has_no_vector() {
        let home = Home::new(MemoryStore::<Imsi>::new());
        let refused = home.vector(&milenage(), &imsi(), Request::new(RAND, Amf::ZERO));
        assert!(matches!(
            refused.unwrap_err(),
            VectorError::Store(aka::network::MemoryError::UnknownSubscriber)
        ));
    }
}
