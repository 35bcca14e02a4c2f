//! A device with a SIM, which notes everything that it is told.

use std::path::Path;

use aka::algorithm::CardAlgorithm as _;
use aka::{Autn, K, Mac, Milenage, Opc, Rand};
use anyhow::{Context as _, Result, ensure};
use counterparts::card;
use counterparts::http::{Asked, Sent};
use endorse::RequestParameters;
use endorse::confirm::{AkaRun, ConfirmationKey, Transcript};
use serde_json::{Value, json};

pub(crate) const ORIGIN: &str = "https://endorse.example";
pub(crate) const AUDIENCE: &str = "https://api.example";

/// One SIM of those that share the default card's keys.
#[derive(Debug)]
pub(crate) struct Device {
    imsi: String,
    milenage: Milenage,
}

/// A challenge, and its answer.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) sqn: u64,
    pub(crate) rand: Rand,
    pub(crate) txn: String,
    pub(crate) confirm: String,
}

impl Device {
    pub(crate) fn new(index: usize) -> Result<Self> {
        let (k, opc): (K, Opc) = (card::K.parse()?, card::OPC.parse()?);
        Ok(Self {
            imsi: imsi(index),
            milenage: Milenage::new(&k, &opc),
        })
    }

    /// Asks for a challenge; nothing if the server dies meanwhile.
    pub(crate) fn ask(&self, server: &Path) -> Result<Option<Proof>> {
        let body = json!({"imsi": self.imsi, "aud": AUDIENCE});
        match post(server, "/endorse/v1/challenge", &body) {
            Sent::Answered(200, challenge) => self.prove(&challenge).map(Some),
            Sent::Answered(status, answer) => anyhow::bail!("no challenge: {status} {answer}"),
            Sent::Unheard | Sent::Broken => Ok(None),
        }
    }

    fn prove(&self, challenge: &Value) -> Result<Proof> {
        let text = |name: &str| challenge.get(name).and_then(Value::as_str);
        let rand: Rand = text("rand").context("no RAND")?.parse()?;
        let autn: Autn = text("autn").context("no AUTN")?.parse()?;
        let txn = text("txn").context("no txn")?;
        let (sqn, expected, response) = self.milenage.open_autn(&rand, &autn);
        ensure!(Mac::verify(expected, autn.mac()), "no card would take it");
        let run = AkaRun {
            rand: rand.as_bytes(),
            autn: autn.as_bytes(),
            ck: response.ck.expose(),
            ik: response.ik.expose(),
        };
        let parameters = RequestParameters::default();
        let transcript = Transcript {
            origin: ORIGIN,
            nonce: None,
            audience: AUDIENCE,
            request_parameters: &parameters,
            key: None,
        };
        let key = ConfirmationKey::derive(run, ORIGIN, &txn.parse()?);
        Ok(Proof {
            sqn: sqn.get(),
            rand,
            txn: txn.to_owned(),
            confirm: key.confirm(&transcript).to_base64(),
        })
    }
}

impl Proof {
    /// Answers with what the SIM says.
    pub(crate) fn send(&self, server: &Path) -> Sent {
        let body = json!({"txn": self.txn, "confirm": self.confirm});
        post(server, "/endorse/v1/token", &body)
    }

    /// Answers with what somebody says who has no SIM.
    pub(crate) fn send_without_sim(&self, server: &Path) -> Sent {
        let body = json!({"txn": self.txn, "confirm": "A".repeat(43)});
        post(server, "/endorse/v1/token", &body)
    }
}

/// The subscribers' file for so many devices.
pub(crate) fn subscribers(devices: usize) -> String {
    let line = |index| format!("{},{},{}\n", imsi(index), card::K, card::OPC);
    let lines: String = (0..devices).map(line).collect();
    format!("imsi,k,opc\n{lines}")
}

pub(crate) fn get(server: &Path, path: &str) -> Result<Value> {
    let sent = Asked::get(path).send(server);
    if let Sent::Answered(200, answer) = sent {
        return Ok(answer);
    }
    anyhow::bail!("{path}: {sent:?}")
}

fn imsi(index: usize) -> String {
    format!("00101{index:010}")
}

fn post(server: &Path, path: &str, body: &Value) -> Sent {
    Asked::post(path, body).send(server)
}
