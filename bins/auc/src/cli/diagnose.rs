//! `auc diagnose`: which keys or habits explain a token that was seen.

use std::io;

use aka::{Autn, Auts, IndLength, Rand, Res, Sqn, card};
use auc::diagnose::{Assumption, Claim, Deviation, Evidence, Finding, Token};
use clap::Args;

use crate::cli::{
    Failure, Report,
    keys::{Given, Keys},
    number::Number,
};

#[derive(Args)]
pub(crate) struct Diagnose {
    #[command(flatten)]
    keys: Keys,
    /// The challenge
    #[arg(long, value_name = "HEX")]
    rand: Rand,
    #[command(flatten)]
    token: Seen,
    /// The response that the card gave, or the home expected
    #[arg(long, value_name = "HEX")]
    res: Option<Res>,
    /// The highest sequence number that the card has taken (SQN_MS), to tell whether a challenge
    /// is fresh; with --autn and --auts together it is read from AUTS
    #[arg(long, value_name = "SQN", conflicts_with = "auts")]
    card_sqn: Option<Number>,
    /// The last sequence number that the home has issued (SQN_HE), to tell how far the card is off
    #[arg(long, value_name = "SQN", conflicts_with = "autn")]
    home_sqn: Option<Number>,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Seen {
    /// The token of the challenge
    #[arg(long, value_name = "HEX")]
    autn: Option<Autn>,
    /// The card's resynchronisation token; beside --autn, the card's answer to that challenge
    #[arg(long, value_name = "HEX")]
    auts: Option<Auts>,
}

impl Diagnose {
    pub(crate) fn run(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Report, Failure> {
        let claim = claim(self.keys.read(input)?);
        let [autn, auts] = self.token.tokens();
        Ok(match (autn, auts) {
            (Some(autn), Some(auts)) => self.both(&claim, autn, auts),
            (Some(token), None) | (None, Some(token)) => {
                let found = claim.diagnose(&self.evidence(token));
                self.report(found, self.card_sqn.map(|number| number.0))
            }
            (None, None) => unreachable!("one of the group is required"),
        })
    }

    /// A challenge and the card's refusal of it.
    fn both(&self, claim: &Claim, autn: Token, auts: Token) -> Report {
        let answer = claim.diagnose(&Evidence::new(self.rand, auts));
        let card = match answer {
            Finding::Explained { sqn, .. } => Some(sqn),
            Finding::OtherConstants { .. } | Finding::Unexplained | _ => None,
        };
        let found = claim.diagnose(&self.evidence(autn));
        let report = self.report(found, card);
        match answer {
            Finding::Explained {
                assumption,
                deviation,
                sqn,
                ..
            } => {
                let report = report
                    .with("SQN_MS", format_args!("{sqn:x}"))
                    .with("AUTS", format_args!("{assumption}; {deviation}"));
                failed_unless(report, is_right(assumption, deviation))
            }
            Finding::OtherConstants { .. } | Finding::Unexplained | _ => report
                .with("AUTS", format_args!("not explained by what explains AUTN"))
                .failed(),
        }
    }

    fn evidence(&self, token: Token) -> Evidence {
        let evidence = Evidence::new(self.rand, token);
        match &self.res {
            Some(res) => evidence.with_res(res.clone()),
            None => evidence,
        }
    }

    fn report(&self, finding: Finding, card: Option<Sqn>) -> Report {
        match finding {
            Finding::Explained {
                assumption,
                deviation,
                sqn,
                res,
            } => {
                let report = explained(assumption, deviation, sqn, res);
                self.with_distance(report, sqn, card)
            }
            Finding::OtherConstants { assumption } => Report::default()
                .with("KEYS", format_args!("{assumption}"))
                .with("TOKEN", format_args!("{OTHER_CONSTANTS}"))
                .failed(),
            Finding::Unexplained | _ => Report::default()
                .with("KEYS", format_args!("no"))
                .with("TOKEN", format_args!("{UNEXPLAINED}"))
                .failed(),
        }
    }

    fn with_distance(&self, report: Report, sqn: Sqn, card: Option<Sqn>) -> Report {
        let seq = |sqn: Sqn| sqn.seq(IndLength::FIVE);
        match (card, self.home_sqn) {
            (Some(card), _) => freshness(report, seq(sqn), seq(card)),
            (None, Some(home)) => distance(report, seq(sqn), seq(home.0)),
            (None, None) => report,
        }
    }
}

const OTHER_CONSTANTS: &str =
    "RES fits and the MAC does not: wrong constants, the other side has c1, r1 of its own";
const UNEXPLAINED: &str = "not explained: another K or OP, another algorithm (TUAK takes --topc or --top), \
     constants of an operator's own (--constants), or another RAND";

fn claim(given: Given) -> Claim {
    match given {
        Given::Milenage(k, operator, constants) => Claim::milenage(k, operator, constants),
        Given::Tuak(key, operator, iterations) => Claim::tuak(key, operator, iterations),
        Given::Xor(k) => Claim::xor(k),
    }
}

fn is_right(assumption: Assumption, deviation: Deviation) -> bool {
    assumption == Assumption::AsGiven && deviation == Deviation::None
}

fn failed_unless(report: Report, right: bool) -> Report {
    if right { report } else { report.failed() }
}

fn explained(assumption: Assumption, deviation: Deviation, sqn: Sqn, res: Option<bool>) -> Report {
    let report = Report::default()
        .with("KEYS", format_args!("{assumption}"))
        .with("TOKEN", format_args!("{deviation}"))
        .with("SQN", format_args!("{sqn:x}"))
        .with("SEQ", format_args!("{}", sqn.seq(IndLength::FIVE)))
        .with("IND", format_args!("{}", sqn.ind(IndLength::FIVE).get()));
    let report = failed_unless(report, is_right(assumption, deviation));
    match res {
        Some(fits) => report.with_verdict("RES", fits),
        None => report,
    }
}

/// Whether a card whose highest SEQ is `card` takes `seq`, all its slots being that high.
fn freshness(report: Report, seq: u64, card: u64) -> Report {
    if seq <= card {
        let by = card - seq;
        return report
            .with(
                "FRESH",
                format_args!("stale by {by}; taken only if the slot of its IND is lower"),
            )
            .failed();
    }
    let by = seq - card;
    if by > card::Policy::DEFAULT_DELTA {
        return report
            .with(
                "FRESH",
                format_args!("ahead by {by}, more than the 2^28 of TS 33.102 §C.3"),
            )
            .failed();
    }
    report.with("FRESH", format_args!("yes, ahead by {by}"))
}

/// How far the card that made an AUTS is from its home.
fn distance(report: Report, card: u64, home: u64) -> Report {
    if card > home {
        report.with(
            "HOME",
            format_args!("behind the card by {}: resynchronise", card - home),
        )
    } else {
        report.with(
            "HOME",
            format_args!(
                "ahead of the card by {}: the next vector may be taken",
                home - card
            ),
        )
    }
}

impl Seen {
    fn tokens(&self) -> [Option<Token>; 2] {
        [self.autn.map(Token::Autn), self.auts.map(Token::Auts)]
    }
}
