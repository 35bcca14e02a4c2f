//! The one subscriber there is, on both sides.

use aka::{
    Amf, Imsi, K, Milenage, Opc, Rand, Sqn, algorithm::HomeAlgorithm as _, card::Card,
    kdf::gsm::SresFunction, network::Triplet,
};
use anyhow::{Context as _, Result};
use counterparts::card;

pub(crate) fn imsi() -> Result<Imsi> {
    Ok(card::IMSI.parse()?)
}

pub(crate) fn milenage() -> Result<Milenage> {
    let k: K = card::K.parse()?;
    let opc: Opc = card::OPC.parse()?;
    Ok(Milenage::new(&k, &opc))
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut octets = [0; N];
    getrandom::fill(&mut octets).context("the system has no randomness")?;
    Ok(octets)
}

pub(crate) fn triplet(rand: Rand) -> Result<Triplet> {
    Ok(Triplet::generate(&milenage()?, rand, SresFunction::Folded))
}

/// A card that has taken `sqn` already.
pub(crate) fn card_at(sqn: u64) -> Result<Card> {
    let mut card = Card::default();
    if sqn > 0 {
        let milenage = milenage()?;
        let rand = Rand::new(random()?);
        let (autn, _) = milenage.challenge(&rand, Sqn::new(sqn)?, Amf::ZERO);
        card.authenticate(&milenage, &rand, &autn)?;
    }
    Ok(card)
}
