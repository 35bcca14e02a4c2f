//! The keys that a command works with, for any algorithm set.

use std::{io, num::NonZeroU8};

use aka::{
    K, Opc,
    milenage::Constants,
    tuak::{self, Topc},
};
use auc::{
    Functions, Keys as Subscribed, ResLength, constants_from_text,
    diagnose::{Operator, TuakOperator},
};
use clap::Args;

use crate::cli::{Failure, key::KeySource};

/// The subscriber's keys.
#[derive(Args)]
pub(super) struct Keys {
    /// The subscriber's key K: 32 hexadecimal digits, or 64 for TUAK
    #[arg(long, value_name = "KEY")]
    k: KeySource,
    #[command(flatten)]
    operator: OperatorKey,
    /// MILENAGE with constants of the operator's own: c1/r1 to c5/r5 with blanks between them, each
    /// 32 hexadecimal digits, a slash, and 0 to 127
    #[arg(long, value_name = "C/R...", value_parser = constants, conflicts_with_all = TUAKS)]
    constants: Option<Constants>,
    /// How often TUAK applies Keccak [default: 1]
    #[arg(long, value_name = "N", conflicts_with_all = MILENAGES)]
    iterations: Option<NonZeroU8>,
    /// How many octets RES has: up to 8 with MILENAGE; 4, 8 or 16 with TUAK [default: 8]
    #[arg(long, value_name = "OCTETS")]
    res_length: Option<u8>,
}

const TUAKS: [&str; 2] = ["top", "topc"];
const MILENAGES: [&str; 2] = ["op", "opc"];

#[derive(Args)]
#[group(required = true, multiple = false)]
struct OperatorKey {
    /// MILENAGE: the operator's field for this subscriber, OPc
    #[arg(long, value_name = "KEY")]
    opc: Option<KeySource>,
    /// MILENAGE: the operator's field, OP
    #[arg(long, value_name = "KEY")]
    op: Option<KeySource>,
    /// TUAK: the operator's field for this subscriber, TOPc, of 64 digits
    #[arg(long, value_name = "KEY")]
    topc: Option<KeySource>,
    /// TUAK: the operator's field, TOP, of 64 digits
    #[arg(long, value_name = "KEY")]
    top: Option<KeySource>,
    /// XOR, the algorithm of test USIMs, which has no operator's field and protects nothing
    #[arg(long)]
    danger_xor_for_tests: bool,
}

/// Keys as somebody gave them, right or wrong.
pub(super) enum Given {
    Milenage(K, Operator, Constants),
    Tuak(tuak::Key, TuakOperator, NonZeroU8),
    Xor(K),
}

impl Keys {
    /// The keys as they were given.
    pub(super) fn read(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Given, Failure> {
        let operator = &self.operator;
        if let Some(source) = operator.topc.as_ref().or(operator.top.as_ref()) {
            let k = self.k.read("--k", input)?;
            let field = if operator.topc.is_some() {
                TuakOperator::Topc(source.read("--topc", input)?)
            } else {
                TuakOperator::Top(source.read("--top", input)?)
            };
            let once = tuak::Functions::ONE_ITERATION;
            return Ok(Given::Tuak(k, field, self.iterations.unwrap_or(once)));
        }
        let k = self.k.read("--k", input)?;
        let field = match (&operator.opc, &operator.op) {
            (Some(opc), _) => Operator::Opc(opc.read("--opc", input)?),
            (None, Some(op)) => Operator::Op(op.read("--op", input)?),
            (None, None) => return Ok(Given::Xor(k)),
        };
        let constants = self.constants.unwrap_or(Constants::STANDARD);
        Ok(Given::Milenage(k, field, constants))
    }

    /// The keys of a subscriber, the operator's field derived if need be.
    pub(super) fn subscribed(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Subscribed, Failure> {
        Ok(self.read(input)?.subscribed())
    }

    pub(super) fn functions(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Functions, Failure> {
        let keys = self.subscribed(input)?;
        Ok(keys.functions(self.res_length(&keys)?))
    }

    /// As it was asked for, if the algorithm makes such a RES.
    pub(super) fn res_length(&self, keys: &Subscribed) -> Result<ResLength, Failure> {
        let algorithm = keys.algorithm();
        let Some(octets) = self.res_length else {
            return Ok(algorithm.usual_res());
        };
        ResLength::new(octets)
            .filter(|length| algorithm.makes(*length))
            .ok_or_else(|| {
                let name = algorithm.name();
                let text = format!("--res-length: {name} makes no RES of {octets} octets");
                Failure::Usage(anyhow::anyhow!(text))
            })
    }
}

impl Given {
    fn subscribed(self) -> Subscribed {
        match self {
            Self::Milenage(k, operator, constants) => {
                let opc = match operator {
                    Operator::Opc(opc) => opc,
                    Operator::Op(op) => Opc::derive(&k, &op),
                };
                Subscribed::milenage_with(k, opc, constants)
            }
            Self::Tuak(key, operator, iterations) => {
                let topc = match operator {
                    TuakOperator::Topc(topc) => topc,
                    TuakOperator::Top(top) => Topc::derive(&key, &top, iterations),
                };
                Subscribed::tuak(key, topc, iterations)
            }
            Self::Xor(k) => Subscribed::danger_xor_for_tests(k),
        }
    }
}

fn constants(text: &str) -> Result<Constants, String> {
    constants_from_text(text).map_err(|error| error.to_string())
}
