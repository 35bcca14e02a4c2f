//! Subscribers as lines of a file that [`Subscribers::parse`](crate::Subscribers::parse) reads.

use zeroize::Zeroizing;

use crate::Subscriber;

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
}

impl Format {
    /// What stands before the first line.
    pub const fn begin(self) -> &'static str {
        match self {
            Self::Csv => "imsi,k,opc,amf,sqn,res_length\n",
            Self::HlrAucGw => "# IMSI Ki OPc AMF SQN RES_len\n",
            Self::Open5gs => "",
        }
    }

    /// One subscriber; wiped on drop.
    pub fn line(self, subscriber: &Subscriber) -> Zeroizing<String> {
        let Subscriber {
            imsi,
            k,
            opc,
            amf,
            sqn,
            res_length,
        } = subscriber;
        let (imsi, length) = (imsi.as_str(), res_length.octets());
        let (k, opc, amf) = (k.expose_hex(), opc.expose_hex(), amf.hex());
        Zeroizing::new(match self {
            Self::Csv => format!("{imsi},{k:x},{opc:x},{amf:x},{sqn:x},{length}\n"),
            Self::HlrAucGw => format!("{imsi} {k:x} {opc:x} {amf:x} {sqn:x} {length}\n"),
            Self::Open5gs => format!(
                "{{\"imsi\":\"{imsi}\",\"security\":{{\"k\":\"{k:x}\",\"op\":null,\
                 \"opc\":\"{opc:x}\",\"amf\":\"{amf:x}\",\"sqn\":{{\"$numberLong\":\"{}\"}}}}}}\n",
                sqn.get()
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ResLength, Subscribers};

    #[test]
    fn what_is_written_is_read_back() {
        let subscriber = Subscriber::new(
            "001010000000001".parse().unwrap(),
            aka::K::new([0x46; 16]),
            aka::Opc::new([0xcd; 16]),
        )
        .with_amf(aka::Amf::new([0xb9, 0xb9]))
        .with_sqn(aka::Sqn::new(97).unwrap());
        for format in [Format::Csv, Format::HlrAucGw, Format::Open5gs] {
            let text = format!("{}{}", format.begin(), *format.line(&subscriber));
            let read = Subscribers::parse(&text).unwrap();
            let found = read.get(&subscriber.imsi).unwrap();
            assert_eq!(found.k.expose(), subscriber.k.expose(), "{format:?}");
            assert_eq!(found.opc.expose(), subscriber.opc.expose());
            assert_eq!((found.amf, found.sqn), (subscriber.amf, subscriber.sqn));
            assert_eq!(found.res_length, ResLength::FULL);
        }
    }
}
