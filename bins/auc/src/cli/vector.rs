//! `auc vector`, `auc resync`, `auc opc`: arithmetic on keys that are given.

use std::{io, num::NonZeroU8};

use aka::{
    Amf, Auts, Op, Opc, Rand,
    algorithm::HomeAlgorithm,
    kdf::gsm::{self, SresFunction},
    tuak::Topc,
};
use anyhow::Context;
use clap::Args;

use crate::cli::{Failure, Report, key::KeySource, keys::Keys, number::Number};

#[derive(Args)]
pub(crate) struct Vector {
    #[command(flatten)]
    keys: Keys,
    /// The sequence number: 12 hexadecimal digits, or a decimal number of fewer digits
    #[arg(long)]
    sqn: Number,
    /// The authentication management field; 8000 has the separation bit that EPS, 5GS and
    /// EAP-AKA' need
    #[arg(long, value_name = "HEX", default_value = "8000")]
    amf: Amf,
    /// The challenge; without it, one is drawn
    #[arg(long, value_name = "HEX")]
    rand: Option<Rand>,
}

impl Vector {
    pub(crate) fn run(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Report, Failure> {
        let keys = self.keys.subscribed(input)?;
        let length = self.keys.res_length(&keys)?;
        let functions = keys.functions(length);
        let rand = self.rand.map_or_else(draw, Ok)?;
        let (autn, expected) = functions.challenge(&rand, self.sqn.0, self.amf);
        let xres = length.cut(&expected.res);
        let sres = gsm::sres(&expected.res, SresFunction::Folded);
        let kc = gsm::c3(&expected.ck, &expected.ik);
        Ok(Report::default()
            .with("RAND", format_args!("{:x}", rand.hex()))
            .with("AUTN", format_args!("{:x}", autn.hex()))
            .with("XRES", format_args!("{:x}", xres.expose_hex()))
            .with("CK", format_args!("{:x}", expected.ck.expose_hex()))
            .with("IK", format_args!("{:x}", expected.ik.expose_hex()))
            .with("SRES", format_args!("{:x}", sres.expose_hex()))
            .with("Kc", format_args!("{:x}", kc.expose_hex()))
            .with("SQN", format_args!("{:x}", self.sqn.0)))
    }
}

fn draw() -> Result<Rand, Failure> {
    let rand = Rand::generate(getrandom::fill).context("the system has no random numbers");
    rand.map_err(Failure::Failed)
}

#[derive(Args)]
pub(crate) struct Resync {
    #[command(flatten)]
    keys: Keys,
    /// The challenge that the card answered
    #[arg(long, value_name = "HEX")]
    rand: Rand,
    /// What the card answered
    #[arg(long, value_name = "HEX")]
    auts: Auts,
}

impl Resync {
    pub(crate) fn run(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Report, Failure> {
        let functions = self.keys.functions(input)?;
        let (sqn_ms, expected) = functions.open_auts(&self.rand, &self.auts);
        Ok(Report::default()
            .with_verdict("MAC-S", expected.verify(self.auts.mac()))
            .with("SQN_MS", format_args!("{sqn_ms:x}")))
    }
}

#[derive(Args)]
pub(crate) struct ComputeOpc {
    /// The subscriber's key K: 32 hexadecimal digits, or 64 for TUAK
    #[arg(long, value_name = "KEY")]
    k: KeySource,
    /// MILENAGE: the operator's field OP
    #[arg(
        long,
        value_name = "KEY",
        required_unless_present = "top",
        conflicts_with = "top"
    )]
    op: Option<KeySource>,
    /// TUAK: the operator's field TOP, of 64 digits
    #[arg(long, value_name = "KEY")]
    top: Option<KeySource>,
    /// How often TUAK applies Keccak
    #[arg(long, value_name = "N", default_value = "1", conflicts_with = "op")]
    iterations: NonZeroU8,
}

impl ComputeOpc {
    pub(crate) fn run(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Report, Failure> {
        let report = Report::default();
        if let Some(top) = &self.top {
            let k = self.k.read("--k", input)?;
            let topc = Topc::derive(&k, &top.read("--top", input)?, self.iterations);
            return Ok(report.with("TOPc", format_args!("{:x}", topc.expose_hex())));
        }
        let (k, op) = (self.k.read("--k", input)?, self.op.as_ref());
        let op = op.context("--op is missing").map_err(Failure::Usage)?;
        let opc = Opc::derive(&k, &op.read::<Op>("--op", input)?);
        Ok(report.with("OPc", format_args!("{:x}", opc.expose_hex())))
    }
}
