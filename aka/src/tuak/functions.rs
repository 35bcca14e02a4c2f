//! f1 to f5, f1* and f5* (TS 35.231 §6).

use core::{fmt, num::NonZeroU8};

use subtle::{Choice, ConstantTimeEq};

use super::{Key, KeyLength, Lengths, MacLength, ResLength, Top, Topc};
use crate::{
    Ak, Amf, Hex, Rand, Sqn,
    keccak::{self, State, States},
    octets::wiped,
};

/// One subscriber's TUAK with every choice that TS 35.231 leaves to the operator.
#[derive(Clone)]
pub struct Functions {
    /// What all inputs have in common: TOPc, key and padding.
    template: State,
    key_length: KeyLength,
    lengths: Lengths,
    iterations: NonZeroU8,
}

wiped!(Functions: template);

impl Functions {
    /// One iteration of Keccak, the usual choice.
    pub const ONE_ITERATION: NonZeroU8 = NonZeroU8::MIN;

    /// The functions under `key` and `topc`, which must have been derived with the same number of
    /// `iterations`.
    pub fn new(key: &Key, topc: &Topc, lengths: Lengths, iterations: NonZeroU8) -> Self {
        Self {
            template: template(key, topc.expose()),
            key_length: key.length(),
            lengths,
            iterations,
        }
    }

