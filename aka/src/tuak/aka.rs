//! TUAK as AKA uses it: MAC of 64 bits, CK and IK of 128, RES of 32 to 128.

use core::num::NonZeroU8;

use super::{AkaResLength, Functions, Key, Lengths, Topc, functions::anonymity_key, side_by_side};
use crate::{
    Amf, Autn, Auts, Ck, Ik, Mac, Rand, Res, Sqn,
    algorithm::{Algorithm, CardAlgorithm, HomeAlgorithm, Response},
    batch::Job,
    challenge::{conceal, reveal},
    keccak::{State, States},
};

/// One subscriber's TUAK.
///
/// ```
/// use aka::tuak::{Functions, Key, Top, Topc, Tuak};
/// use aka::{Amf, K, Rand, Sqn, algorithm::{CardAlgorithm, HomeAlgorithm}};
///
/// let key = Key::from(&K::new([0xab; 16]));
/// let topc = Topc::derive(&key, &Top::new([0x55; 32]), Functions::ONE_ITERATION);
/// let tuak = Tuak::new(&key, &topc);
///
/// let (rand, sqn) = (Rand::new([0x42; 16]), Sqn::new(32)?);
/// let (autn, expected) = tuak.challenge(&rand, sqn, Amf::SEPARATED);
/// let (opened, mac, answer) = tuak.open_autn(&rand, &autn);
/// assert_eq!((opened, mac), (sqn, autn.mac()));
/// assert_eq!(answer.res.expose(), expected.res.expose());
/// # Ok::<(), aka::InvalidSqn>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tuak(Functions);

impl Tuak {
    /// RES of 64 bits, one iteration of Keccak.
    pub fn new(key: &Key, topc: &Topc) -> Self {
        Self::with(key, topc, AkaResLength::default(), Functions::ONE_ITERATION)
    }

    /// The operator's choices; `topc` must have been derived with as many `iterations`.
    pub fn with(key: &Key, topc: &Topc, res: AkaResLength, iterations: NonZeroU8) -> Self {
        let lengths = Lengths {
            res: res.into(),
            ..Lengths::default()
        };
        Self(Functions::new(key, topc, lengths, iterations))
    }

    pub(super) const fn iterations(&self) -> u8 {
        self.0.iterations().get()
    }

    pub(super) fn challenge_inputs(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> [State; 2] {
        [self.0.f1_input(rand, sqn, amf), self.0.f2345_input(rand)]
    }

    pub(super) fn read_challenge(
        &self,
        sqn: Sqn,
        amf: Amf,
        [first, second]: &[State; 2],
    ) -> (Autn, Response) {
        let concealed = conceal(sqn, &anonymity_key(second));
        let autn = Autn::from_parts(concealed, amf, self.mac(first));
        (autn, self.response(second))
    }

    fn mac(&self, out: &State) -> Mac {
        Mac::new(self.0.mac(out).first_8())
    }

    fn response(&self, out: &State) -> Response {
        let res = self.0.res(out);
        Response {
            res: Res::from_slice(res.expose()).expect("AkaResLength allows 4, 8 and 16 octets"),
            ck: Ck::new(self.0.ck(out).first_16()),
            ik: Ik::new(self.0.ik(out).first_16()),
        }
    }
}

impl Algorithm for Tuak {
    fn respond(&self, rand: &Rand) -> Response {
        let States([out]) = &self.0.run([self.0.f2345_input(rand)]);
        self.response(out)
    }
}

impl HomeAlgorithm for Tuak {
    fn challenge(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> (Autn, Response) {
        let outputs = self.0.run(self.challenge_inputs(rand, sqn, amf));
        self.read_challenge(sqn, amf, &outputs.0)
    }

    fn open_auts(&self, rand: &Rand, auts: &Auts) -> (Sqn, Mac) {
        let sqn = reveal(auts.concealed_sqn(), &self.0.f5_star(rand));
        let States([out]) = &self.0.run([self.0.f1_star_input(rand, sqn, Amf::ZERO)]);
        (sqn, self.mac(out))
    }

    fn vectors(jobs: &mut [Job<'_, Self>]) {
        side_by_side::vectors(jobs);
    }
}

impl CardAlgorithm for Tuak {
    fn open_autn(&self, rand: &Rand, autn: &Autn) -> (Sqn, Mac, Response) {
        let States([second]) = &self.0.run([self.0.f2345_input(rand)]);
        let sqn = reveal(autn.concealed_sqn(), &anonymity_key(second));
        let States([first]) = &self.0.run([self.0.f1_input(rand, sqn, autn.amf())]);
        (sqn, self.mac(first), self.response(second))
    }

    fn auts(&self, rand: &Rand, sqn_ms: Sqn) -> Auts {
        let mac = self.0.f1_star_input(rand, sqn_ms, Amf::ZERO);
        let States([first, second]) = &self.0.run([mac, self.0.f5_star_input(rand)]);
        Auts::from_parts(conceal(sqn_ms, &anonymity_key(second)), self.mac(first))
    }
}
