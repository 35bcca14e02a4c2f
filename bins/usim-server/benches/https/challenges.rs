//! Fresh challenges for the default card, as many as are asked for.

use std::sync::atomic::{AtomicU64, Ordering};

use aka::{Amf, Autn, Ind, IndLength, K, Milenage, Opc, Rand, Sqn, algorithm::HomeAlgorithm as _};

/// A home that uses one slot of the card's array; two never wait for each other.
pub(crate) struct Challenges {
    milenage: Milenage,
    rand: Rand,
    ind: Ind,
}

/// Shared, so that a later client's numbers are above an earlier one's.
static SEQ: AtomicU64 = AtomicU64::new(1);

impl Challenges {
    pub(crate) fn new(slot: u8) -> Self {
        // TS 35.208 test set 1, as in the default profile
        let k: K = "465b5ce8b199b49faa5f0a2ee238a6bc".parse().expect("a K");
        let opc: Opc = "cd63cb71954a9f4e48a5994e37a02baf".parse().expect("an OPc");
        Self {
            milenage: Milenage::new(&k, &opc),
            rand: Rand::new([7; 16]),
            ind: Ind::new(slot).expect("below 32"),
        }
    }

    pub(crate) fn next_challenge(&mut self) -> (Rand, Autn) {
        let seq = SEQ.fetch_add(1, Ordering::Relaxed);
        let sqn = Sqn::from_parts(seq, self.ind, IndLength::FIVE).expect("43 bits are many");
        let (autn, _) = self.milenage.challenge(&self.rand, sqn, Amf::SEPARATED);
        (self.rand, autn)
    }

    pub(crate) fn next_target(&mut self) -> String {
        let (rand, autn) = self.next_challenge();
        format!(
            "/?type=rand-autn&rand={:x}&autn={:x}",
            rand.hex(),
            autn.hex()
        )
    }
}
