//! FETCH and TERMINAL RESPONSE (TS 102 221 §11.2.3, §11.2.4): as much of a toolkit as makes the
//! card answer `91xx`.

use crate::{
    apdu::StatusWord,
    soft::{
        chip::{Chip, Outcome, Request},
        reply::Reply,
    },
};

/// MORE TIME (TS 102 223 §6.6.4): command details 01 02 00, from the card to the terminal.
pub(in crate::soft) const MORE_TIME: [u8; 11] = [
    0xd0, 0x09, 0x81, 0x03, 0x01, 0x02, 0x00, 0x82, 0x02, 0x81, 0x82,
];

impl Chip {
    pub(in crate::soft) fn fetch(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        if !self.proactive {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        self.exactly(request, MORE_TIME.len())?;
        reply.put(&MORE_TIME);
        self.proactive = false;
        Ok(())
    }

    /// Whatever the terminal says is taken.
    pub(in crate::soft) fn terminal_response(&mut self) {
        self.proactive = false;
    }
}
