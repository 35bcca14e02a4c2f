//! Who asks on Ub.

use aka::{Imsi, MncLength};

/// A private identity, and the subscriber whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Impi {
    pub(super) text: String,
    pub(super) imsi: Imsi,
}

impl Impi {
    /// Of `IMSI@ims.mncNNN.mccNNN.3gppnetwork.org` (TS 23.003 §13.3), the domain being the IMSI's
    /// own.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (imsi, domain) = text.split_once('@')?;
        let imsi: Imsi = imsi.parse().ok()?;
        let is_home = |length| {
            let home = imsi.plmn(length);
            let (mnc, mcc) = (home.mnc(), home.mcc());
            domain == format!("ims.mnc{mnc:0>3}.mcc{mcc}.3gppnetwork.org")
        };
        if ![MncLength::Two, MncLength::Three].into_iter().any(is_home) {
            return None;
        }
        let text = text.to_owned();
        Some(Self { text, imsi })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_of_its_imsis_own_home() {
        let imsi = |text| Impi::parse(text).map(|impi| impi.imsi.as_str().to_owned());
        for text in [
            "001010000000001@ims.mnc001.mcc001.3gppnetwork.org",
            "001010000000001@ims.mnc010.mcc001.3gppnetwork.org",
        ] {
            assert_eq!(imsi(text).as_deref(), Some("001010000000001"));
        }
        for text in [
            "",
            "001010000000001",
            "001010000000001@",
            "x@ims.mnc001.mcc001.3gppnetwork.org",
            "001010000000001@ims.mnc002.mcc001.3gppnetwork.org",
            "001010000000001@ims.mnc001.mcc001.3gppnetwork.org.evil.net",
            "001010000000001@@ims.mnc001.mcc001.3gppnetwork.org",
        ] {
            assert_eq!(imsi(text), None, "{text}");
        }
    }
}
