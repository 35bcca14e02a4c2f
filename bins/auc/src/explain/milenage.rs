//! MILENAGE, by the formulas of TS 35.206 §4.1, with nothing but AES in common with `aka`'s.

use std::fmt;

use aka::{Amf, K, Op, Opc, Rand, Sqn, milenage::Constants};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Value;

/// The intermediate values of one vector; all of them are secrets.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Explanation {
    k: K,
    opc: u128,
    rand: u128,
    in1: u128,
    c: [u128; 5],
    r: [u32; 5],
}

/// A 128-bit value of TS 35.206; wiped on drop, never shown by `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Block([u8; 16]);

impl Block {
    /// The octets, most significant first.
    pub const fn expose(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::LowerHex for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Block([redacted])")
    }
}

impl Explanation {
    /// Takes what a vector is made of; the constants are those of TS 35.206 §4.1.
    pub fn new(k: &K, opc: &Opc, rand: &Rand, sqn: Sqn, amf: Amf) -> Self {
        Self::with_constants((k, opc), Constants::STANDARD, rand, sqn, amf)
    }

    /// The same with an operator's own constants.
    pub fn with_constants(
        (k, opc): (&K, &Opc),
        constants: Constants,
        rand: &Rand,
        sqn: Sqn,
        amf: Amf,
    ) -> Self {
        let half = u128::from(sqn.get()) << 16 | u128::from(u16::from_be_bytes(*amf.as_bytes()));
        let (c, r) = constants.expose();
        Self {
            k: k.clone(),
            opc: u128::from_be_bytes(*opc.expose()),
            rand: u128::from_be_bytes(*rand.as_bytes()),
            in1: half << 64 | half,
            c: c.map(u128::from_be_bytes),
            r: r.map(u32::from),
        }
    }

    /// OPc, TEMP, IN1 and OUT1 to OUT5, under these names.
    pub fn values(&self) -> Vec<Value> {
        let named = [
            ("OPc", block(self.opc)),
            ("TEMP", self.temp()),
            ("IN1", self.in1()),
            ("OUT1", self.out1()),
            ("OUT2", self.out2()),
            ("OUT3", self.out3()),
            ("OUT4", self.out4()),
            ("OUT5", self.out5()),
        ];
        named
            .iter()
            .map(|(name, value)| Value::new(name, value.expose()))
            .collect()
    }

    /// TEMP = E(RAND ⊕ OPc).
    pub fn temp(&self) -> Block {
        block(self.temp_value())
    }

    /// IN1 = SQN ‖ AMF ‖ SQN ‖ AMF.
    pub fn in1(&self) -> Block {
        block(self.in1)
    }

    /// OUT1 = E(TEMP ⊕ rot(IN1 ⊕ OPc, r1) ⊕ c1) ⊕ OPc: MAC-A ‖ MAC-S.
    pub fn out1(&self) -> Block {
        let ([c, ..], [r, ..]) = (self.c, self.r);
        let input = self.temp_value() ^ (self.in1 ^ self.opc).rotate_left(r) ^ c;
        block(self.encrypt(input) ^ self.opc)
    }

    /// OUT2 = E(rot(TEMP ⊕ OPc, r2) ⊕ c2) ⊕ OPc: AK in front, RES at the back.
    pub fn out2(&self) -> Block {
        let ([_, c, ..], [_, r, ..]) = (self.c, self.r);
        self.out(r, c)
    }

    /// OUT3 = E(rot(TEMP ⊕ OPc, r3) ⊕ c3) ⊕ OPc: CK.
    pub fn out3(&self) -> Block {
        let ([_, _, c, ..], [_, _, r, ..]) = (self.c, self.r);
        self.out(r, c)
    }

    /// OUT4 = E(rot(TEMP ⊕ OPc, r4) ⊕ c4) ⊕ OPc: IK.
    pub fn out4(&self) -> Block {
        let ([.., c, _], [.., r, _]) = (self.c, self.r);
        self.out(r, c)
    }

    /// OUT5 = E(rot(TEMP ⊕ OPc, r5) ⊕ c5) ⊕ OPc: AK* in front.
    pub fn out5(&self) -> Block {
        let ([.., c], [.., r]) = (self.c, self.r);
        self.out(r, c)
    }

    fn out(&self, rotation: u32, constant: u128) -> Block {
        let input = (self.temp_value() ^ self.opc).rotate_left(rotation) ^ constant;
        block(self.encrypt(input) ^ self.opc)
    }

    fn temp_value(&self) -> u128 {
        self.encrypt(self.rand ^ self.opc)
    }

    /// E under K. OPc = OP ⊕ E(OP), so deriving an OPc encrypts any block.
    fn encrypt(&self, input: u128) -> u128 {
        let derived = Opc::derive(&self.k, &Op::new(input.to_be_bytes()));
        u128::from_be_bytes(*derived.expose()) ^ input
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Explanation([redacted])")
    }
}

fn block(value: u128) -> Block {
    Block(value.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use aka::Milenage;

    use super::*;

    /// The standard's now and then, others in between.
    fn constants(seed: u8) -> Constants {
        let c = [1, 2, 3, 4, 5].map(|n| [seed.wrapping_mul(n); 16]);
        let r = [0, 1, 2, 3, 4].map(|n| (seed / 2 + n) % 128);
        if seed.is_multiple_of(2) {
            Constants::STANDARD
        } else {
            Constants::new(c, r).unwrap()
        }
    }

    #[test]
    fn the_formulas_agree_with_the_functions() {
        for seed in 0..=255_u8 {
            let (k, opc) = (K::new([seed; 16]), Opc::new([seed ^ 0x5a; 16]));
            let (rand, amf) = (Rand::new([seed.wrapping_mul(7); 16]), Amf::new([seed, 1]));
            let sqn = Sqn::new(u64::from(seed) << 39 | 0x1234).unwrap();
            let constants = constants(seed);
            let explained = Explanation::with_constants((&k, &opc), constants, &rand, sqn, amf);
            let milenage = Milenage::with_constants(&k, &opc, constants);

            let out1 = explained.out1();
            assert_eq!(out1.expose()[..8], *milenage.f1(&rand, sqn, amf).as_bytes());
            let mac_s = milenage.f1_star(&rand, sqn, amf);
            assert_eq!(out1.expose()[8..], *mac_s.as_bytes());
            let out2 = explained.out2();
            assert_eq!(out2.expose()[..6], *milenage.f5(&rand).expose());
            assert_eq!(out2.expose()[8..], *milenage.f2(&rand).expose());
            assert_eq!(explained.out3().expose(), milenage.f3(&rand).expose());
            assert_eq!(explained.out4().expose(), milenage.f4(&rand).expose());
            let out5 = explained.out5();
            assert_eq!(out5.expose()[..6], *milenage.f5_star(&rand).expose());
        }
    }
}
