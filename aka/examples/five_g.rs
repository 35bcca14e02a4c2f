//! 5G AKA from K and OPc to a verified RES*, and down to the keys of the radio (TS 33.501 §6.1.3.2).
//!
//! `cargo run -p aka --features std --example five_g`

use std::error::Error;

use aka::{
    Amf, Imsi, K, Milenage, MncLength, Opc, Rand, Sqn,
    card::{Access, Card, Outcome},
    kdf::five_g::{AccessType, HomeKeys, HomeVector, ServingNetworkName},
    network::{Home, MemoryStore, Request},
};

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() -> Result<(), Box<dyn Error>> {
    let k: K = "465b5ce8b199b49faa5f0a2ee238a6bc".parse()?;
    let opc: Opc = "cd63cb71954a9f4e48a5994e37a02baf".parse()?;
    let milenage = Milenage::new(&k, &opc);
    let imsi: Imsi = "001010000000001".parse()?;
    let network = ServingNetworkName::from(&imsi.plmn(MncLength::Two));

    // The home: a vector, bound to the network that asks. KAUSF stays here.
    let home = Home::new(MemoryStore::new().with(imsi, Sqn::ZERO));
    let rand = Rand::new([0x23; 16]); // in earnest: Rand::generate(getrandom::fill)?
    let vector = home.vector(&milenage, &imsi, Request::new(rand, Amf::SEPARATED))?;
    let home_vector = HomeVector::new(&vector, &network);

    // The serving network gets RAND, AUTN and HXRES*, which tells it nothing beforehand.
    let hxres_star = home_vector.xres_star.hash(&rand);
    println!("{network}: HXRES* {:x}", hxres_star.hex());

    // The terminal: the card answers, the equipment checks AMF and derives RES*.
    let outcome = Card::default().authenticate(&milenage, &rand, &vector.autn)?;
    let outcome = outcome.for_access(Access::Separated, vector.autn.amf())?;
    let Outcome::Success { res, ck, ik, .. } = outcome else {
        return Err("a first vector is fresh".into());
    };
    let terminal = HomeKeys::new(&ck, &ik, network);
    let res_star = terminal.res_star(&rand, &res);

    // First the serving network compares hashes, then the home RES*, and only then KSEAF goes out.
    println!("HRES* fits: {}", res_star.hash(&rand) == hxres_star);
    println!("RES* fits: {}", home_vector.xres_star.verify(&res_star));

    let kamf = |kausf: &aka::kdf::five_g::Kausf| kausf.kseaf(&network).kamf(imsi.as_str(), &[0, 0]);
    let there = kamf(&home_vector.kausf).kgnb(0, AccessType::ThreeGpp);
    let here = kamf(&terminal.kausf(&vector.autn)).kgnb(0, AccessType::ThreeGpp);
    println!("both have KgNB: {}", there.expose() == here.expose());
    Ok(())
}
