//! What can be written to a modem.

use std::fmt::{self, Write};

use zeroize::Zeroizing;

/// A command line. There is no way to put text into one: only octets, as hexadecimal digits, and
/// numbers. `Debug` shows the command's name, never what it carries.
#[derive(Clone)]
pub struct Request {
    line: Zeroizing<String>,
    expects: Expects,
}

/// What comes before the final result code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expects {
    /// Nothing.
    Nothing,
    /// A line that begins with this, and a colon.
    Prefixed(&'static str),
    /// A line that begins with this, and a colon; or a line of digits alone.
    Number(&'static str),
}

/// The ways to the SIM that a modem may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Facility {
    /// +CSIM: any command, on the channel that its class octet says (TS 27.007 §8.17).
    GenericAccess,
    /// +CRSM: reading files, which the modem selects (TS 27.007 §8.18).
    RestrictedAccess,
    /// +CCHO: opening a channel (TS 27.007 §8.45).
    OpenChannel,
    /// +CGLA: any command on an open channel (TS 27.007 §8.43).
    ChannelAccess,
}

impl Request {
    /// `AT`: are you there?
    pub fn attention() -> Self {
        Self::plain("AT")
    }

    /// `ATE0`: do not repeat what you hear.
    pub fn echo_off() -> Self {
        Self::plain("ATE0")
    }

    /// `AT+CMEE=1`: say what is wrong by number (TS 27.007 §9.1).
    pub fn numeric_errors() -> Self {
        Self::plain("AT+CMEE=1")
    }

    /// `AT+C...=?`: whether the modem knows a way to the SIM.
    pub fn knows(facility: Facility) -> Self {
        Self::plain(match facility {
            Facility::GenericAccess => "AT+CSIM=?",
            Facility::RestrictedAccess => "AT+CRSM=?",
            Facility::OpenChannel => "AT+CCHO=?",
            Facility::ChannelAccess => "AT+CGLA=?",
        })
    }

    /// `AT+CGSN`: the modem's IMEI (TS 27.007 §5.4).
    pub fn imei() -> Self {
        Self {
            expects: Expects::Number("+CGSN"),
            ..Self::plain("AT+CGSN")
        }
    }

    /// `AT+CSIM=`: a command to the SIM. The length counts hexadecimal digits.
    pub fn csim(command: &[u8]) -> Self {
        let digits = command.len().saturating_mul(2);
        Self::new(Expects::Prefixed("+CSIM"), |line| {
            write!(line, "AT+CSIM={digits},\"{}\"", Hex(command))
        })
    }

    /// `AT+CRSM=`: a restricted command to the SIM, with P1 to P3, on a file that the modem
    /// selects. `path` is where the file lies; empty leaves that to the modem.
    pub fn crsm(command: u8, file: u16, parameters: [u8; 3], path: &[u8]) -> Self {
        let [p1, p2, p3] = parameters;
        Self::new(Expects::Prefixed("+CRSM"), |line| {
            write!(line, "AT+CRSM={command},{file},{p1},{p2},{p3}")?;
            if path.is_empty() {
                return Ok(());
            }
            write!(line, ",\"\",\"{}\"", Hex(path))
        })
    }

    /// `AT+CCHO=`: opens a channel with an application on it; the answer is a session number.
    pub fn ccho(aid: &[u8]) -> Self {
        Self::new(Expects::Number("+CCHO"), |line| {
            write!(line, "AT+CCHO=\"{}\"", Hex(aid))
        })
    }

    /// `AT+CGLA=`: a command to the SIM over an open session.
    pub fn cgla(session: u32, command: &[u8]) -> Self {
        let digits = command.len().saturating_mul(2);
        Self::new(Expects::Prefixed("+CGLA"), |line| {
            write!(line, "AT+CGLA={session},{digits},\"{}\"", Hex(command))
        })
    }

    /// `AT+CCHC=`: closes a session (TS 27.007 §8.46).
    pub fn cchc(session: u32) -> Self {
        Self::new(Expects::Nothing, |line| write!(line, "AT+CCHC={session}"))
    }

    /// The octets to write, carriage return included.
    pub(super) fn octets(&self) -> Vec<u8> {
        let mut octets = self.line.as_bytes().to_vec();
        octets.push(b'\r');
        octets
    }

    pub(super) fn expects(&self) -> Expects {
        self.expects
    }

    fn plain(line: &'static str) -> Self {
        Self {
            line: Zeroizing::new(line.to_owned()),
            expects: Expects::Nothing,
        }
    }

    fn new(expects: Expects, write: impl FnOnce(&mut String) -> fmt::Result) -> Self {
        let mut line = Zeroizing::new(String::new());
        write(&mut line).expect("a String takes everything");
        Self { line, expects }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.line.split(['=', '?']).next().unwrap_or_default();
        f.debug_tuple("Request").field(&name).finish()
    }
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}
