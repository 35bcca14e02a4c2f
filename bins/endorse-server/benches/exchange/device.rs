//! Devices with a SIM each, all of the same keys.

use aka::algorithm::CardAlgorithm as _;
use aka::{Autn, K, Milenage, Opc, Rand};
use anyhow::{Context as _, Result};
use auc::Subscribers;
use endorse::RequestParameters;
use endorse::confirm::{AkaRun, ConfirmationKey, Transcript};
use serde_json::{Value, json};

pub(crate) const ORIGIN: &str = "https://endorse.example";
pub(crate) const AUDIENCE: &str = "https://api.example";
pub(crate) const DEVICES: usize = 100;
pub(crate) const CHALLENGE: &str = "/endorse/v1/challenge";
pub(crate) const TOKEN: &str = "/endorse/v1/token";

const K_TEXT: &str = "465b5ce8b199b49faa5f0a2ee238a6bc";
const OPC_TEXT: &str = "cd63cb71954a9f4e48a5994e37a02baf";

pub(crate) fn milenage() -> Result<Milenage> {
    let (k, opc): (K, Opc) = (K_TEXT.parse()?, OPC_TEXT.parse()?);
    Ok(Milenage::new(&k, &opc))
}

/// What a device asks first.
pub(crate) fn question(index: usize) -> Value {
    json!({"imsi": imsi(index), "aud": AUDIENCE})
}

/// What it answers to the challenge.
pub(crate) fn answer(milenage: &Milenage, challenge: &Value) -> Result<Value> {
    let text = |name: &str| challenge.get(name).and_then(Value::as_str).context("text");
    let (rand, autn): (Rand, Autn) = (text("rand")?.parse()?, text("autn")?.parse()?);
    let (_, _, response) = milenage.open_autn(&rand, &autn);
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
    let txn = text("txn")?;
    let key = ConfirmationKey::derive(run, ORIGIN, &txn.parse()?);
    let confirm = key.confirm(&transcript).to_base64();
    Ok(json!({"txn": txn, "confirm": confirm}))
}

/// Their subscribers' file.
pub(crate) fn file() -> String {
    lines(DEVICES, imsi)
}

/// A subscribers' file.
pub(crate) fn lines(many: usize, imsi: impl Fn(usize) -> String) -> String {
    let line = |index| format!("{},{K_TEXT},{OPC_TEXT}\n", imsi(index));
    let lines: String = (0..many).map(line).collect();
    format!("imsi,k,opc\n{lines}")
}

pub(crate) fn subscribers() -> Result<Subscribers> {
    Ok(Subscribers::parse(&file())?)
}

fn imsi(index: usize) -> String {
    format!("00101{index:010}")
}
