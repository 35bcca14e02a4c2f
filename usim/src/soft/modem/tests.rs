//! The modem's answers, octet for octet, and its port.

use std::{
    fs::OpenOptions,
    io::{Read, Write},
    sync::mpsc,
    thread,
};

use super::*;
use crate::soft::{Profile, SoftCard};

mod card;
mod commands;
mod manners;
mod port;

/// A modem without echo whose errors have numbers.
struct Desk(SoftCard, Quirks);

impl Desk {
    fn new() -> Self {
        Self::quirks([])
    }

    fn quirks<const N: usize>(quirks: [Quirk; N]) -> Self {
        Self(
            SoftCard::new(Profile::default()),
            quirks.into_iter().collect(),
        )
    }

    fn profile(toml: &str) -> Self {
        Self(
            SoftCard::new(Profile::from_toml(toml).unwrap()),
            Quirks::default(),
        )
    }

    /// Sends lines one after the other; gives the answer to the last one.
    fn send(&mut self, lines: &[&str]) -> String {
        let mut modem = Modem::new(&mut self.0, self.1.clone());
        let mut out = Vec::new();
        modem.feed(b"ATE0\rAT+CMEE=1\r", &mut out);
        for line in lines {
            out.clear();
            modem.feed(format!("{line}\r\n").as_bytes(), &mut out);
        }
        String::from_utf8(out).unwrap()
    }

    /// The first line of the answer to the last one of `lines`.
    fn line(&mut self, lines: &[&str]) -> String {
        let answer = self.send(lines);
        answer.split("\r\n").nth(1).unwrap_or_default().to_owned()
    }
}

const OK: &str = "\r\nOK\r\n";

const USIM: &str = "A0000000871002FF01FF018900000100";
