//! The modem itself: octets in, octets out.

use super::{
    answer::{Cme, Final, Info, Outcome},
    call::{self, Call, Form, Malformed},
    card::Slot,
    render::{self, Echo, Errors, Settings, Verbosity},
};
use crate::{
    soft::{Quirk, Quirks},
    transport::Transport,
};

/// Whether the line is still up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a line is up or not")]
pub enum Line {
    /// It is.
    Up,
    /// The modem hung up.
    HungUp,
}

/// A modem with a card in it, without input or output.
///
/// ```
/// use usim::soft::{Profile, Quirks, SoftCard, modem::Modem};
///
/// let mut card = SoftCard::new(Profile::default());
/// let mut modem = Modem::new(&mut card, Quirks::default());
/// let mut out = Vec::new();
/// modem.feed(b"ATE0\r", &mut out);
/// out.clear();
/// modem.feed(b"AT+CIMI\r", &mut out);
/// assert_eq!(out, b"\r\n001010000000001\r\n\r\nOK\r\n");
/// ```
#[derive(Debug)]
pub struct Modem<'c> {
    pub(super) slot: Slot<'c>,
    pub(super) quirks: Quirks,
    settings: Settings,
    line: Vec<u8>,
    /// So many commands to the card are still answered with "SIM busy".
    busy: u8,
}

/// How a command ended that is not answered at all.
enum Silence {
    Silent,
    HungUp,
}

/// What a line came to.
enum Verdict {
    Answer(Final),
    Silence(Silence),
}

/// Longer lines than any short command takes are an error.
const LONGEST_LINE: usize = 4096;

impl<'c> Modem<'c> {
    /// A modem that echoes and answers in words, as after AT&F.
    pub fn new(card: &'c mut dyn Transport, quirks: Quirks) -> Self {
        Self {
            slot: Slot::new(card),
            settings: Settings::default(),
            line: Vec::new(),
            busy: if quirks.has(Quirk::ModemBusyAtFirst) {
                2
            } else {
                0
            },
            quirks,
        }
    }

