//! From a command to its answer: what the status words `61xx`, `9Fxx`, `6Cxx` and warnings ask for.
//!
//! [`Exchange`] is the machine: it does no input or output, it is told how each answer ends and
//! says what to send next. [`transmit`] drives it over a [`Transport`].
//!
//! ```
//! use usim::apdu::{Command, StatusWord};
//! use usim::exchange::{Exchange, Step};
//! use usim::transport::Protocol;
//!
//! let select = Command::new(0x00, 0xa4, 0x00, 0x04).with_data(&[0x3f, 0x00])?.expecting(256)?;
//! let mut exchange = Exchange::new(select, Some(Protocol::T0));
//! let Step::Send(get_response) = exchange.advance(0, StatusWord::new(0x611c))? else {
//!     panic!("28 octets wait")
//! };
//! assert_eq!((get_response.ins(), get_response.expected()), (0xc0, Some(28)));
//! assert_eq!(exchange.advance(28, StatusWord::OK)?, Step::Done(StatusWord::OK));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is sent again, and what never is
//! - GET RESPONSE only moves octets that the card already holds (TS 102 221 §12.1.1): a `6Cxx` to
//!   it is followed.
//! - A command that got `6Cxx` was not executed: the status word is a checking error, the process
//!   aborted before it began (ISO/IEC 7816-4 §5.6), and the terminal sends it again with the length
//!   named (TS 102 221 §7.3.1.1).
//! - AUTHENTICATE and the PIN commands burn a sequence number or a try. Under T=0 `6Cxx` is a
//!   procedure byte, given before the card takes the data, so they follow it too. Under T=1, or
//!   where the protocol is unknown, cards exist that compute first and compare lengths afterwards:
//!   there the status word goes to the caller.
//! - A busy toolkit (`9300`) has not executed the command either (TS 102 221 §10.2.1.4, TS 51.011
//!   §9.4.1): it is sent again up to 4 times, without a pause; AUTHENTICATE and PIN commands are not.
//! - After any other answer, and after every failure of the transport, nothing is sent again.

use zeroize::Zeroize;

use crate::{
    CardError, Error,
    apdu::{Channel, Command, Meaning, Response, StatusWord},
    transport::{Protocol, Transport, TransportError, TransportErrorKind},
};

/// Enough room for the answer to any short command: 256 octets and the status word.
pub const MAX_SHORT_RESPONSE: usize = 258;

/// What the machine wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an exchange goes on or has ended")]
pub enum Step<'c> {
    /// Send this and report how its answer ends.
    Send(Command<'c>),
    /// The exchange is over with this status word; [`Exchange::received`] octets are its data.
    Done(StatusWord),
}

/// One command on its way through as many rounds as the card asks for.
#[derive(Clone, Debug)]
pub struct Exchange<'c> {
    command: Command<'c>,
    protocol: Option<Protocol>,
    /// Le was left out, as T=0 demands of a command with data both ways.
    le_withheld: bool,
    /// GET RESPONSE goes out instead of the command; its class is that of the command's channel.
    fetching: bool,
    /// The command's own ending, when GET RESPONSE only brings the data that belongs to it.
    ending: Option<StatusWord>,
    received: usize,
    rounds: u16,
    idle_rounds: u8,
}

impl<'c> Exchange<'c> {
    /// Starts with a command; the protocol is unknown behind modems and servers, and then taken
    /// for T=0, except where the module's documentation says otherwise.
    pub fn new(command: Command<'c>, protocol: Option<Protocol>) -> Self {
        let both_ways = !command.data().is_empty() && command.expected().is_some();
        let le_withheld = both_ways && protocol != Some(Protocol::T1) && !command.is_extended();
        Self {
            command: if le_withheld {
                command.without_expected()
            } else {
                command
            },
            protocol,
            le_withheld,
            fetching: false,
            ending: None,
            received: 0,
            rounds: 0,
            idle_rounds: 0,
        }
    }

