//! The story, step by step.

use anyhow::Result;

use crate::endorse_server::EndorseServer;
use crate::passkeys::Passkeys;
use crate::services::Services;
use crate::sim_server::SimServer;

mod aka;
mod endorsement;
mod passkey;

/// The software card's key, set 1 of TS 35.208; its home knows it too.
pub(crate) const KEY: &str = "465b5ce8b199b49faa5f0a2ee238a6bc";
pub(crate) const OPC: &str = "cd63cb71954a9f4e48a5994e37a02baf";

pub(crate) fn tell(
    sims: &SimServer,
    issuer: &EndorseServer,
    services: &Services,
    passkeys: &Passkeys,
) -> Result<()> {
    aka::tell(sims)?;
    endorsement::tell(sims, issuer, services)?;
    passkey::tell(passkeys)
}
