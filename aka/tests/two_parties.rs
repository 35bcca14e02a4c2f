//! A model of TS 33.102 Annex C: a home, a card, and between them somebody who drops, reorders,
//! replays and forges, and who pulls the power on either side.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what fails here fails the test"
)]

use std::collections::HashSet;

use aka::{
    Amf, Autn, Auts, Ind, IndLength, K, Milenage, Opc, Rand, Sqn,
    algorithm::CardAlgorithm,
    card::{Card, MacFailure, Outcome, Policy, SeqArray},
    network::{
        Home, MemoryStore, Profile, Request, ResyncError, Resynchronisation, Sequence, SplitSeq,
        SqnStore, Vector,
    },
};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The home makes a vector for a node; nobody has delivered it yet.
    Issue { node: u8 },
    /// The home stores a number and loses power before the vector exists.
    IssueAndCrash { node: u8 },
    /// Any challenge that was ever issued reaches the card, perhaps again.
    Deliver { which: prop::sample::Index },
    /// A challenge reaches the card with bits changed.
    Forge {
        which: prop::sample::Index,
        flips: u128,
    },
    /// Any AUTS that was ever made reaches the home, perhaps again.
    Report { which: prop::sample::Index },
    /// An AUTS reaches the home with bits changed.
    ForgeReport {
        which: prop::sample::Index,
        bit: usize,
    },
    /// Time goes on, for a home that follows it.
    Tick { by: u64 },
    /// The card loses power and comes back with what it has kept.
    RestartCard,
}

fn steps() -> impl Strategy<Value = Step> {
    let which = any::<prop::sample::Index>;
    prop_oneof![
        4 => (0..32_u8).prop_map(|node| Step::Issue { node }),
        1 => (0..32_u8).prop_map(|node| Step::IssueAndCrash { node }),
        4 => which().prop_map(|which| Step::Deliver { which }),
        1 => (which(), 1..u128::MAX).prop_map(|(which, flips)| Step::Forge { which, flips }),
        2 => which().prop_map(|which| Step::Report { which }),
        1 => (which(), 0..112_usize).prop_map(|(which, bit)| Step::ForgeReport { which, bit }),
        1 => (0..1000_u64).prop_map(|by| Step::Tick { by }),
        1 => Just(Step::RestartCard),
    ]
}

fn profiles() -> impl Strategy<Value = Profile> {
    prop_oneof![
        Just(Profile::Counter),
        Just(Profile::TimeBased),
        (4..20_u8, 2..16_u64).prop_map(|(bits, reserve)| {
            SplitSeq::new(bits, reserve).map_or(Profile::Counter, Profile::PartlyTimeBased)
        }),
    ]
}

struct World {
    milenage: Milenage,
    home: Home<MemoryStore<u8>>,
    clock: u64,
    card: Card,
    challenges: Vec<(Rand, Autn)>,
    reports: Vec<(Rand, Auts)>,
    issued: HashSet<u64>,
    taken: HashSet<[u8; 16]>,
}

const SUBSCRIBER: u8 = 0;

impl World {
    fn new(home_seq: u64, profile: Profile, seqs: [u64; SeqArray::SLOTS], policy: Policy) -> Self {
        let sequence = Sequence::new().with_profile(profile);
        let sqn = Sqn::from_parts(home_seq, Ind::ZERO, IndLength::FIVE).unwrap();
        Self {
            milenage: Milenage::new(&K::new([0x46; 16]), &Opc::new([0xcd; 16])),
            home: Home::with_sequence(MemoryStore::new().with(SUBSCRIBER, sqn), sequence),
            clock: 0,
            card: Card::with_state(policy, SeqArray::from_array(seqs).unwrap()),
            challenges: Vec::new(),
            reports: Vec::new(),
            issued: HashSet::new(),
            taken: HashSet::new(),
        }
    }

    fn play(&mut self, step: &Step) {
        let before = self.sqn_he();
        match *step {
            Step::Issue { node } => {
                let vector = self.vector(node);
                self.challenges.push((vector.rand, vector.autn));
            }
            Step::IssueAndCrash { node } => drop(self.vector(node)),
            Step::Deliver { which } => self.deliver(which),
            Step::Forge { which, flips } => self.forge(which, flips),
            Step::Report { which } => self.report(which),
            Step::ForgeReport { which, bit } => self.forge_report(which, bit),
            Step::Tick { by } => self.clock += by,
            Step::RestartCard => {
                let kept = SeqArray::from_array(self.card.state().to_array());
                self.card = Card::with_state(*self.card.policy(), kept.unwrap());
            }
        }
        assert!(self.sqn_he() >= before, "the home went back");
    }

