//! Prints an authentication vector, and lets a card answer it.
//!
//! `cargo run -p aka --features std --example vector`

use std::error::Error;

use aka::{
    Amf, Imsi, K, Milenage, Op, Opc, Rand, Sqn,
    card::{Card, Outcome},
    network::{Home, MemoryStore, Request},
};

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() -> Result<(), Box<dyn Error>> {
    // TS 35.208 §4.3, test set 1
    let k: K = "465b5ce8b199b49faa5f0a2ee238a6bc".parse()?;
    let op: Op = "cdc202d5123e20f62b6d676ac72cb318".parse()?;
    let rand: Rand = "23553cbe9637a89d218ae64dae47bf35".parse()?;
    let milenage = Milenage::new(&k, &Opc::derive(&k, &op));

    let imsi: Imsi = "001010000000001".parse()?;
    let home = Home::new(MemoryStore::new().with(imsi, Sqn::ZERO));
    let vector = home.vector(&milenage, &imsi, Request::new(rand, Amf::SEPARATED))?;
    println!("RAND {:x}", vector.rand.hex());
    println!("AUTN {:x}", vector.autn.hex());
    println!("XRES {:x}", vector.xres.expose_hex());
    println!("CK   {:x}", vector.ck.expose_hex());
    println!("IK   {:x}", vector.ik.expose_hex());

    let mut card = Card::default();
    match card.authenticate(&milenage, &vector.rand, &vector.autn)? {
        Outcome::Success { res, .. } => println!("the card agrees: {}", vector.verify(&res)),
        Outcome::SyncFailure(auts) => println!("AUTS {:x}", auts.hex()),
    }
    Ok(())
}
