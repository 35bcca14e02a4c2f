//! The software card, or the pcscd it sits in, is killed while a challenge is on its way.

use std::time::Duration;

use aka::algorithm::HomeAlgorithm as _;
use aka::{Amf, Auts, K, Mac, Milenage, Opc, Rand, Sqn};
use anyhow::{Context as _, Result, ensure};
use counterparts::{Draw, Namespace, Pcscd, Program, SoftCard, card, wait};

/// What the home sends, from its side: a new number each time.
struct Challenger {
    milenage: Milenage,
    /// The highest number sent so far.
    sent: u64,
}

/// What a card made of the challenge that it had already taken.
#[derive(Debug, PartialEq, Eq)]
enum Replay {
    /// It tells the highest number it has taken.
    Refused(Sqn),
    /// It took it once more.
    Taken,
    /// It was gone before it could say anything.
    Unanswered,
}

impl Challenger {
    fn new() -> Result<Self> {
        let (k, opc): (K, Opc) = (card::K.parse()?, card::OPC.parse()?);
        Ok(Self {
            milenage: Milenage::new(&k, &opc),
            sent: 0,
        })
    }

    /// AUTHENTICATE with a number of one's own (TS 31.102 §7.1.2).
    fn apdu(&self, sqn: u64) -> Result<String> {
        let (autn, _) = self.milenage.challenge(&RAND, Sqn::new(sqn)?, Amf::ZERO);
        Ok(format!("0088008122 10{:x} 10{:x} 00", RAND.hex(), autn.hex()).replace(' ', ""))
    }

    /// Has opensc-tool send the challenge of `taken` once more, and then a new one.
    fn challenge(&mut self, namespace: &Namespace, taken: u64) -> Result<Program> {
        self.sent += 32;
        let send = namespace
            .program("opensc-tool")
            .args("--reader 0 -s")
            .arg(SELECT_USIM);
        Ok(send
            .arg("-s")
            .arg(self.apdu(taken)?)
            .arg("-s")
            .arg(self.apdu(self.sent)?))
    }

    fn replay(&self, answer: Option<&str>) -> Result<Replay> {
        let Some(answer) = answer else {
            return Ok(Replay::Unanswered);
        };
        if answer.starts_with("DB") {
            return Ok(Replay::Taken);
        }
        let auts = answer
            .strip_prefix("DC0E")
            .with_context(|| format!("no AUTS: {answer}"))?;
        let auts: Auts = auts.parse()?;
        let (sqn, expected) = self.milenage.open_auts(&RAND, &auts);
        ensure!(Mac::verify(expected, auts.mac()), "AUTS does not verify");
        Ok(Replay::Refused(sqn))
    }
}

/// The data of the answers to everything but the SELECT, as opensc-tool prints them.
fn answers(output: &str) -> Vec<String> {
    let answers = output.split("Received (").skip(2);
    answers
        .filter_map(|answer| answer.split_once("):\n"))
        .map(|(_, dump)| dump.split("Sending:").next().unwrap_or_default())
        .map(|dump| dump.lines().flat_map(octets).collect())
        .collect()
}

/// The octets of a line such as `98 00 01 01 00 ....`.
fn octets(line: &str) -> impl Iterator<Item = &str> {
    let is_octet = |word: &&str| word.len() == 2 && word.bytes().all(|b| b.is_ascii_hexdigit());
    line.split(' ').take(16).take_while(is_octet)
}

const SELECT_USIM: &str = "00A4040407A0000000871002";
const RAND: Rand = Rand::new([0x35; 16]);

/// Longer than opensc-tool takes.
const A_WHILE: Duration = Duration::from_millis(60);

#[test]
#[ignore = "kills programs 60 times: cargo xtask test --only crashes"]
fn a_card_that_is_killed_takes_no_challenge_twice() -> Result<()> {
    let namespace = Namespace::new()?;
    let _pcscd = Pcscd::start(&namespace)?;
    let mut challenger = Challenger::new()?;
    let mut draw = Draw::new(3);
    let mut taken = 0;
    for _ in 0..60 {
        let card = SoftCard::insert(&namespace)?;
        let mut tool = challenger.challenge(&namespace, taken)?.start()?;
        wait::a_moment(&mut draw, A_WHILE);
        card.kill()?;
        tool.ended()?;
        taken = judge(&challenger, taken, &tool.log())?;
    }
    let _card = SoftCard::insert(&namespace)?;
    let last = challenger.challenge(&namespace, taken)?.demand()?;
    assert_eq!(judge(&challenger, taken, &last)?, challenger.sent, "{last}");
    assert!(
        taken > 32 * 10,
        "too few challenges were taken to tell: {taken}"
    );
    Ok(())
}

#[test]
#[ignore = "kills programs 40 times: cargo xtask test --only crashes"]
fn a_card_outlives_the_daemon_and_comes_back_by_itself() -> Result<()> {
    let namespace = Namespace::new()?;
    let mut pcscd = Pcscd::start(&namespace)?;
    let _card = SoftCard::insert(&namespace)?;
    let mut challenger = Challenger::new()?;
    let mut draw = Draw::new(4);
    let mut taken = 0;
    for _ in 0..40 {
        let mut tool = challenger.challenge(&namespace, taken)?.start()?;
        wait::a_moment(&mut draw, A_WHILE);
        pcscd.kill()?;
        tool.ended()?;
        taken = judge(&challenger, taken, &tool.log())?;
        pcscd = Pcscd::start(&namespace)?;
        pcscd.card_comes(&namespace)?;
    }
    let last = challenger.challenge(&namespace, taken)?.demand()?;
    assert_eq!(judge(&challenger, taken, &last)?, challenger.sent, "{last}");
    Ok(())
}

/// Checks what a card said that may have been killed at any moment, and returns the highest number
/// of which it is known that it was taken.
fn judge(challenger: &Challenger, taken: u64, log: &str) -> Result<u64> {
    let answers = answers(log);
    let mut answers = answers.iter().map(String::as_str);
    let replay = challenger.replay(answers.next())?;
    match replay {
        Replay::Unanswered => return Ok(taken),
        Replay::Taken => anyhow::bail!("SQN {taken} was taken twice: {log}"),
        Replay::Refused(sqn) => ensure!(sqn.get() >= taken, "SQN went back to {sqn:?}: {log}"),
    }
    match answers.next() {
        Some(answer) if answer.starts_with("DB") => Ok(challenger.sent),
        Some(answer) => anyhow::bail!("a new number was refused with {answer}: {log}"),
        None => Ok(taken),
    }
}
