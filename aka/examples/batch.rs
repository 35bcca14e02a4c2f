//! Vectors of a thousand subscribers at once, and how long they took.
//!
//! `cargo run --release -p aka --features std --example batch`

use std::{error::Error, time::Instant};

use aka::{
    Amf, Ind, K, Milenage, Opc, Rand, Sqn,
    batch::{self, Job},
    network::Sequence,
};

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() -> Result<(), Box<dyn Error>> {
    let subscribers: Vec<Milenage> = (0..1000_u16)
        .map(|number| {
            let [high, low] = number.to_be_bytes();
            let k = std::array::from_fn(|place| if place % 2 == 0 { high } else { low });
            Milenage::new(&K::new(k), &Opc::new([0xcd; 16]))
        })
        .collect();

    // A batch takes numbers that are reserved: in earnest each comes out of a store.
    let sqn = Sequence::new().next(Sqn::ZERO, Ind::ZERO)?;
    let rand = Rand::new([0x23; 16]); // in earnest: Rand::generate for each
    let mut jobs: Vec<_> = subscribers
        .iter()
        .map(|milenage| Job::new(milenage, rand, sqn, Amf::SEPARATED))
        .collect();

    let begun = Instant::now();
    batch::vectors(&mut jobs);
    let spent = begun.elapsed();

    let made = jobs.iter().filter(|job| job.vector().is_some()).count();
    println!("{made} vectors in {spent:?}");
    if let Some(vector) = jobs.first().and_then(Job::vector) {
        println!("the first: AUTN {:x}", vector.autn.hex());
    }
    Ok(())
}
