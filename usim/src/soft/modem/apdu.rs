//! Commands that reach the card as they are: +CSIM, +CRSM, +CCHO, +CGLA, +CCHC (TS 27.007 §8.17,
//! §8.18, §8.43 to §8.46).

use zeroize::Zeroizing;

use super::{
    answer::{Cme, Final, Info, Outcome},
    call::Form,
    card::Restricted,
    interpreter::Modem,
};
use crate::{
    apdu::{Channel, StatusWord},
    soft::Quirk,
};

impl Modem<'_> {
    pub(super) fn pass(&mut self, name: &str, form: &Form<'_>) -> Outcome {
        let missing = match name {
            "+CSIM" => Quirk::ModemNoCsim,
            "+CRSM" => Quirk::ModemNoCrsm,
            _ => Quirk::ModemNoCcho,
        };
        if self.quirks.has(missing) {
            return Err(Final::Error);
        }
        let values = match form {
            Form::Test => return Ok(None),
            Form::Set(values) => values.as_slice(),
            Form::Read | Form::Execute(_) => return Err(Cme::IncorrectParameters.into()),
        };
        match (name, values) {
            ("+CSIM", [length, command]) => self.csim(length, command),
            ("+CRSM", values) => self.crsm(values),
            ("+CCHO", [aid]) => self.ccho(aid),
            ("+CCHC", [channel]) => self.cchc(channel),
            ("+CGLA", [channel, length, command]) => self.cgla(channel, length, command),
            _ => Err(Cme::IncorrectParameters.into()),
        }
    }

    fn csim(&mut self, length: &str, command: &str) -> Outcome {
        let command = counted(length, command)?;
        if self.quirks.has(Quirk::ModemNoManageChannel) && command.get(1) == Some(&0x70) {
            return Err(Cme::NotAllowed.into());
        }
        let answer = self.slot.transmit(&command)?;
        Ok(Some(Info::Named("+CSIM", self.counted_hex(&answer))))
    }

    fn cgla(&mut self, channel: &str, length: &str, command: &str) -> Outcome {
        let channel = session(channel)?;
        let mut command = counted(length, command)?;
        if !self.slot.is_open(channel) {
            return Err(Cme::NotFound.into());
        }
        if let (Some(cla), false) = (
            command.first_mut(),
            self.quirks.has(Quirk::ModemCallerSetsChannel),
        ) {
            *cla = channel.apply(*cla);
        }
        let answer = self.slot.transmit(&command)?;
        Ok(Some(Info::Named("+CGLA", self.counted_hex(&answer))))
    }

    fn ccho(&mut self, aid: &str) -> Outcome {
        let aid = octets(aid).filter(|aid| (1..=16).contains(&aid.len()));
        let channel = self.slot.open(&aid.ok_or(Cme::IncorrectParameters)?)?;
        Ok(Some(Info::Named("+CCHO", channel.number().to_string())))
    }

    fn cchc(&mut self, channel: &str) -> Outcome {
        self.slot.close(session(channel)?)?;
        Ok(Some(Info::Plain("+CCHC".to_owned())))
    }

    /// `+CRSM=<command>[,<file>[,<P1>,<P2>,<P3>[,<data>[,<path>]]]]`.
    fn crsm(&mut self, values: &[&str]) -> Outcome {
        let number = |index: usize| match values.get(index) {
            None | Some(&"") => Ok(0),
            Some(value) => value.parse::<u16>().ok().ok_or(Cme::IncorrectParameters),
        };
        let octet = |index| {
            let number = number(index)?;
            u8::try_from(number).ok().ok_or(Cme::IncorrectParameters)
        };
        let text = |index| {
            let octets = octets(values.get(index).copied().unwrap_or_default());
            octets.ok_or(Cme::IncorrectParameters)
        };
        let restricted = Restricted {
            ins: octet(0)?,
            file: number(1)?,
            parameters: [octet(2)?, octet(3)?, octet(4)?],
            data: text(5)?,
            path: text(6)?,
        };
        if !matches!(restricted.ins, 176 | 178 | 192 | 214 | 220 | 242) || values.len() > 7 {
            return Err(Cme::IncorrectParameters.into());
        }
        let (data, status) = self.slot.restricted(&restricted)?;
        let status = status_in_decimal(status);
        let line = match data.as_slice() {
            [] => status,
            data => format!("{status},\"{}\"", *self.hex(data)),
        };
        Ok(Some(Info::Named("+CRSM", line)))
    }

    /// How many digits, and the digits.
    fn counted_hex(&self, answer: &[u8]) -> String {
        let extra = usize::from(self.quirks.has(Quirk::ModemWrongLength));
        format!(
            "{},\"{}\"",
            answer.len().saturating_mul(2).saturating_add(extra),
            *self.hex(answer)
        )
    }

    fn hex(&self, octets: &[u8]) -> Zeroizing<String> {
        Zeroizing::new(if self.quirks.has(Quirk::ModemLowerCase) {
            hex::encode(octets)
        } else {
            hex::encode_upper(octets)
        })
    }
}

fn status_in_decimal(status: StatusWord) -> String {
    format!("{},{}", status.sw1(), status.sw2())
}

/// Digits whose number is as announced.
fn counted(length: &str, command: &str) -> Result<Zeroizing<Vec<u8>>, Cme> {
    let counts = length.parse() == Ok(command.len());
    octets(command)
        .filter(|_| counts)
        .ok_or(Cme::IncorrectParameters)
}

fn octets(digits: &str) -> Option<Zeroizing<Vec<u8>>> {
    hex::decode(digits).ok().map(Zeroizing::new)
}

fn session(channel: &str) -> Result<Channel, Cme> {
    let number = channel
        .parse()
        .ok()
        .and_then(|number| Channel::new(number).ok());
    number.ok_or(Cme::IncorrectParameters)
}
