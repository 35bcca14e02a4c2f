//! TUAK, by the formulas of TS 35.231 §6, with nothing in common with `aka`'s.

use std::{fmt, num::NonZeroU8};

use aka::{
    Amf, Rand, Sqn,
    tuak::{Key, KeyLength, Topc},
};
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use super::{Value, keccak};
use crate::ResLength;

/// What Keccak takes and gives for each function; all of it is secret.
#[derive(Clone, ZeroizeOnDrop)]
pub struct TuakExplanation {
    k: Vec<u8>,
    topc: [u8; 32],
    rand: [u8; 16],
    iterations: u8,
    /// RES of 4, 8 or 16 octets as INSTANCE has it.
    res_bits: u8,
}

/// The 200 octets of Keccak's state, in the order of FIPS 202.
type State = Zeroizing<[u8; 200]>;

impl TuakExplanation {
    /// Takes what a vector is made of, but for its number.
    pub fn new(
        (key, topc, iterations): (&Key, &Topc, NonZeroU8),
        res_length: ResLength,
        rand: &Rand,
    ) -> Self {
        let res_bits = match res_length.octets() {
            ..=4 => 0x00,
            5..=8 => 0x08,
            9.. => 0x10,
        };
        debug_assert_eq!(key.length() == KeyLength::Bits256, key.expose().len() == 32);
        Self {
            k: key.expose().to_vec(),
            topc: *topc.expose(),
            rand: *rand.as_bytes(),
            iterations: iterations.get(),
            res_bits,
        }
    }

    /// What f1 takes: MAC-A is at the beginning of what Keccak makes of it.
    pub fn f1_in(&self, sqn: Sqn, amf: Amf) -> State {
        self.input(0x08, Some((sqn, amf)))
    }

    /// What f1* takes, over AMF 0000.
    pub fn f1_star_in(&self, sqn: Sqn) -> State {
        self.input(0x88, Some((sqn, Amf::ZERO)))
    }

    /// What f2, f3, f4 and f5 take together.
    pub fn f2345_in(&self) -> State {
        self.input(0x40 | self.res_bits, None)
    }

    /// What f5* takes.
    pub fn f5_star_in(&self) -> State {
        self.input(0xc0, None)
    }

    /// What Keccak makes of an input, applied as often as the operator wants.
    pub fn out(&self, input: &State) -> State {
        let mut lanes: keccak::Lanes = [0; 25];
        for (lane, octets) in lanes.iter_mut().zip(input.as_chunks().0) {
            *lane = u64::from_le_bytes(*octets);
        }
        for _ in 0..self.iterations {
            keccak::permute(&mut lanes);
        }
        let mut out = Zeroizing::new([0; 200]);
        for (octets, lane) in out.as_chunks_mut().0.iter_mut().zip(lanes) {
            *octets = lane.to_le_bytes();
        }
        lanes.zeroize();
        out
    }

    /// TOPc, and IN and OUT of each function.
    pub fn values(&self, sqn: Sqn, amf: Amf) -> Vec<Value> {
        let inputs = [
            (["f1 IN", "f1 OUT"], self.f1_in(sqn, amf)),
            (["f1* IN", "f1* OUT"], self.f1_star_in(sqn)),
            (["f2345 IN", "f2345 OUT"], self.f2345_in()),
            (["f5* IN", "f5* OUT"], self.f5_star_in()),
        ];
        let mut values = vec![Value::new("TOPc", self.topc)];
        for ([name_in, name_out], input) in &inputs {
            values.push(Value::new(name_in, **input));
            values.push(Value::new(name_out, *self.out(input)));
        }
        values
    }

    /// TOPc, INSTANCE, ALGONAME, RAND, AMF, SQN, K and the padding, each last octet first (§6.2).
    fn input(&self, instance: u8, number: Option<(Sqn, Amf)>) -> State {
        let is_256 = self.k.len() == 32;
        let instance = instance | u8::from(is_256);
        let (sqn, amf) = number.map_or(([0; 6], [0; 2]), |(sqn, amf)| {
            (sqn.to_bytes(), *amf.as_bytes())
        });
        let gap = vec![0; 32 - self.k.len()];
        let parts: [&[u8]; 10] = [
            &self.topc,
            &[instance],
            b"TUAK1.0",
            &self.rand,
            &amf,
            &sqn,
            &self.k,
            &gap,
            &[0x1f],
            &[0; 38],
        ];
        let mut state = Zeroizing::new([0; 200]);
        let octets = parts.iter().flat_map(|part| part.iter().rev());
        for (to, from) in state.iter_mut().zip(octets.chain(&[0x80])) {
            *to = *from;
        }
        state
    }
}

impl fmt::Debug for TuakExplanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TuakExplanation([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use aka::algorithm::{CardAlgorithm as _, HomeAlgorithm as _};

    use super::*;
    use crate::Keys;

    fn from_the_end(state: &State, first: usize, size: usize) -> Vec<u8> {
        let octets = &state[first..first + size];
        octets.iter().rev().copied().collect()
    }

    #[test]
    fn the_formulas_agree_with_the_functions() {
        for seed in 0..=60_u8 {
            let size = if seed.is_multiple_of(2) { 16 } else { 32 };
            let key = Key::from_slice(&vec![seed; size]).unwrap();
            let topc = Topc::new([seed ^ 0x5a; 32]);
            let iterations = NonZeroU8::new(seed % 3 + 1).unwrap();
            let length = ResLength::new([4, 8, 16][usize::from(seed % 3)]).unwrap();
            let (rand, amf) = (Rand::new([seed.wrapping_mul(7); 16]), Amf::new([seed, 1]));
            let sqn = Sqn::new(u64::from(seed) << 39 | 0x1234).unwrap();
            let explained = TuakExplanation::new((&key, &topc, iterations), length, &rand);
            let functions = Keys::tuak(key, topc, iterations).functions(length);

            let (autn, expected) = functions.challenge(&rand, sqn, amf);
            let mac = explained.out(&explained.f1_in(sqn, amf));
            assert_eq!(from_the_end(&mac, 0, 8), autn.mac().as_bytes());
            let mac = explained.out(&explained.f1_star_in(sqn));
            let auts = functions.auts(&rand, sqn);
            assert_eq!(from_the_end(&mac, 0, 8), auts.mac().as_bytes());
            let out = explained.out(&explained.f2345_in());
            let octets = usize::from(length.octets());
            assert_eq!(from_the_end(&out, 0, octets), expected.res.expose());
            assert_eq!(from_the_end(&out, 32, 16), expected.ck.expose());
            assert_eq!(from_the_end(&out, 64, 16), expected.ik.expose());
            let ak = from_the_end(&out, 96, 6);
            assert_eq!(ak[0] ^ sqn.to_bytes()[0], autn.concealed_sqn()[0]);
            let out = explained.out(&explained.f5_star_in());
            let ak = from_the_end(&out, 96, 6);
            assert_eq!(ak[5] ^ sqn.to_bytes()[5], auts.concealed_sqn()[5]);
        }
    }
}
