//! A card that answers any command with anything, again and again.
//!
//! Holds: the exchange ends; it sends the command, GET RESPONSE, the command with the length that
//! the card named, or the command to a card that was busy, and nothing else; what burns a sequence
//! number or a PIN try goes out a second time only under T=0 after a `6Cxx`; the data are those of
//! all rounds in their order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usim::apdu::{Command, StatusWord};
use usim::exchange::{MAX_SHORT_RESPONSE, transmit};
use usim::transport::{
    Protocol, Transport, TransportError, TransportErrorKind, TransportInfo, TransportKind,
};

/// More than this many commands for one would be endless.
const MOST: usize = 301;

/// Plays its octets: how many octets of data, they themselves, SW1, SW2.
struct Wild<'a> {
    script: &'a [u8],
    protocol: Option<Protocol>,
    ins: u8,
    sent: usize,
    /// What the last answer was, if it was complete.
    last: Option<StatusWord>,
    data: Vec<u8>,
}

fuzz_target!(|data: &[u8]| {
    let [choice, ins, le, script @ ..] = data else {
        return;
    };
    let octets = [0xaa; 3];
    let mut command = Command::new(0x00, *ins, 0x00, 0x00);
    if choice & 1 != 0 {
        command = command.with_data(&octets).unwrap_or(command);
    }
    if choice & 2 != 0 {
        command = command.expecting(usize::from(*le) + 1).unwrap_or(command);
    }
    let protocol = match choice >> 2 & 3 {
        0 => Some(Protocol::T0),
        1 => Some(Protocol::T1),
        _ => None,
    };
    let mut card = Wild {
        script,
        protocol,
        ins: *ins,
        sent: 0,
        last: None,
        data: Vec::new(),
    };
    let mut buffer = [0; 1024];
    if let Ok(response) = transmit(&mut card, &command, &mut buffer) {
        assert_eq!(response.data(), card.data, "data lost or invented");
    }
    assert!(card.sent <= MOST, "{} commands for one", card.sent);
});

impl Wild<'_> {
    fn must_be_allowed(&self, command: &[u8]) {
        let Some(ins) = command.get(1).copied() else {
            unreachable!("a command has a header")
        };
        let repeated = self.sent > 0 && ins == self.ins && ins != 0xc0;
        assert!(ins == self.ins || ins == 0xc0, "invented INS {ins:02X}");
        if repeated {
            let burns = matches!(ins, 0x88 | 0x89 | 0x20 | 0x24 | 0x26 | 0x28 | 0x2c);
            match self.last.map(StatusWord::get) {
                Some(0x6c00..=0x6cff) => {
                    assert!(!burns || self.protocol == Some(Protocol::T0), "burnt twice");
                }
                Some(0x9300) => assert!(!burns, "burnt twice"),
                last => unreachable!("sent again after {last:04X?}"),
            }
        }
    }

    fn take(&mut self, octets: usize) -> Option<Vec<u8>> {
        let (taken, rest) = self.script.split_at_checked(octets)?;
        self.script = rest;
        Some(taken.to_vec())
    }

    fn answer(&mut self) -> Option<Vec<u8>> {
        let size = self.take(1)?.first().copied()?;
        let mut answer = self.take(usize::from(size) % MAX_SHORT_RESPONSE)?;
        answer.extend(self.take(2)?);
        Some(answer)
    }
}

impl Transport for Wild<'_> {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        self.must_be_allowed(command);
        self.sent += 1;
        let answer = self.answer().ok_or(TransportErrorKind::CardRemoved)?;
        let free = response.get_mut(..answer.len());
        free.ok_or(TransportErrorKind::BufferTooSmall)?
            .copy_from_slice(&answer);
        if let [data @ .., sw1, sw2] = answer.as_slice() {
            if *sw1 != 0x6c {
                self.data.extend(data);
            }
            self.last = Some(StatusWord::from_bytes(*sw1, *sw2));
        }
        Ok(answer.len())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        unreachable!("an exchange never resets the card")
    }

    fn info(&self) -> TransportInfo {
        let info = TransportInfo::new(TransportKind::Replay, "wild");
        match self.protocol {
            Some(protocol) => info.with_protocol(protocol),
            None => info,
        }
    }
}
