//! `auc diagnose`: which keys or habits explain a token that was seen.

use std::io;

use aka::{Autn, Auts, IndLength, Rand, Res, Sqn, card};
use auc::diagnose::{Assumption, Claim, Deviation, Evidence, Finding, Token};
use clap::Args;

use crate::cli::{Failure, Report, number::Number, vector::Keys};

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
    /// is fresh
    #[arg(long, value_name = "SQN", conflicts_with = "auts")]
    card_sqn: Option<Number>,
    /// The last sequence number that the home has issued (SQN_HE), to tell how far the card is off
    #[arg(long, value_name = "SQN", conflicts_with = "autn")]
    home_sqn: Option<Number>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Seen {
    /// The token of the challenge
    #[arg(long, value_name = "HEX")]
    autn: Option<Autn>,
    /// The card's resynchronisation token
    #[arg(long, value_name = "HEX")]
    auts: Option<Auts>,
}

impl Diagnose {
    pub(crate) fn run(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Report, Failure> {
        let (k, operator) = self.keys.read(input)?;
        let mut evidence = Evidence::new(self.rand, self.token.token());
        if let Some(res) = &self.res {
            evidence = evidence.with_res(res.clone());
        }
        Ok(match Claim::new(k, operator).diagnose(&evidence) {
            Finding::Explained {
                assumption,
                deviation,
                sqn,
                res,
            } => self.explained(assumption, deviation, sqn, res),
            Finding::OtherConstants { assumption } => Report::default()
                .with("KEYS", format_args!("{assumption}"))
                .with(
                    "TOKEN",
                    format_args!(
                        "RES fits and the MAC does not: the other side has constants c1, r1 of its own"
                    ),
                )
                .failed(),
            Finding::Unexplained | _ => Report::default()
                .with("KEYS", format_args!("no"))
                .with(
                    "TOKEN",
                    format_args!(
                        "not explained: another K or OP, TUAK, operator's constants, or another RAND"
                    ),
                )
                .failed(),
        })
    }

    fn explained(
        &self,
        assumption: Assumption,
        deviation: Deviation,
        sqn: Sqn,
        res: Option<bool>,
    ) -> Report {
        let right = assumption == Assumption::AsGiven && deviation == Deviation::None;
        let report = Report::default()
            .with("KEYS", format_args!("{assumption}"))
            .with("TOKEN", format_args!("{deviation}"))
            .with("SQN", format_args!("{sqn:x}"))
            .with("SEQ", format_args!("{}", sqn.seq(IndLength::FIVE)))
            .with("IND", format_args!("{}", sqn.ind(IndLength::FIVE).get()));
        let report = if right { report } else { report.failed() };
        let report = match res {
            Some(fits) => report.with_verdict("RES", fits),
            None => report,
        };
        self.with_distance(report, sqn)
    }

    fn with_distance(&self, report: Report, sqn: Sqn) -> Report {
        let seq = |sqn: Sqn| sqn.seq(IndLength::FIVE);
        match (self.card_sqn, self.home_sqn) {
            (Some(card), _) => freshness(report, seq(sqn), seq(card.0)),
            (None, Some(home)) => distance(report, seq(sqn), seq(home.0)),
            (None, None) => report,
        }
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
    fn token(&self) -> Token {
        match (self.autn, self.auts) {
            (Some(autn), _) => Token::Autn(autn),
            (None, Some(auts)) => Token::Auts(auts),
            (None, None) => unreachable!("one of the group is required"),
        }
    }
}
