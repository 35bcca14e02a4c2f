//! Question and answer: finds the answer in whatever a modem writes.

use std::{mem, str};

use zeroize::{Zeroize, Zeroizing};

use crate::{
    apdu::MAX_RESPONSE,
    at::{CmeError, Refusal, Reply, Request, request::Expects},
};

/// A conversation with a modem, one request after the other.
///
/// Echoes, unsolicited lines before, within and after the answer, noise, and lines ending in `\r`,
/// `\n` or both are coped with. So is an `OK` that some modems send behind an error: it is not
/// taken for the answer to the next request.
#[derive(Debug, Default)]
pub struct Dialogue {
    expects: Option<Expects>,
    line: Zeroizing<Vec<u8>>,
    heard: usize,
    answer: Option<Zeroizing<Vec<u8>>>,
    /// An `OK` of the request before may still be under way.
    stray: Stray,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stray {
    #[default]
    Impossible,
    Possible,
}

impl Dialogue {
    /// The longest line that is listened to: the longest answer in hexadecimal, and what is around.
    pub const MAX_LINE: usize = 2 * MAX_RESPONSE + 64;
    /// How many octets a modem may write to one request.
    pub const MAX_HEARD: usize = 4 * Self::MAX_LINE;

    /// Nothing said yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a request, and forgets what is left of the one before; returns what to write.
    pub fn ask(&mut self, request: &Request) -> Vec<u8> {
        self.expects = Some(request.expects());
        self.line.zeroize();
        self.heard = 0;
        self.answer = None;
        request.octets()
    }

    /// An `OK` that is not for the next request may still be under way, as after a late answer.
    pub fn expect_stray(&mut self) {
        self.stray = Stray::Possible;
    }

    /// Takes what the modem wrote; `None` while the answer is not complete. What follows the
    /// answer is forgotten.
    ///
    /// # Errors
    /// [`Refusal`], when the modem refuses or does not stop talking.
    pub fn hear(&mut self, octets: &[u8]) -> Option<Result<Reply, Refusal>> {
        octets.iter().find_map(|octet| self.hear_octet(*octet))
    }

    fn hear_octet(&mut self, octet: u8) -> Option<Result<Reply, Refusal>> {
        let expects = self.expects?;
        self.heard = self.heard.saturating_add(1);
        if self.heard > Self::MAX_HEARD || self.line.len() > Self::MAX_LINE {
            return Some(self.end(Err(Refusal::Endless)));
        }
        if !matches!(octet, b'\r' | b'\n') {
            self.line.push(octet);
            return None;
        }
        let line = mem::take(&mut self.line);
        self.hear_line(expects, without_noise(&line))
    }

    fn hear_line(&mut self, expects: Expects, line: &[u8]) -> Option<Result<Reply, Refusal>> {
        if let Some(outcome) = final_result(line) {
            if outcome.is_ok() && self.is_stray(expects) {
                self.stray = Stray::Impossible;
                return None;
            }
            return Some(self.end(outcome));
        }
        if let Some(answer) = expects.answer(line) {
            self.answer = Some(Zeroizing::new(answer.to_vec()));
            self.stray = Stray::Impossible;
        }
        None
    }

    /// Whether an `OK` belongs to the request before: it comes without the answer.
    fn is_stray(&self, expects: Expects) -> bool {
        self.stray == Stray::Possible && expects != Expects::Nothing && self.answer.is_none()
    }

    fn end(&mut self, outcome: Result<(), Refusal>) -> Result<Reply, Refusal> {
        self.expects = None;
        if outcome.is_err() {
            self.stray = Stray::Possible;
        }
        let answer = self.answer.take();
        outcome.map(|()| Reply::new(answer))
    }
}

impl Expects {
    /// The part of a line that carries the answer, if it does.
    fn answer(self, line: &[u8]) -> Option<&[u8]> {
        let (prefix, is_bare) = match self {
            Self::Nothing => return None,
            Self::Prefixed(prefix) => (prefix, false),
            Self::Number(prefix) => (prefix, line.iter().all(u8::is_ascii_digit)),
        };
        if is_bare && !line.is_empty() {
            return Some(line);
        }
        after(line, prefix)?.strip_prefix(b":")
    }
}

/// The final result code that a line is (TS 27.007 §4.1, V.250 §5.7); `None` for another line.
fn final_result(line: &[u8]) -> Option<Result<(), Refusal>> {
    if let Some(reason) = after(line, "+CME ERROR:").or_else(|| after(line, "+CMS ERROR:")) {
        let reason = str::from_utf8(reason).unwrap_or_default();
        return Some(Err(Refusal::Cme(CmeError::parse(reason))));
    }
    let is = |code: &str| line.eq_ignore_ascii_case(code.as_bytes());
    if is("OK") {
        Some(Ok(()))
    } else if is("ERROR") || is("COMMAND NOT SUPPORT") {
        Some(Err(Refusal::Error))
    } else {
        None
    }
}

/// What follows `prefix`, of either case.
fn after<'a>(line: &'a [u8], prefix: &str) -> Option<&'a [u8]> {
    let (start, rest) = line.split_at_checked(prefix.len())?;
    start
        .eq_ignore_ascii_case(prefix.as_bytes())
        .then_some(rest)
}

/// The line without blanks, control characters and line noise around it.
fn without_noise(line: &[u8]) -> &[u8] {
    let mut line = line;
    while let [first, rest @ ..] = line
        && !first.is_ascii_graphic()
    {
        line = rest;
    }
    while let [rest @ .., last] = line
        && !last.is_ascii_graphic()
    {
        line = rest;
    }
    line
}
