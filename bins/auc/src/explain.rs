//! Every intermediate value of a MILENAGE vector, for comparing with another implementation.
//!
//! It follows the formulas of TS 35.206 §4.1 one by one, with nothing but AES in common with the
//! functions that the centre uses: the two check each other.
//!
//! ```
//! use aka::{Amf, Sqn};
//! use auc::explain::Explanation;
//!
//! // TS 35.208 §4.3, test set 1
//! let explained = Explanation::new(
//!     &"465b5ce8b199b49faa5f0a2ee238a6bc".parse()?,
//!     &"cd63cb71954a9f4e48a5994e37a02baf".parse()?,
//!     &"23553cbe9637a89d218ae64dae47bf35".parse()?,
//!     "ff9bb4d0b607".parse::<Sqn>()?,
//!     "b9b9".parse::<Amf>()?,
//! );
//! assert_eq!(hex::encode(explained.out1().expose()), "4a9ffac354dfafb301cfaf9ec4e871e9");
//! # Ok::<(), aka::InvalidHex>(())
//! ```

use std::fmt;

use aka::{Amf, K, Op, Opc, Rand, Sqn};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The intermediate values of one vector; all of them are secrets.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Explanation {
    k: K,
    opc: u128,
    rand: u128,
    in1: u128,
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
    /// Takes what a vector is made of.
    pub fn new(k: &K, opc: &Opc, rand: &Rand, sqn: Sqn, amf: Amf) -> Self {
        let half = u128::from(sqn.get()) << 16 | u128::from(u16::from_be_bytes(*amf.as_bytes()));
        Self {
            k: k.clone(),
            opc: u128::from_be_bytes(*opc.expose()),
            rand: u128::from_be_bytes(*rand.as_bytes()),
            in1: half << 64 | half,
        }
    }

    /// TEMP = E(RAND ⊕ OPc).
    pub fn temp(&self) -> Block {
        block(self.temp_value())
    }

    /// IN1 = SQN ‖ AMF ‖ SQN ‖ AMF.
    pub fn in1(&self) -> Block {
        block(self.in1)
    }

    /// OUT1 = E(TEMP ⊕ rot(IN1 ⊕ OPc, 64)) ⊕ OPc: MAC-A ‖ MAC-S.
    pub fn out1(&self) -> Block {
        let input = self.temp_value() ^ (self.in1 ^ self.opc).rotate_left(64);
        block(self.encrypt(input) ^ self.opc)
    }

    /// OUT2 = E(TEMP ⊕ OPc ⊕ 1) ⊕ OPc: AK in front, RES at the back.
    pub fn out2(&self) -> Block {
        self.out(0, 1)
    }

    /// OUT3 = E(rot(TEMP ⊕ OPc, 32) ⊕ 2) ⊕ OPc: CK.
    pub fn out3(&self) -> Block {
        self.out(32, 2)
    }

    /// OUT4 = E(rot(TEMP ⊕ OPc, 64) ⊕ 4) ⊕ OPc: IK.
    pub fn out4(&self) -> Block {
        self.out(64, 4)
    }

    /// OUT5 = E(rot(TEMP ⊕ OPc, 96) ⊕ 8) ⊕ OPc: AK* in front.
    pub fn out5(&self) -> Block {
        self.out(96, 8)
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

    #[test]
    fn the_formulas_agree_with_the_functions() {
        for seed in 0..=255_u8 {
            let (k, opc) = (K::new([seed; 16]), Opc::new([seed ^ 0x5a; 16]));
            let (rand, amf) = (Rand::new([seed.wrapping_mul(7); 16]), Amf::new([seed, 1]));
            let sqn = Sqn::new(u64::from(seed) << 39 | 0x1234).unwrap();
            let explained = Explanation::new(&k, &opc, &rand, sqn, amf);
            let milenage = Milenage::new(&k, &opc);

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
