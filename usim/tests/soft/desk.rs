//! A desk with a card on it: commands and answers in hexadecimal.

use usim::{
    soft::{Profile, Quirk, SoftCard},
    transport::{Protocol, Transport},
};

/// The USIM's name, and the ISIM's.
pub(crate) const USIM: &str = "a0000000871002ff01ff018900000100";
pub(crate) const ISIM: &str = "a0000000871004ff01ff018900000100";

#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) card: SoftCard,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(Profile::default())
    }

    pub(crate) fn t1() -> Self {
        let mut profile = Profile::default();
        profile.protocol = Protocol::T1;
        Self::with(profile)
    }

    pub(crate) fn quirk(quirk: Quirk) -> Self {
        let mut profile = Profile::default();
        profile.quirks = profile.quirks.with(quirk);
        Self::with(profile)
    }

    pub(crate) fn with(profile: Profile) -> Self {
        Self {
            card: SoftCard::new(profile),
        }
    }

    /// Sends a command, and gives the whole answer in hexadecimal.
    pub(crate) fn send(&mut self, command: &str) -> String {
        let command = hex::decode(command.replace(' ', "")).unwrap();
        let mut answer = [0; 258];
        let size = self.card.transmit(&command, &mut answer).unwrap();
        hex::encode(&answer[..size])
    }

    /// Sends a command and fetches what it announces, as under T=0.
    pub(crate) fn fetch(&mut self, command: &str) -> String {
        let answer = self.send(command);
        match answer.split_at(2) {
            ("61", length) => self.send(&format!("00c00000{length}")),
            ("9f", length) => self.send(&format!("a0c00000{length}")),
            ("6c", length) => self.send(&format!("{}{length}", &command[..8])),
            _ => answer,
        }
    }

    /// Selects an application by its name, on the basic channel.
    pub(crate) fn application(&mut self, aid: &str) {
        assert_eq!(self.send(&format!("00a4040c10{aid}")), "9000");
    }

    /// Selects a file by its identifier.
    pub(crate) fn file(&mut self, fid: &str) {
        assert_eq!(self.send(&format!("00a4000c02{fid}")), "9000");
    }
}
