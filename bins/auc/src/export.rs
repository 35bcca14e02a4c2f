//! Subscribers as lines of a file that [`Subscribers::parse`](crate::Subscribers::parse) reads.

use aka::milenage::Constants;
use zeroize::Zeroizing;

use crate::{AlgorithmName, Keys, Subscriber, constants_to_text};

/// The form of a subscribers' file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum Format {
    /// CSV with a header.
    Csv,
    /// The lines of hostapd's `hlr_auc_gw`.
    HlrAucGw,
    /// Open5GS's documents, one JSON object a line.
    Open5gs,
    /// Tables in TOML.
    Toml,
}

/// The form has no place for a subscriber's algorithm or constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "hlr_auc_gw knows MILENAGE with the standard's constants only; csv, open5gs and toml know all"
)]
#[non_exhaustive]
pub struct NoPlace;

impl Format {
    /// What stands before the first line.
    pub const fn begin(self) -> &'static str {
        match self {
            Self::Csv => "imsi,k,opc,amf,sqn,res_length,algorithm,topc,iterations,constants\n",
            Self::HlrAucGw => "# IMSI Ki OPc AMF SQN RES_len\n",
            Self::Open5gs | Self::Toml => "",
        }
    }

    /// One subscriber; wiped on drop.
    ///
    /// # Errors
    /// [`NoPlace`] for what `hlr_auc_gw` does not know.
    pub fn line(self, subscriber: &Subscriber) -> Result<Zeroizing<String>, NoPlace> {
        let fields = Fields::of(subscriber);
        match self {
            Self::Csv => Ok(fields.csv()),
            Self::HlrAucGw => fields.hlr_auc_gw(),
            Self::Open5gs => Ok(fields.open5gs()),
            Self::Toml => Ok(fields.toml()),
        }
    }
}

/// What every form writes of a subscriber.
struct Fields<'a> {
    subscriber: &'a Subscriber,
    amf: String,
    res_length: String,
    k: Zeroizing<String>,
    opc: Zeroizing<String>,
    topc: Zeroizing<String>,
    iterations: String,
    constants: Zeroizing<String>,
}

impl<'a> Fields<'a> {
    fn of(subscriber: &'a Subscriber) -> Self {
        let keys = &subscriber.keys;
        let operator = hex_of(keys.expose_operator());
        let (mut opc, mut topc, mut constants) = Default::default();
        let mut iterations = String::new();
        match keys {
            Keys::Milenage { constants: own, .. } => {
                opc = operator;
                if *own != Constants::STANDARD {
                    constants = constants_to_text(own);
                }
            }
            Keys::Tuak { iterations: n, .. } => {
                topc = operator;
                iterations = n.to_string();
            }
            Keys::Xor { .. } => {}
        }
        Self {
            subscriber,
            amf: format!("{:x}", subscriber.amf.hex()),
            res_length: subscriber.res_length.octets().to_string(),
            k: hex_of(keys.expose_k()),
            opc,
            topc,
            iterations,
            constants,
        }
    }

    fn csv(&self) -> Zeroizing<String> {
        let Subscriber {
            imsi, keys, sqn, ..
        } = self.subscriber;
        let (imsi, algorithm) = (imsi.as_str(), keys.algorithm().name());
        let sqn = format!("{sqn:x}");
        let fields: [&str; 10] = [
            imsi,
            &self.k,
            &self.opc,
            &self.amf,
            &sqn,
            &self.res_length,
            algorithm,
            &self.topc,
            &self.iterations,
            &self.constants,
        ];
        let mut line = Zeroizing::new(fields.join(","));
        line.push('\n');
        line
    }

    fn hlr_auc_gw(&self) -> Result<Zeroizing<String>, NoPlace> {
        let Subscriber {
            imsi, keys, sqn, ..
        } = self.subscriber;
        if keys.algorithm() != AlgorithmName::Milenage || !self.constants.is_empty() {
            return Err(NoPlace);
        }
        let (k, opc, amf) = (self.k.as_str(), self.opc.as_str(), &self.amf);
        let (imsi, length) = (imsi.as_str(), &self.res_length);
        Ok(Zeroizing::new(format!(
            "{imsi} {k} {opc} {amf} {sqn:x} {length}\n"
        )))
    }

    /// Plain MILENAGE is written as Open5GS writes it, with a name less.
    fn open5gs(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(format!(
            "{{\"imsi\":\"{}\",\"security\":{{\"k\":\"{}\",\"op\":null",
            self.subscriber.imsi.as_str(),
            *self.k
        ));
        for (name, value) in self.strings() {
            text.push_str(&Zeroizing::new(format!(",\"{name}\":\"{value}\"")));
        }
        for (name, value) in self.numbers() {
            text.push_str(&[",\"", name, "\":", value].concat());
        }
        let sqn = self.subscriber.sqn.get().to_string();
        text.push_str(&[",\"sqn\":{\"$numberLong\":\"", &sqn, "\"}}}\n"].concat());
        text
    }