    /// No number is ever issued twice.
    fn vector(&mut self, node: u8) -> Vector {
        let count = u64::try_from(self.issued.len()).unwrap();
        let rand = Rand::new((u128::from(count) << 64 | 0x5eed).to_be_bytes());
        let request = Request::new(rand, Amf::ZERO)
            .with_ind(Ind::new(node).unwrap())
            .at(self.clock);
        let made = self.home.vector(&self.milenage, &SUBSCRIBER, request);
        let vector = made.unwrap();
        let (sqn, mac, _) = self.milenage.open_autn(&rand, &vector.autn);
        assert_eq!(mac, vector.autn.mac());
        assert!(self.issued.insert(sqn.seq(IndLength::FIVE)), "issued twice");
        vector
    }

    /// No challenge is ever taken twice, and a refusal changes nothing.
    fn deliver(&mut self, which: prop::sample::Index) {
        let Some(&(rand, autn)) = pick(&self.challenges, which) else {
            return;
        };
        let before = self.card.state().clone();
        match self
            .card
            .authenticate(&self.milenage, &rand, &autn)
            .unwrap()
        {
            Outcome::Success { .. } => {
                assert!(self.taken.insert(*rand.as_bytes()), "taken twice");
            }
            Outcome::SyncFailure(auts) => {
                assert_eq!(*self.card.state(), before);
                self.reports.push((rand, auts));
            }
        }
    }

    /// A forgery is a MAC failure, and changes nothing.
    fn forge(&mut self, which: prop::sample::Index, flips: u128) {
        let Some(&(rand, autn)) = pick(&self.challenges, which) else {
            return;
        };
        let before = self.card.state().clone();
        let forged = u128::from_be_bytes(*autn.as_bytes()) ^ flips;
        let forged = Autn::new(forged.to_be_bytes());
        let answer = self.card.authenticate(&self.milenage, &rand, &forged);
        assert_eq!(answer.unwrap_err(), MacFailure);
        assert_eq!(*self.card.state(), before);
    }

    fn report(&mut self, which: prop::sample::Index) {
        let Some(&(rand, auts)) = pick(&self.reports, which) else {
            return;
        };
        let result = self
            .home
            .resynchronise(&self.milenage, &SUBSCRIBER, &rand, &auts);
        assert_ne!(result.unwrap(), Resynchronisation::OutOfReach);
    }

    fn forge_report(&mut self, which: prop::sample::Index, bit: usize) {
        let Some(&(rand, auts)) = pick(&self.reports, which) else {
            return;
        };
        let before = self.sqn_he();
        let mut octets = *auts.as_bytes();
        octets[bit / 8] ^= 1 << (bit % 8);
        let forged = Auts::new(octets);
        let result = self
            .home
            .resynchronise(&self.milenage, &SUBSCRIBER, &rand, &forged);
        assert!(matches!(result.unwrap_err(), ResyncError::MacFailure));
        assert_eq!(self.sqn_he(), before);
    }

    /// Whatever has happened: at most one failure, one report, and the next vector is taken.
    fn settles_in_one_round(&mut self, node: u8) {
        let first = self.vector(node);
        let answer = self
            .card
            .authenticate(&self.milenage, &first.rand, &first.autn);
        let Outcome::SyncFailure(auts) = answer.unwrap() else {
            return;
        };
        let result = self
            .home
            .resynchronise(&self.milenage, &SUBSCRIBER, &first.rand, &auts);
        // the number of the first may by itself have brought the home level with the card
        assert_ne!(result.unwrap(), Resynchronisation::OutOfReach);
        let second = self.vector(node);
        let answer = self
            .card
            .authenticate(&self.milenage, &second.rand, &second.autn);
        let Outcome::Success { res, .. } = answer.unwrap() else {
            panic!("refused after a resynchronisation");
        };
        assert!(second.verify(&res));
    }

    fn sqn_he(&self) -> u64 {
        self.home
            .store()
            .load(&SUBSCRIBER)
            .unwrap()
            .seq(IndLength::FIVE)
    }
}

fn pick<T>(items: &[T], which: prop::sample::Index) -> Option<&T> {
    (!items.is_empty()).then(|| which.get(items))
}

proptest! {
    #[test]
    fn whatever_happens_between_them_both_sides_keep_the_rules(
        home_seq in 0..100_u64,
        profile in profiles(),
        seqs in prop::array::uniform32(0..100_u64),
        age_limit in prop::option::of(0..50_u64),
        steps in prop::collection::vec(steps(), 0..80),
        last_node in 0..32_u8,
    ) {
        let policy = age_limit.map_or(Policy::new(), |limit| Policy::new().with_age_limit(limit));
        let mut world = World::new(home_seq, profile, seqs, policy);
        for step in &steps {
            world.play(step);
        }
        world.settles_in_one_round(last_node);
    }
}
