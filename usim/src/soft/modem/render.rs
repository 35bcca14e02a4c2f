//! How an answer goes over the line: V.250's ways, and those of modems in practice.

use super::answer::{Final, Info};
use crate::soft::{Quirk, Quirks};

/// What the caller chose: +CMEE, ATV, ATE.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) echo: Echo,
    pub(super) verbosity: Verbosity,
    pub(super) errors: Errors,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            echo: Echo::On,
            verbosity: Verbosity::Words,
            errors: Errors::None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Echo {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verbosity {
    Words,
    Numbers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errors {
    None,
    Numbers,
    Words,
}

/// Writes one answer to `out`.
pub(super) fn put(
    infos: &[Info],
    end: Final,
    settings: Settings,
    quirks: &Quirks,
    out: &mut Vec<u8>,
) {
    if quirks.has(Quirk::ModemGarbage) {
        out.extend_from_slice(b"\xff\xfe\x00\x80\xc3\x28\r\n");
    }
    let extra = |quirk, line: &str, out: &mut Vec<u8>| {
        if quirks.has(quirk) {
            put_line(line, settings, quirks, out);
        }
    };
    extra(Quirk::ModemUrcBefore, "+CREG: 1", out);
    extra(Quirk::ModemUrcBefore, "RING", out);
    extra(Quirk::ModemVendorText, "^VENDOR: please stand by", out);
    extra(Quirk::ModemOkInData, "OKAY, as you like", out);
    for info in infos {
        put_line(&text(info, quirks), settings, quirks, out);
    }
    extra(Quirk::ModemUrcInside, "+CREG: 5", out);
    put_end(end, settings, quirks, out);
    extra(Quirk::ModemUrcAfter, "+CREG: 1", out);
}

fn text(info: &Info, quirks: &Quirks) -> String {
    match info {
        Info::Plain(text) => text.clone(),
        Info::Named("+CCHO", text) if quirks.has(Quirk::ModemBareChannel) => text.clone(),
        Info::Named(name, text) => {
            let space = if quirks.has(Quirk::ModemNoSpace) {
                ""
            } else {
                " "
            };
            format!("{name}:{space}{text}")
        }
    }
}

fn put_end(end: Final, settings: Settings, quirks: &Quirks, out: &mut Vec<u8>) {
    let cme = match (end, settings.errors) {
        (Final::Cme(error), Errors::Numbers) => Some(error.number().to_string()),
        (Final::Cme(error), Errors::Words) => Some(error.text().to_owned()),
        _ => None,
    };
    if let Some(reason) = cme {
        put_line(&format!("+CME ERROR: {reason}"), settings, quirks, out);
        if quirks.has(Quirk::ModemOkAfterError) {
            put_result("OK", "0", settings, quirks, out);
        }
        return;
    }
    match end {
        Final::Ok => put_result("OK", "0", settings, quirks, out),
        Final::Error | Final::Cme(_) => put_result("ERROR", "4", settings, quirks, out),
    }
}

fn put_result(word: &str, number: &str, settings: Settings, quirks: &Quirks, out: &mut Vec<u8>) {
    match settings.verbosity {
        Verbosity::Words => put_line(word, settings, quirks, out),
        Verbosity::Numbers => {
            out.extend_from_slice(number.as_bytes());
            out.push(b'\r');
        }
    }
}

fn put_line(line: &str, settings: Settings, quirks: &Quirks, out: &mut Vec<u8>) {
    let end: &[u8] = if quirks.has(Quirk::ModemLineFeedOnly) {
        b"\n"
    } else if quirks.has(Quirk::ModemCarriageReturnOnly) {
        b"\r"
    } else {
        b"\r\n"
    };
    if settings.verbosity == Verbosity::Words {
        out.extend_from_slice(end);
    }
    out.extend_from_slice(line.as_bytes());
    out.extend_from_slice(end);
}