    /// The command as the protocol sends it first.
    pub const fn first(&self) -> Command<'c> {
        self.command
    }

    /// Takes the end of an answer: how many octets of data it has, and its status word.
    ///
    /// # Errors
    /// [`CardError::EndlessExchange`] when the card asks for round after round: 4 in a row without
    /// data, or 300 in all.
    pub fn advance(&mut self, octets: usize, status: StatusWord) -> Result<Step<'c>, CardError> {
        let meaning = status.meaning();
        if !matches!(meaning, Meaning::WrongExpectedLength { .. }) {
            self.received = self.received.saturating_add(octets);
        }
        match meaning {
            Meaning::MoreData { length } => self.fetch(octets, status, length),
            Meaning::WrongExpectedLength { length } if self.may_repeat() => {
                self.repeat(status, length)
            }
            Meaning::Busy if !burns(&self.command) && !self.fetching => Ok(self.insist(status)),
            Meaning::Ok | Meaning::Warning | Meaning::TriesLeft(_)
                if self.le_withheld && !self.fetching && octets == 0 =>
            {
                self.ending = Some(status);
                self.fetch(octets, status, 0)
            }
            Meaning::Ok
            | Meaning::ProactiveCommandPending { .. }
            | Meaning::Warning
            | Meaning::TriesLeft(_)
            | Meaning::WrongExpectedLength { .. }
            | Meaning::Busy
            | Meaning::Error => Ok(Step::Done(self.outcome(status))),
        }
    }

    /// How many octets of data have come so far, over all rounds: the next answer goes behind them.
    pub const fn received(&self) -> usize {
        self.received
    }

    fn may_repeat(&self) -> bool {
        self.fetching || !burns(&self.command) || self.protocol == Some(Protocol::T0)
    }

    fn fetch(
        &mut self,
        octets: usize,
        status: StatusWord,
        length: u8,
    ) -> Result<Step<'c>, CardError> {
        self.count_round(octets, status)?;
        self.fetching = true;
        Ok(Step::Send(self.get_response(length)))
    }

    fn repeat(&mut self, status: StatusWord, length: u8) -> Result<Step<'c>, CardError> {
        self.count_round(0, status)?;
        let again = if self.fetching {
            self.get_response(length)
        } else {
            self.command.expecting_short(length)
        };
        Ok(Step::Send(again))
    }

    /// A card that stays busy has the last word.
    fn insist(&mut self, status: StatusWord) -> Step<'c> {
        if self.count_round(0, status).is_ok() {
            Step::Send(self.command)
        } else {
            Step::Done(status)
        }
    }

    /// GET RESPONSE on the command's channel, in the interindustry class (TS 102 221 §10.1.2,
    /// table 10.5), whatever the command's class; in the command's own where that has no channels
    /// (`A0`, TS 51.011 §9.2).
    fn get_response(&self, length: u8) -> Command<'c> {
        let cla = self.command.cla();
        let cla = Channel::of_class(cla).map_or(cla, |channel| channel.apply(0));
        Command::new(cla, 0xc0, 0, 0).expecting_short(length)
    }

    fn count_round(&mut self, octets: usize, status: StatusWord) -> Result<(), CardError> {
        self.rounds += 1;
        self.idle_rounds = if octets == 0 { self.idle_rounds + 1 } else { 0 };
        if self.rounds > MAX_ROUNDS || self.idle_rounds > MAX_IDLE_ROUNDS {
            return Err(CardError::EndlessExchange { status });
        }
        Ok(())
    }

    /// A warning outlives the GET RESPONSE that brought its data (TS 102 221 annex C.1.7), as does
    /// the ending of a command that turned out to have none; a proactive command must not be missed.
    fn outcome(&self, last: StatusWord) -> StatusWord {
        match (self.ending, last.meaning()) {
            (None, _) | (Some(StatusWord::OK), Meaning::ProactiveCommandPending { .. }) => last,
            (Some(ending), _) => ending,
        }
    }
}

/// Sends a command and follows it to its end; the answer's data lie at the front of `buffer`.
///
/// [`MAX_SHORT_RESPONSE`] octets of room are enough for any short command. Short commands are sent
/// without an allocation.
///
/// # Errors
/// [`Error::Transport`] as the transport reports it, an answer under 2 octets included;
/// [`CardError::EndlessExchange`]. A status word that refuses the command is no error here.
pub fn transmit<'b>(
    transport: &mut (dyn Transport + '_),
    command: &Command<'_>,
    buffer: &'b mut [u8],
) -> Result<Response<'b>, Error> {
    let protocol = transport.protocol();
    drive(transport, Exchange::new(*command, protocol), buffer)
}

pub(crate) fn drive<'b>(
    transport: &mut (dyn Transport + '_),
    mut exchange: Exchange<'_>,
    buffer: &'b mut [u8],
) -> Result<Response<'b>, Error> {
    let mut command = exchange.first();
    loop {
        let free = buffer.get_mut(exchange.received()..).unwrap_or_default();
        let (octets, status) = send(transport, &command, free)?;
        match exchange.advance(octets, status)? {
            Step::Send(next) => command = next,
            Step::Done(status) => {
                let data = buffer.get(..exchange.received()).unwrap_or_default();
                return Ok(Response::new(data, status));
            }
        }
    }
}

/// One round: how many octets of data came, and the status word.
fn send(
    transport: &mut (dyn Transport + '_),
    command: &Command<'_>,
    answer: &mut [u8],
) -> Result<(usize, StatusWord), Error> {
    let mut short = [0; MAX_SHORT_COMMAND];
    let mut extended = Vec::new();
    let room = if command.is_extended() {
        extended.resize(command.encoded_len(), 0);
        extended.as_mut_slice()
    } else {
        short.as_mut_slice()
    };
    let size = command.encode(room)?.len();
    let sent = room.get_mut(..size).unwrap_or_default();
    let octets = transport.transmit(sent, answer);
    if burns(command) {
        sent.zeroize();
    }
    let octets = octets?;
    let answer = answer
        .get(..octets)
        .ok_or(TransportError::from(TransportErrorKind::Protocol))?;
    let response =
        Response::parse(answer).ok_or(TransportError::from(TransportErrorKind::ShortAnswer))?;
    Ok((response.data().len(), response.status()))
}

/// FETCH: the proactive command that `91xx` announced, `length` octets (0 = 256); answering it with
/// TERMINAL RESPONSE is the caller's business (TS 102 223 §6.1).
pub fn fetch(length: u8) -> Command<'static> {
    Command::new(0x80, 0x12, 0x00, 0x00).expecting_short(length)
}

/// Whether executing the command twice costs a sequence number or a PIN try: AUTHENTICATE, VERIFY,
/// CHANGE, DISABLE, ENABLE and UNBLOCK PIN (TS 102 221 §10.1.2).
pub(crate) const fn burns(command: &Command<'_>) -> bool {
    matches!(
        command.ins(),
        0x88 | 0x89 | 0x20 | 0x24 | 0x26 | 0x28 | 0x2c
    )
}

/// Header, Lc, 255 octets, Le.
const MAX_SHORT_COMMAND: usize = 4 + 1 + 255 + 1;
/// 65 536 octets come in 256 rounds of GET RESPONSE; some more are for corrections.
const MAX_ROUNDS: u16 = 300;
const MAX_IDLE_ROUNDS: u8 = 4;

#[cfg(test)]
mod tests;