    /// The network authentication function: MAC-A.
    pub fn f1(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> Output {
        let States([out]) = &self.run([self.f1_input(rand, sqn, amf)]);
        self.mac(out)
    }

    /// The resynchronisation message authentication function: MAC-S.
    pub fn f1_star(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> Output {
        let States([out]) = &self.run([self.f1_star_input(rand, sqn, amf)]);
        self.mac(out)
    }

    /// The user authentication function: RES.
    pub fn f2(&self, rand: &Rand) -> Output {
        let States([out]) = &self.run([self.f2345_input(rand)]);
        self.res(out)
    }

    /// The cipher key derivation function: CK.
    pub fn f3(&self, rand: &Rand) -> Output {
        let States([out]) = &self.run([self.f2345_input(rand)]);
        self.ck(out)
    }

    /// The integrity key derivation function: IK.
    pub fn f4(&self, rand: &Rand) -> Output {
        let States([out]) = &self.run([self.f2345_input(rand)]);
        self.ik(out)
    }

    /// The anonymity key derivation function: AK.
    pub fn f5(&self, rand: &Rand) -> Ak {
        let States([out]) = &self.run([self.f2345_input(rand)]);
        anonymity_key(out)
    }

    /// The anonymity key derivation function for resynchronisation: AK*.
    pub fn f5_star(&self, rand: &Rand) -> Ak {
        let States([out]) = &self.run([self.f5_star_input(rand)]);
        anonymity_key(out)
    }

    pub(super) const fn iterations(&self) -> NonZeroU8 {
        self.iterations
    }

    pub(super) fn f1_input(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> State {
        let instance = self.mac_bits() | self.key_bit();
        with_sqn(self.input(instance, rand), sqn, amf)
    }

    pub(super) fn f1_star_input(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> State {
        let instance = 0x80 | self.mac_bits() | self.key_bit();
        with_sqn(self.input(instance, rand), sqn, amf)
    }

    pub(super) fn f2345_input(&self, rand: &Rand) -> State {
        let res = match self.lengths.res {
            ResLength::Bits32 => 0x00,
            ResLength::Bits64 => 0x08,
            ResLength::Bits128 => 0x10,
            ResLength::Bits256 => 0x20,
        };
        let ck = u8::from(self.lengths.ck.is_256()) << 2;
        let ik = u8::from(self.lengths.ik.is_256()) << 1;
        self.input(0x40 | res | ck | ik | self.key_bit(), rand)
    }

    pub(super) fn f5_star_input(&self, rand: &Rand) -> State {
        self.input(0xc0 | self.key_bit(), rand)
    }

    /// Side by side, where the processor can.
    pub(super) fn run<const N: usize>(&self, inputs: [State; N]) -> States<N> {
        let mut states = States(inputs);
        for _ in 0..self.iterations.get() {
            keccak::permute(&mut states.0);
        }
        states
    }

    pub(super) fn mac(&self, out: &State) -> Output {
        Output::read(out, 0, self.lengths.mac.octets())
    }

    pub(super) fn res(&self, out: &State) -> Output {
        Output::read(out, 0, self.lengths.res.octets())
    }

    pub(super) fn ck(&self, out: &State) -> Output {
        Output::read(out, 4, self.lengths.ck.octets())
    }

    pub(super) fn ik(&self, out: &State) -> Output {
        Output::read(out, 8, self.lengths.ik.octets())
    }

    const fn mac_bits(&self) -> u8 {
        match self.lengths.mac {
            MacLength::Bits64 => 0x08,
            MacLength::Bits128 => 0x10,
            MacLength::Bits256 => 0x20,
        }
    }

    fn key_bit(&self) -> u8 {
        u8::from(self.key_length.is_256())
    }

    fn input(&self, instance: u8, rand: &Rand) -> State {
        let mut state = self.template;
        state[4] = named(instance);
        let rand = u128::from_be_bytes(*rand.as_bytes());
        [state[6], state[5]] = words(rand);
        state
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Functions([redacted])")
    }
}

impl Topc {
    /// TOPc of TOP and K (TS 35.231 §6.1), for the functions with as many `iterations`.
    pub fn derive(key: &Key, top: &Top, iterations: NonZeroU8) -> Self {
        let mut state = States([template(key, top.expose())]);
        let [only] = &mut state.0;
        only[4] = named(u8::from(key.length().is_256()));
        for _ in 0..iterations.get() {
            keccak::permute(&mut state.0);
        }
        let [only] = &state.0;
        Self::new(Output::read(only, 0, Self::SIZE).octets)
    }
}

/// What a function of any length gives: 4 to 32 octets, a secret.
#[derive(Clone)]
pub struct Output {
    octets: [u8; 32],
    size: u8,
}

wiped!(Output: octets, size);

impl Output {
    /// The octets as they go over the wire.
    pub fn expose(&self) -> &[u8] {
        self.octets
            .get(..usize::from(self.size))
            .expect("at most 32 by construction")
    }

    /// For printing with `{:x}` or `{:X}`; `Debug` never shows the octets.
    pub fn expose_hex(&self) -> Hex<'_> {
        Hex(self.expose())
    }

    /// The first 16 octets: all of a key of 128 bits.
    pub(super) fn first_16(&self) -> [u8; 16] {
        let [first @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = self.octets;
        first
    }

    /// The first 8 octets: all of a MAC of 64 bits.
    pub(super) fn first_8(&self) -> [u8; 8] {
        let [first @ .., _, _, _, _, _, _, _, _] = self.first_16();
        first
    }

    /// Reads backwards, as everything in TUAK stands: the lowest lane comes last.
    fn read(out: &State, first_lane: usize, size: usize) -> Self {
        let mut made = Self {
            octets: [0; 32],
            size: u8::try_from(size).expect("at most 32"),
        };
        let (places, _) = made.octets.as_chunks_mut();
        for (place, lane) in places
            .iter_mut()
            .take(size / 8)
            .rev()
            .zip(out.iter().skip(first_lane))
        {
            *place = lane.to_be_bytes();
        }
        if let (4, Some(lane)) = (size, out.get(first_lane)) {
            let [_, _, _, _, low @ ..] = lane.to_be_bytes();
            for (place, octet) in made.octets.iter_mut().zip(low) {
                *place = octet;
            }
        }
        // To move it would leave it behind here as well; what is cloned is wiped.
        made.clone()
    }
}

impl ConstantTimeEq for Output {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.octets.ct_eq(&other.octets) & self.size.ct_eq(&other.size)
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output([redacted])")
    }
}

/// TOP or TOPc in lanes 0 to 3, K in 8 to 11, the padding of Keccak with capacity 512.
fn template(key: &Key, top: &[u8; 32]) -> State {
    let mut state = [0; 25];
    let (high, low) = halves(top);
    [state[3], state[2]] = words(high);
    [state[1], state[0]] = words(low);
    let (high, low) = halves(&key.octets);
    match key.length {
        KeyLength::Bits128 => [state[9], state[8]] = words(high),
        KeyLength::Bits256 => {
            [state[11], state[10]] = words(high);
            [state[9], state[8]] = words(low);
        }
    }
    state[12] = 0x1f;
    state[16] = 0x80 << 56;
    state
}

/// INSTANCE below ALGONAME.
const fn named(instance: u8) -> u64 {
    u64::from_be_bytes([b'T', b'U', b'A', b'K', b'1', b'.', b'0', instance])
}

/// SQN above AMF.
fn with_sqn(mut state: State, sqn: Sqn, amf: Amf) -> State {
    state[7] = sqn.get() << 16 | u64::from(u16::from_be_bytes(*amf.as_bytes()));
    state
}

/// Bits 0 to 47 of lane 12.
pub(super) fn anonymity_key(out: &State) -> Ak {
    let [_, _, ak @ ..] = out[12].to_be_bytes();
    Ak::new(ak)
}

fn halves(octets: &[u8; 32]) -> (u128, u128) {
    let (halves, _) = octets.as_chunks();
    let mut halves = halves.iter().map(|half| u128::from_be_bytes(*half));
    let mut next = || halves.next().expect("32 octets are two halves");
    (next(), next())
}

/// The high word, then the low one.
fn words(value: u128) -> [u64; 2] {
    let word = |shifted: u128| u64::try_from(shifted & u128::from(u64::MAX)).expect("masked");
    [word(value >> 64), word(value)]
}
