//! The software card in a virtual reader, and the subscriber that it is.

use anyhow::{Context as _, Result};

use crate::{Namespace, Running, pcscd, wait};

/// The default card's subscriber.
pub const IMSI: &str = "001010000000001";

/// The default card's key: set 1 of TS 35.208.
pub const K: &str = "465b5ce8b199b49faa5f0a2ee238a6bc";

/// The default card's operator field.
pub const OPC: &str = "cd63cb71954a9f4e48a5994e37a02baf";

/// The software card's answer to reset.
pub const ATR: &str = "3B 8E 80 1F C7 80 31 E0 73 FE 21 17 66 73 69 6D 6B 65 79 5A";

/// A subscribers' file for `auc`, with the default card's subscriber at a sequence number.
#[must_use]
pub fn subscribers(k: &str, sqn: u64) -> String {
    format!("imsi,k,opc,amf,sqn\n{IMSI},{k},{OPC},8000,{sqn:012x}\n")
}

/// `usimctl emulate`: the software card in the first virtual reader.
#[derive(Debug)]
pub struct SoftCard {
    running: Running,
}

impl SoftCard {
    /// Inserts the default card, whose state lies in the namespace's folder and outlives it.
    ///
    /// # Errors
    /// When the reader does not see it.
    pub fn insert(namespace: &Namespace) -> Result<Self> {
        let state = namespace.folder().join("card.state");
        let emulate = namespace
            .ours("usimctl")?
            .args("emulate --vpcd")
            .arg(pcscd::VPCD);
        let running = emulate.arg("--state").arg(state).start()?;
        wait::until("the card in its reader", || pcscd::card_answers(namespace))
            .with_context(|| running.log())?;
        Ok(Self { running })
    }

    /// Pulls it at once.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(mut self) -> Result<()> {
        self.running.kill()
    }
}
