//! A home that has lost its sequence numbers finds them again.
//!
//! `cargo run -p aka --features std --example resync`

use std::error::Error;

use aka::{
    Amf, Imsi, K, Milenage, Opc, Rand, Sqn,
    card::{Card, Outcome, Policy, SeqArray},
    network::{Home, MemoryStore, Request},
};

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() -> Result<(), Box<dyn Error>> {
    let milenage = Milenage::new(&K::new([0x46; 16]), &Opc::new([0xcd; 16]));
    let imsi: Imsi = "001010000000001".parse()?;

    // The card has taken SEQ 4711 in each slot; the home believes that it never issued any.
    let seqs = SeqArray::from_array([4711; SeqArray::SLOTS])?;
    let mut card = Card::with_state(Policy::new(), seqs);
    let home = Home::new(MemoryStore::new().with(imsi, Sqn::ZERO));

    for attempt in 1..=2_u8 {
        let request = Request::new(Rand::new([attempt; 16]), Amf::ZERO);
        let vector = home.vector(&milenage, &imsi, request)?;
        match card.authenticate(&milenage, &vector.rand, &vector.autn)? {
            Outcome::Success { res, .. } => {
                println!("{attempt}: RES matches: {}", vector.verify(&res));
            }
            Outcome::SyncFailure(auts) => {
                let result = home.resynchronise(&milenage, &imsi, &vector.rand, &auts)?;
                println!("{attempt}: AUTS {:x}: {result:?}", auts.hex());
            }
        }
    }
    Ok(())
}
