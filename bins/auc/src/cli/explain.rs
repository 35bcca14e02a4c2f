//! `auc explain`: every intermediate value of a vector.

use std::io;

use aka::{Amf, IndLength, Rand};
use auc::explain::Explanation;
use clap::Args;

use crate::cli::{Failure, Report, number::Number, vector::Keys};

#[derive(Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    keys: Keys,
    /// The sequence number: 12 hexadecimal digits, or a decimal number of fewer digits
    #[arg(long)]
    sqn: Number,
    /// The authentication management field
    #[arg(long, value_name = "HEX", default_value = "8000")]
    amf: Amf,
    /// The challenge
    #[arg(long, value_name = "HEX")]
    rand: Rand,
}

impl Explain {
    pub(crate) fn run(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Report, Failure> {
        let (k, opc) = self.keys.read_opc(input)?;
        let sqn = self.sqn.0;
        let values = Explanation::new(&k, &opc, &self.rand, sqn, self.amf);
        Ok(Report::default()
            .with("OPc", format_args!("{:x}", opc.expose_hex()))
            .with("SQN", format_args!("{sqn:x}"))
            .with("SEQ", format_args!("{}", sqn.seq(IndLength::FIVE)))
            .with("IND", format_args!("{}", sqn.ind(IndLength::FIVE).get()))
            .with("TEMP", format_args!("{:x}", values.temp()))
            .with("IN1", format_args!("{:x}", values.in1()))
            .with("OUT1", format_args!("{:x}", values.out1()))
            .with("OUT2", format_args!("{:x}", values.out2()))
            .with("OUT3", format_args!("{:x}", values.out3()))
            .with("OUT4", format_args!("{:x}", values.out4()))
            .with("OUT5", format_args!("{:x}", values.out5())))
    }
}
