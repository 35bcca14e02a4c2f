//! Osmocom's osmo-auc-gen, our library and our `auc` agree on what MILENAGE makes of anything.

use std::collections::HashMap;
use std::process::Command;
use std::thread;

use aka::algorithm::{CardAlgorithm as _, HomeAlgorithm as _};
use aka::kdf::gsm::{self, SresFunction};
use aka::{Amf, IndLength, K, Milenage, Op, Opc, Rand, Sqn};
use anyhow::{Context as _, Result, ensure};
use counterparts::{Draw, program};
use serde_json::Value;

/// A subscriber, a challenge and a sequence number.
#[derive(Debug)]
struct Case {
    k: String,
    operator: String,
    kind: OperatorKey,
    rand: String,
    amf: String,
    sqn: u64,
}

#[derive(Clone, Copy, Debug)]
enum OperatorKey {
    Op,
    Opc,
}

/// Each process of theirs reads our AUTS and makes the vector that follows it.
#[test]
#[ignore = "needs osmo-auc-gen: cargo xtask test --only oracle"]
fn ten_thousand_random_resynchronisations_and_the_vectors_after_them_are_the_same() -> Result<()> {
    const THREADS: u64 = 4;
    let share = |seed| {
        let mut draw = Draw::new(seed);
        (0..10_000 / THREADS).try_for_each(|number| {
            let kind = if number % 2 == 0 {
                OperatorKey::Op
            } else {
                OperatorKey::Opc
            };
            Case::drawn(&mut draw, kind).compare()
        })
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|seed| scope.spawn(move || share(35_207 + seed)))
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().expect("a panic is a failure"))
    })
}

#[test]
#[ignore = "needs osmo-auc-gen: cargo xtask test --only oracle"]
fn a_thousand_random_vectors_are_the_same() -> Result<()> {
    let mut draw = Draw::new(35_206);
    for number in 0..1000 {
        let kind = if number % 2 == 0 {
            OperatorKey::Op
        } else {
            OperatorKey::Opc
        };
        let case = Case::drawn(&mut draw, kind);
        let (theirs, ours) = (case.osmo(&[])?, case.vector()?);
        let same = [
            ("AUTN", "autn"),
            ("RES", "xres"),
            ("CK", "ck"),
            ("IK", "ik"),
            ("SRES", "sres"),
            ("Kc", "kc"),
        ];
        for (theirs_name, name) in same {
            assert_eq!(theirs[theirs_name], ours[name], "{name} of {case:?}");
        }
    }
    Ok(())
}

#[test]
#[ignore = "needs osmo-auc-gen: cargo xtask test --only oracle"]
fn a_hundred_random_resynchronisations_are_read_alike() -> Result<()> {
    let mut draw = Draw::new(33_102);
    for _ in 0..100 {
        let case = Case::drawn(&mut draw, OperatorKey::Opc);
        let auts = case.auts()?;
        let theirs = case.osmo(&["-A", &auts])?;
        let ours = case.resync(&auts)?;
        assert_eq!(theirs["SQN.MS"], case.sqn.to_string(), "{case:?}");
        assert_eq!(ours["sqn_ms"], format!("{:012x}", case.sqn), "{case:?}");
        assert_eq!(ours["mac_s"], "verified", "{case:?}");
    }
    Ok(())
}

#[test]
#[ignore = "needs osmo-auc-gen: cargo xtask test --only oracle"]
fn a_forged_resynchronisation_is_refused_by_both() -> Result<()> {
    let case = Case::drawn(&mut Draw::new(1), OperatorKey::Opc);
    let auts = Draw::new(2).hex(14);
    assert!(case.osmo(&["-A", &auts]).is_err());
    let output = Command::new(program::ours("auc")?)
        .args(case.resync_words(&auts))
        .output()?;
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}

impl Case {
    fn drawn(draw: &mut Draw, kind: OperatorKey) -> Self {
        let [k, operator, rand] = [draw.hex(16), draw.hex(16), draw.hex(16)];
        Self {
            k,
            operator,
            kind,
            rand,
            amf: draw.hex(2),
            sqn: draw.below(1 << 47),
        }
    }

