//! A device with a SIM, which notes everything that it is told.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use aka::algorithm::CardAlgorithm as _;
use aka::{Autn, K, Mac, Milenage, Opc, Rand};
use anyhow::{Context as _, Result, ensure};
use counterparts::card;
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

/// What came of a request.
#[derive(Debug)]
pub(crate) enum Sent {
    /// The whole answer.
    Answered(u16, Value),
    /// Nobody was there to hear it.
    Unheard,
    /// Somebody heard it, and died.
    Broken,
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
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let sent = send(server, &request);
    if let Sent::Answered(200, answer) = sent {
        return Ok(answer);
    }
    anyhow::bail!("{path}: {sent:?}")
}

fn imsi(index: usize) -> String {
    format!("00101{index:010}")
}

fn post(server: &Path, path: &str, body: &Value) -> Sent {
    let body = body.to_string();
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    send(server, &request)
}

fn send(server: &Path, request: &str) -> Sent {
    let Ok(mut stream) = UnixStream::connect(server) else {
        return Sent::Unheard;
    };
    let answer = exchange(&mut stream, request);
    answer
        .and_then(|answer| read(&answer))
        .unwrap_or(Sent::Broken)
}

fn exchange(stream: &mut UnixStream, request: &str) -> Option<String> {
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn read(answer: &str) -> Option<Sent> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Sent::Answered(status, serde_json::from_str(body).ok()?))
}
