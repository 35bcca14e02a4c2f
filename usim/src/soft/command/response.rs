//! How data leave: at once, or by GET RESPONSE (TS 102 221 §7.3, §12.1.1).

use crate::{
    apdu::StatusWord,
    soft::{
        Quirk,
        chip::{Book, Chip, Outcome, Request},
        reply::Reply,
        status,
    },
    transport::Protocol,
};

impl Chip {
    /// Decides how many octets of `available` a command without data gives; where it may not
    /// give fewer than all, ask [`exactly`](Chip::exactly).
    pub(in crate::soft) fn up_to(
        &self,
        request: &Request<'_>,
        available: usize,
    ) -> Result<usize, StatusWord> {
        let all = match self.expected(request)? {
            expected if expected <= available => return Ok(expected),
            256.. => self.protocol == Protocol::T1,
            _ => false,
        };
        if all {
            Ok(available)
        } else {
            Err(status::wrong_expected(available))
        }
    }

    /// The same for what has one length only, such as a record.
    pub(in crate::soft) fn exactly(&self, request: &Request<'_>, available: usize) -> Outcome {
        match self.expected(request)? {
            expected if expected == available => Ok(()),
            256.. if self.protocol == Protocol::T1 => Ok(()),
            _ => Err(status::wrong_expected(available)),
        }
    }

    /// What a command wrote to `reply` leaves as the protocol has it.
    pub(in crate::soft) fn deliver(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        let available = reply.len();
        if available == 0 || request.command.data().is_empty() && !self.holds_back(request) {
            return Ok(());
        }
        let at_once = match (request.command.expected(), request.book) {
            (Some(expected), Book::Uicc | Book::Proprietary) if self.protocol == Protocol::T1 => {
                expected.min(available)
            }
            _ => 0,
        };
        self.pending
            .keep(reply.octets().get(at_once..).unwrap_or_default());
        reply.truncate(at_once);
        match available.saturating_sub(at_once) {
            0 => Ok(()),
            _ if self.quirks.has(Quirk::SelectWarning) && request.command.ins() == 0xa4 => {
                Err(status::SELECTED_WITH_WARNING)
            }
            waiting => Err(status::more_data(waiting)),
        }
    }

    pub(in crate::soft) fn get_response(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        if request.command.p1() != 0 || request.command.p2() != 0 {
            return Err(status::INCORRECT_P1_P2);
        }
        if self.quirks.has(Quirk::EndlessMoreData) {
            return Err(status::more_data(16));
        }
        let waiting = self.pending.octets().len();
        if waiting == 0 {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        let size = self.up_to(request, waiting)?;
        reply.put(self.pending.octets().get(..size).unwrap_or_default());
        self.pending.sent(size);
        match waiting.saturating_sub(size) {
            0 => Ok(()),
            rest => Err(status::more_data(rest)),
        }
    }

    /// How many octets the caller expects; under T=0 a command always has a P3, which is 0 = 256
    /// where the APDU leaves it out.
    fn expected(&self, request: &Request<'_>) -> Result<usize, StatusWord> {
        if self.quirks.has(Quirk::EndlessWrongLength) {
            return Err(status::wrong_expected(
                request.command.expected().map_or(1, |le| le % 200 + 1),
            ));
        }
        match (request.command.expected(), self.protocol) {
            (Some(expected), _) => Ok(expected),
            (None, Protocol::T0) => Ok(256),
            (None, Protocol::T1) => Err(status::WRONG_LENGTH),
        }
    }

    /// A command without data in either direction still gives data by GET RESPONSE: SELECT of
    /// the MF without its identifier, or of the parent.
    fn holds_back(&self, request: &Request<'_>) -> bool {
        request.command.ins() == 0xa4
            && (self.protocol == Protocol::T0 || request.command.expected().is_none())
    }
}
