//! Crate `aes`, with any constants: no key-dependent tables on any machine, and the AES
//! instructions of x86 and ARMv8 where it finds them.

use aes::{
    Aes128,
    cipher::{Array, BlockCipherEncrypt, KeyInit},
};

use super::{
    constants::{Constants, Pair},
    operations::{Octets, anonymity_key, autn, in1, masked, operations, response},
};
use crate::{Ak, Amf, Autn, Auts, Mac, Rand, Sqn, algorithm::Response, octets::wiped};

/// A subscriber's expanded key, which the crate wipes on drop, and OPc.
#[derive(Clone)]
pub(super) struct Keyed {
    cipher: Aes128,
    opc: OpcBlock,
    constants: Constants,
}

#[derive(Clone)]
struct OpcBlock {
    block: u128,
}

wiped!(OpcBlock: block);

impl Keyed {
    pub(super) fn new(k: &Octets, opc: &Octets, constants: Constants) -> Self {
        let block = load(opc);
        Self {
            cipher: Aes128::new(&Array(*k)),
            opc: OpcBlock { block },
            constants,
        }
    }

    /// TEMP = E(RAND ⊕ OPc).
    fn temp(&self, rand: u128) -> u128 {
        self.encrypt(rand ^ self.opc.block)
    }

    /// OUT1 = E(TEMP ⊕ rot(IN1 ⊕ OPc, r1) ⊕ c1) ⊕ OPc.
    fn out1(&self, temp: u128, in1: u128) -> u128 {
        let opc = self.opc.block;
        self.encrypt(temp ^ self.constants.0[0].apply(in1 ^ opc)) ^ opc
    }

    fn out2(&self, temp: u128) -> u128 {
        self.out(temp, self.constants.0[1])
    }

    fn out3(&self, temp: u128) -> u128 {
        self.out(temp, self.constants.0[2])
    }

    fn out4(&self, temp: u128) -> u128 {
        self.out(temp, self.constants.0[3])
    }

    fn out5(&self, temp: u128) -> u128 {
        self.out(temp, self.constants.0[4])
    }

    /// OUT2 to OUT5 = E(rot(TEMP ⊕ OPc, r) ⊕ c) ⊕ OPc.
    fn out(&self, temp: u128, pair: Pair) -> u128 {
        let opc = self.opc.block;
        self.encrypt(pair.apply(temp ^ opc)) ^ opc
    }

    fn encrypt(&self, block: u128) -> u128 {
        let mut block = Array(store(block));
        self.cipher.encrypt_block(&mut block);
        load(&block.0)
    }
}

operations!(Keyed);

/// E(block) under `k`, nothing else.
pub(super) fn encrypt(k: &Octets, block: &Octets) -> Octets {
    let mut block = Array(*block);
    Aes128::new(&Array(*k)).encrypt_block(&mut block);
    block.0
}

const fn load(octets: &Octets) -> u128 {
    u128::from_be_bytes(*octets)
}

const fn store(block: u128) -> Octets {
    block.to_be_bytes()
}

/// Bits 0 to 63, and 64 to 127.
fn halves(block: u128) -> (u64, u64) {
    let half = |shifted: u128| u64::try_from(shifted & u128::from(u64::MAX)).expect("masked");
    (half(block >> 64), half(block))
}

fn doubled(half: u64) -> u128 {
    u128::from(half) << 64 | u128::from(half)
}
