//! A thousand subscribers, none like the other, the same in every run.

use aka::{Amf, K, Opc, Rand, Sqn};

pub(crate) const COUNT: u16 = 1000;

pub(crate) struct Subscriber {
    pub(crate) k: K,
    pub(crate) opc: Opc,
    pub(crate) rand: Rand,
    pub(crate) sqn: Sqn,
    pub(crate) amf: Amf,
}

pub(crate) fn subscribers() -> Vec<Subscriber> {
    let octets = |number: u16, salt: u128| {
        let mixed = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        (mixed ^ salt).to_be_bytes()
    };
    let subscriber = |number| Subscriber {
        k: K::new(octets(number, 1)),
        opc: Opc::new(octets(number, 2)),
        rand: Rand::new(octets(number, 3)),
        sqn: Sqn::new((u64::from(number) + 1) << 5).expect("22 bits"),
        amf: Amf::SEPARATED,
    };
    (0..COUNT).map(subscriber).collect()
}