    fn toml(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(format!(
            "[[subscriber]]\nimsi = \"{}\"\nk = \"{}\"\n",
            self.subscriber.imsi.as_str(),
            *self.k
        ));
        for (name, value) in self.strings() {
            text.push_str(&Zeroizing::new(format!("{name} = \"{value}\"\n")));
        }
        for (name, value) in self.numbers() {
            text.push_str(&[name, " = ", value, "\n"].concat());
        }
        let sqn = format!("{:x}", self.subscriber.sqn);
        text.push_str(&["sqn = \"", &sqn, "\"\n\n"].concat());
        text
    }

    fn strings(&self) -> impl Iterator<Item = (&'static str, &str)> {
        // the operator's field tells the two others apart
        let algorithm = match self.subscriber.keys.algorithm() {
            AlgorithmName::Milenage | AlgorithmName::Tuak => "",
            AlgorithmName::Xor => AlgorithmName::Xor.name(),
        };
        let strings = [
            ("algorithm", algorithm),
            ("amf", &self.amf),
            ("opc", &self.opc),
            ("topc", &self.topc),
            ("constants", &self.constants),
        ];
        strings.into_iter().filter(|(_, value)| !value.is_empty())
    }

    fn numbers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let usual = self.subscriber.keys.algorithm().usual_res();
        let res_length = if self.subscriber.res_length == usual {
            ""
        } else {
            &self.res_length
        };
        let numbers = [
            ("iterations", &*self.iterations),
            ("res_length", res_length),
        ];
        numbers.into_iter().filter(|(_, value)| !value.is_empty())
    }
}

fn hex_of(octets: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(hex::encode(octets))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU8;

    use aka::{Amf, K, Opc, Sqn, tuak};

    use super::*;
    use crate::{ResLength, Subscribers, XorForTests};

    fn every() -> [Keys; 4] {
        let (k, opc) = (K::new([0x46; 16]), Opc::new([0xcd; 16]));
        let own = Constants::new([[7; 16]; 5], [0, 1, 2, 3, 127]).unwrap();
        let key = tuak::Key::from_slice(&[0x46; 32]).unwrap();
        let topc = tuak::Topc::new([0xcd; 32]);
        [
            Keys::milenage(k.clone(), opc.clone()),
            Keys::milenage_with(k.clone(), opc, own),
            Keys::tuak(key, topc, NonZeroU8::new(2).unwrap()),
            Keys::danger_xor_for_tests(k),
        ]
    }

    fn subscriber(keys: Keys) -> Subscriber {
        Subscriber::with_keys("001010000000001".parse().unwrap(), keys)
            .with_amf(Amf::new([0xb9, 0xb9]))
            .with_sqn(Sqn::new(97).unwrap())
            .with_res_length(ResLength::new(4).unwrap())
    }

    #[test]
    fn what_is_written_is_read_back() {
        for format in [Format::Csv, Format::Open5gs, Format::Toml] {
            for given in every().map(subscriber) {
                let line = format.line(&given).unwrap();
                let text = format!("{}{}", format.begin(), *line);
                let read = Subscribers::parse_with(&text, XorForTests::DangerAllowed).unwrap();
                let found = read.get(&given.imsi).unwrap();
                assert_eq!(found.keys.algorithm(), given.keys.algorithm());
                assert_eq!(found.keys.expose_k(), given.keys.expose_k());
                assert_eq!(found.keys.expose_operator(), given.keys.expose_operator());
                assert_eq!((found.amf, found.sqn), (given.amf, given.sqn));
                assert_eq!(found.res_length, given.res_length);
                assert_eq!(format.line(found).unwrap(), line, "constants and all");
            }
        }
    }

    #[test]
    fn hlr_auc_gw_has_place_for_plain_milenage_only() {
        let [plain, others @ ..] = every().map(subscriber);
        let line = Format::HlrAucGw.line(&plain).unwrap();
        let read = Subscribers::parse(&line).unwrap();
        let found = read.get(&plain.imsi).unwrap();
        assert_eq!(found.keys.expose_k(), plain.keys.expose_k());
        assert_eq!((found.amf, found.sqn), (plain.amf, plain.sqn));
        assert_eq!(found.res_length, plain.res_length);
        for other in others {
            assert_eq!(Format::HlrAucGw.line(&other), Err(NoPlace));
        }
    }
}
