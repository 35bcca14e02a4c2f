//! The real PC/SC daemon with the virtual reader of vsmartcard.

use anyhow::{Context as _, Result};

use crate::{Namespace, Running, wait};

/// The first of the two readers that vpcd brings.
pub const READER: &str = "Virtual PCD 00 00";

/// Where the reader waits for its card.
pub const VPCD: &str = "127.0.0.1:35963";

/// A pcscd that runs in a namespace.
#[derive(Debug)]
pub struct Pcscd {
    running: Running,
}

impl Pcscd {
    /// Starts it and waits until its readers are there.
    ///
    /// # Errors
    /// When the readers do not come.
    pub fn start(namespace: &Namespace) -> Result<Self> {
        // What a killed one leaves behind keeps the next one from starting.
        namespace
            .program("sh")
            .args("-c")
            .arg("rm -f /run/pcscd/*")
            .demand()?;
        let running = namespace.program("pcscd").args("--foreground").start()?;
        wait::until("the virtual readers", || {
            readers(namespace).filter(|list| list.contains(READER))
        })
        .with_context(|| running.log())?;
        Ok(Self { running })
    }

    /// Waits until a card is in the first reader.
    ///
    /// # Errors
    /// When none comes.
    pub fn card_comes(&self, namespace: &Namespace) -> Result<()> {
        wait::until("the card in its reader", || card_answers(namespace))
            .with_context(|| self.running.log())
    }

    /// Ends it at once.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(mut self) -> Result<()> {
        self.running.kill()
    }
}

/// What opensc-tool says of the readers, where it can reach the daemon.
pub(crate) fn readers(namespace: &Namespace) -> Option<String> {
    let finished = namespace
        .program("opensc-tool")
        .args("--list-readers")
        .finish()
        .ok()?;
    finished.success.then_some(finished.output)
}

/// Something when a card in the first reader answers: pcscd goes on showing one that was pulled
/// until it looks again.
pub(crate) fn card_answers(namespace: &Namespace) -> Option<()> {
    let select = namespace
        .program("opensc-tool")
        .args("--reader 0 -s 00A40004023F00");
    let finished = select.finish().ok()?;
    (finished.success && finished.output.contains("SW1=0x90")).then_some(())
}
