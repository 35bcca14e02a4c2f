//! `auc explain`: every intermediate value of a vector, and of what is derived from it.

use std::io;

use aka::{
    Amf, Imsi, IndLength, MncLength, Plmn, Rand, algorithm::HomeAlgorithm as _, network::Vector,
};
use auc::explain::{Derivation, Hierarchy, Naf, of_vector};
use clap::Args;

use crate::cli::{Failure, Report, keys::Keys, number::Number};

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
    #[command(flatten)]
    derived: Derived,
}

/// What the keys are derived for.
#[derive(Args)]
#[command(next_help_heading = "Derivations")]
struct Derived {
    /// The subscriber
    #[arg(long, default_value = "001010000000001")]
    imsi: Imsi,
    /// How many digits the MNC in the IMSI has
    #[arg(long, value_name = "DIGITS", default_value = "2", value_parser = mnc_length)]
    mnc_length: MncLength,
    /// The serving network; without it, the home network
    #[arg(long, value_name = "MCC-MNC", value_parser = plmn)]
    serving: Option<Plmn>,
    /// The access network of EAP-AKA'
    #[arg(long, value_name = "NAME", default_value = "WLAN")]
    access_network: String,
    /// Derive keys for this application of GBA and AKMA, too
    #[arg(long, value_name = "FQDN")]
    naf: Option<String>,
    /// The application's protocol; 0100000002 is HTTP Digest
    #[arg(long, value_name = "HEX", default_value = "0100000002", value_parser = protocol)]
    ua: [u8; 5],
}

impl Explain {
    pub(crate) fn run(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Report, Failure> {
        let keys = self.keys.subscribed(input)?;
        let length = self.keys.res_length(&keys)?;
        let sqn = self.sqn.0;
        let mut report = Report::default()
            .with("SQN", format_args!("{sqn:x}"))
            .with("SEQ", format_args!("{}", sqn.seq(IndLength::FIVE)))
            .with("IND", format_args!("{}", sqn.ind(IndLength::FIVE).get()));
        for value in of_vector(&keys, length, &self.rand, sqn, self.amf) {
            let octets = hex::encode(value.expose());
            report = report.with(value.name(), format_args!("{octets}"));
        }
        let functions = keys.functions(length);
        let (autn, expected) = functions.challenge(&self.rand, sqn, self.amf);
        let vector = Vector {
            rand: self.rand,
            xres: length.cut(&expected.res),
            ck: expected.ck,
            ik: expected.ik,
            autn,
        };
        let derivations = self.derived.of(&vector);
        Ok(derivations.iter().fold(report, with_derivation))
    }
}

fn with_derivation(report: Report, derivation: &Derivation) -> Report {
    let name = derivation.name();
    let key = hex::encode(derivation.expose_key());
    let (parts, s) = (derivation.expose_parts(), derivation.expose_s());
    let output = hex::encode(&*derivation.expose_output());
    let report = if key.is_empty() {
        report
    } else {
        report.with_name(&format!("{name} key"), format_args!("{key}"))
    };
    report
        .with_name(&format!("{name} parts"), format_args!("{}", *parts))
        .with_name(&format!("{name} S"), format_args!("{}", hex::encode(&*s)))
        .with_name(name, format_args!("{output}"))
}

impl Derived {
    fn of(&self, vector: &Vector) -> Vec<Derivation> {
        let mut hierarchy =
            Hierarchy::new(&self.imsi, self.mnc_length).with_access_network(&self.access_network);
        if let Some(serving) = self.serving {
            hierarchy = hierarchy.with_serving(serving);
        }
        if let Some(fqdn) = self.naf.as_deref() {
            let ua = self.ua;
            hierarchy = hierarchy.with_naf(Naf { fqdn, ua });
        }
        hierarchy.derivations(vector)
    }
}

fn mnc_length(text: &str) -> Result<MncLength, &'static str> {
    match text {
        "2" => Ok(MncLength::Two),
        "3" => Ok(MncLength::Three),
        _ => Err("2 or 3"),
    }
}

fn plmn(text: &str) -> Result<Plmn, &'static str> {
    let codes = text.split_once('-');
    let plmn = codes.and_then(|(mcc, mnc)| Plmn::new(mcc, mnc).ok());
    plmn.ok_or("three digits, -, and two or three digits")
}

fn protocol(text: &str) -> Result<[u8; 5], &'static str> {
    let octets = hex::decode(text).ok();
    let octets = octets.and_then(|octets| octets.try_into().ok());
    octets.ok_or("10 hexadecimal digits")
}
