//! STATUS (TS 102 221 §11.1.2).

use crate::{
    apdu::StatusWord,
    soft::{
        chip::{Chip, Outcome, Request},
        fcp,
        reply::Reply,
        status,
    },
};

impl Chip {
    pub(in crate::soft) fn status(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        if request.command.p1() > 2 {
            return Err(status::INCORRECT_P1_P2);
        }
        let selection = self.selection(request);
        match request.command.p2() {
            0x00 => fcp::put(&self.files, &self.pins, selection.directory, reply),
            0x01 => {
                let current = selection
                    .application
                    .and_then(|id| self.files.application(id));
                let current = current.ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
                reply.nest(0x84, |name| name.put(&current.aid));
            }
            0x0c => return Ok(()),
            _ => return Err(status::INCORRECT_P1_P2),
        }
        let size = self.up_to(request, reply.len())?;
        reply.truncate(size);
        Ok(())
    }
}