    /// Takes what came over the line and appends to `out` what goes back.
    pub fn feed(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Line {
        for octet in octets {
            match octet {
                b'\r' => {
                    self.echo(*octet, out);
                    let line = std::mem::take(&mut self.line);
                    if self.answer(&line, out) == Line::HungUp {
                        return Line::HungUp;
                    }
                }
                b'\n' => {}
                0x08 => drop(self.line.pop()),
                _ => {
                    self.echo(*octet, out);
                    if self.line.len() <= LONGEST_LINE {
                        self.line.push(*octet);
                    }
                }
            }
        }
        Line::Up
    }

    fn echo(&self, octet: u8, out: &mut Vec<u8>) {
        if self.settings.echo == Echo::On && !self.quirks.has(Quirk::ModemNoEcho) {
            out.push(octet);
        }
    }

    /// Answers a line that begins with AT; every other one is noise.
    fn answer(&mut self, line: &[u8], out: &mut Vec<u8>) -> Line {
        let noise = line
            .iter()
            .position(|octet| octet.eq_ignore_ascii_case(&b'a'));
        let line = noise.and_then(|at| line.get(at..)).unwrap_or_default();
        let Some((start, commands)) = line.split_at_checked(2) else {
            return Line::Up;
        };
        if !start.eq_ignore_ascii_case(b"at") {
            return Line::Up;
        }
        let mut infos = Vec::new();
        let verdict = match std::str::from_utf8(commands) {
            Ok(commands) if commands.len() < LONGEST_LINE => self.perform(commands, &mut infos),
            _ => Verdict::Answer(Final::Error),
        };
        match verdict {
            Verdict::Answer(end) => {
                render::put(&infos, end, self.settings, &self.quirks, out);
                Line::Up
            }
            Verdict::Silence(Silence::Silent) => Line::Up,
            Verdict::Silence(Silence::HungUp) => Line::HungUp,
        }
    }

    /// All commands of a line, up to the first that fails.
    fn perform(&mut self, mut commands: &str, infos: &mut Vec<Info>) -> Verdict {
        commands = commands.trim();
        while !commands.is_empty() {
            let (call, rest) = match call::first(commands) {
                Ok(call) => call,
                Err(Malformed) => return Verdict::Answer(Final::Error),
            };
            if reaches_card(&call) {
                if self.quirks.has(Quirk::ModemHangUp) {
                    return Verdict::Silence(Silence::HungUp);
                }
                if self.quirks.has(Quirk::ModemSilent) {
                    return Verdict::Silence(Silence::Silent);
                }
            }
            match self.execute(&call) {
                Ok(info) => infos.extend(info),
                Err(end) => return Verdict::Answer(end),
            }
            commands = rest.trim_start();
        }
        Verdict::Answer(Final::Ok)
    }

    fn execute(&mut self, call: &Call<'_>) -> Outcome {
        if reaches_card(call) && self.busy > 0 {
            self.busy -= 1;
            return Err(Cme::SimBusy.into());
        }
        let name = call.name.to_ascii_uppercase();
        match (name.as_str(), &call.form) {
            ("+CSIM" | "+CRSM" | "+CCHO" | "+CCHC" | "+CGLA", form) => self.pass(&name, form),
            (_, Form::Test) if KNOWN.contains(&name.as_str()) => Ok(None),
            ("+CPIN", form) => self.pin(form),
            ("+CIMI", Form::Execute(_)) => self.slot.imsi().map(plain),
            ("+CCID" | "+ICCID" | "+QCCID" | "^ICCID", Form::Execute(_) | Form::Read) => {
                let iccid = self.slot.iccid()?;
                Ok(Some(Info::Named(iccid_name(&name), iccid)))
            }
            (_, form) => self.about(&name, form),
        }
    }

    /// Commands about the modem itself.
    fn about(&mut self, name: &str, form: &Form<'_>) -> Outcome {
        match (name, form) {
            ("E", Form::Execute(number)) => {
                self.settings.echo = if switch(*number)? {
                    Echo::On
                } else {
                    Echo::Off
                };
            }
            ("V", Form::Execute(number)) => {
                let words = switch(*number)?;
                self.settings.verbosity = if words {
                    Verbosity::Words
                } else {
                    Verbosity::Numbers
                };
            }
            ("Z" | "&F", Form::Execute(_)) => self.settings = Settings::default(),
            ("+CMEE", form) => return self.cmee(form),
            ("+CFUN", Form::Read) => return Ok(Some(Info::Named("+CFUN", "1".to_owned()))),
            ("+CFUN", Form::Set(values)) if values.last() == Some(&"1") && values.len() == 2 => {
                self.slot.reset()?;
            }
            ("+CREG", Form::Read) => return Ok(Some(Info::Named("+CREG", "0,1".to_owned()))),
            ("Q" | "S" | "X" | "&C" | "&D" | "&W" | "&K", Form::Execute(_))
            | ("+CFUN" | "+CREG" | "+CNMI" | "+COPS", Form::Set(_)) => {}
            ("+CSQ", Form::Execute(_)) => {
                return Ok(Some(Info::Named("+CSQ", "20,99".to_owned())));
            }
            _ => return identity(name, form),
        }
        Ok(None)
    }

    fn cmee(&mut self, form: &Form<'_>) -> Outcome {
        let values = match form {
            Form::Read => {
                let number = match self.settings.errors {
                    Errors::None => 0,
                    Errors::Numbers => 1,
                    Errors::Words => 2,
                };
                return Ok(Some(Info::Named("+CMEE", number.to_string())));
            }
            Form::Set(values) => values.as_slice(),
            Form::Execute(_) | Form::Test => return Err(Final::Error),
        };
        self.settings.errors = match values {
            ["0"] => Errors::None,
            ["1"] => Errors::Numbers,
            ["2"] => Errors::Words,
            _ => return Err(Cme::IncorrectParameters.into()),
        };
        Ok(None)
    }

    fn pin(&mut self, form: &Form<'_>) -> Outcome {
        match form {
            Form::Read => Ok(Some(Info::Named(
                "+CPIN",
                self.slot.pin_state()?.to_owned(),
            ))),
            Form::Set(values) => match values.as_slice() {
                [pin] => self.slot.verify(pin).map(|()| None),
                [puk, pin] => self.slot.unblock(puk, pin).map(|()| None),
                _ => Err(Cme::IncorrectParameters.into()),
            },
            Form::Execute(_) | Form::Test => Err(Final::Error),
        }
    }
}

/// Who made the modem, and which one it is.
fn identity(name: &str, form: &Form<'_>) -> Outcome {
    let text = match (name, form) {
        ("+CGMI" | "+GMI", Form::Execute(_)) => "simkey",
        ("+CGMM" | "+GMM", Form::Execute(_)) => "software modem",
        ("+CGMR" | "+GMR", Form::Execute(_)) => env!("CARGO_PKG_VERSION"),
        ("I", Form::Execute(_)) => "simkey software modem",
        ("+CGSN" | "+GSN", Form::Execute(_)) => IMEI,
        ("+CGSN", Form::Set(values)) if values == &["1"] => {
            return Ok(Some(Info::Named("+CGSN", format!("\"{IMEI}\""))));
        }
        _ => return Err(Final::Error),
    };
    Ok(plain(text.to_owned()))
}

/// Of the type allocation codes for tests, with its check digit.
const IMEI: &str = "001010000000016";

/// Commands that answer a test with `OK`.
const KNOWN: &[&str] = &[
    "+CIMI", "+CPIN", "+CMEE", "+CGSN", "+CCID", "+CREG", "+CFUN",
];

#[expect(clippy::unnecessary_wraps, reason = "as the arms around it need it")]
const fn plain(text: String) -> Option<Info> {
    Some(Info::Plain(text))
}

fn iccid_name(name: &str) -> &'static str {
    match name {
        "+ICCID" => "+ICCID",
        "+QCCID" => "+QCCID",
        "^ICCID" => "^ICCID",
        _ => "+CCID",
    }
}

/// Off or on; on where the number is left out after E and V means off (V.250 §6.2.4).
fn switch(number: Option<u32>) -> Result<bool, Final> {
    match number {
        None | Some(0) => Ok(false),
        Some(1) => Ok(true),
        Some(_) => Err(Final::Error),
    }
}

fn reaches_card(call: &Call<'_>) -> bool {
    let names = ["+CSIM", "+CRSM", "+CCHO", "+CGLA", "+CCHC", "+CIMI"];
    call.form != Form::Test
        && names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(call.name))
}