    /// What osmo-auc-gen prints, by the name before the colon.
    fn osmo(&self, more: &[&str]) -> Result<HashMap<String, String>> {
        let operator = match self.kind {
            OperatorKey::Op => "-O",
            OperatorKey::Opc => "-o",
        };
        let sqn = self.sqn.to_string();
        let mut command = Command::new("osmo-auc-gen");
        command.args([
            "-3",
            "-a",
            "milenage",
            "-k",
            &self.k,
            operator,
            &self.operator,
        ]);
        command.args(["-r", &self.rand, "-f", &self.amf]);
        if more.is_empty() {
            command.args(["-s", &sqn]);
        }
        let text = printed(command.args(more))?;
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        Ok(lines
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect())
    }

    fn vector(&self) -> Result<Value> {
        let operator = match self.kind {
            OperatorKey::Op => "--op",
            OperatorKey::Opc => "--opc",
        };
        let sqn = format!("{:012x}", self.sqn);
        let mut command = Command::new(program::ours("auc")?);
        command.args(["--json", "vector", "--k", &self.k, operator, &self.operator]);
        command.args(["--rand", &self.rand, "--amf", &self.amf, "--sqn", &sqn]);
        Ok(serde_json::from_str(&printed(&mut command)?)?)
    }

    fn resync(&self, auts: &str) -> Result<Value> {
        let mut command = Command::new(program::ours("auc")?);
        Ok(serde_json::from_str(&printed(
            command.args(self.resync_words(auts)),
        )?)?)
    }

    fn resync_words(&self, auts: &str) -> Vec<String> {
        let words = ["--json", "resync", "--k", &self.k, "--opc", &self.operator];
        let rest = ["--rand", &self.rand, "--auts", auts];
        words.into_iter().chain(rest).map(str::to_owned).collect()
    }

    /// What a card with this case's SQN as its highest says to the challenge.
    fn auts(&self) -> Result<String> {
        let rand: Rand = self.rand.parse()?;
        let auts = self.milenage()?.auts(&rand, Sqn::new(self.sqn)?);
        Ok(format!("{:x}", auts.hex()))
    }

    fn milenage(&self) -> Result<Milenage> {
        let k: K = self.k.parse()?;
        let opc = match self.kind {
            OperatorKey::Op => Opc::derive(&k, &self.operator.parse::<Op>()?),
            OperatorKey::Opc => self.operator.parse()?,
        };
        Ok(Milenage::new(&k, &opc))
    }

    /// osmo-auc-gen against the library.
    fn compare(&self) -> Result<()> {
        let theirs = self.osmo(&["-A", &self.auts()?])?;
        let theirs = |name| {
            theirs
                .get(name)
                .with_context(|| format!("{name} is missing"))
        };
        ensure!(*theirs("SQN.MS")? == self.sqn.to_string(), "{self:?}");
        let sqn = Sqn::new(theirs("SQN")?.parse()?)?;
        let five = IndLength::FIVE;
        let next = Sqn::new(self.sqn)?.seq(five) + 1;
        ensure!(sqn.seq(five) == next, "SQN of {self:?}");

        let (rand, amf): (Rand, Amf) = (self.rand.parse()?, self.amf.parse()?);
        let (autn, response) = self.milenage()?.challenge(&rand, sqn, amf);
        let sres = gsm::sres(&response.res, SresFunction::Folded);
        let kc = gsm::c3(&response.ck, &response.ik);
        let ours = [
            ("AUTN", format!("{:x}", autn.hex())),
            ("RES", format!("{:x}", response.res.expose_hex())),
            ("CK", format!("{:x}", response.ck.expose_hex())),
            ("IK", format!("{:x}", response.ik.expose_hex())),
            ("SRES", format!("{:x}", sres.expose_hex())),
            ("Kc", format!("{:x}", kc.expose_hex())),
        ];
        for (name, value) in ours {
            ensure!(*theirs(name)? == value, "{name} of {self:?}");
        }
        Ok(())
    }
}

fn printed(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {command:?}"))?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(
        output.status.success(),
        "{command:?}: {}\n{text}",
        output.status
    );
    Ok(text)
}
