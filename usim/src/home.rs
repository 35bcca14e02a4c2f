//! What follows from an IMSI: the home network, and identities for IMS without an ISIM.

use std::ops::RangeInclusive;

use aka::{Imsi, MncLength, Plmn};

use crate::ImsIdentity;

/// How long the MNC of this IMSI probably is, for a card whose EF_AD does not tell.
///
/// **A fallback**: where EF_AD tells, it is right. Most countries assign codes of one length
/// throughout; India has two digits under 404 and both lengths under 405, of which those with three
/// are known by their ranges. A code of two digits whose subscriber's number goes on as one of three
/// (405-03 4..., 405-75 0...) counts as three.
///
/// ```
/// use aka::MncLength;
///
/// assert_eq!(usim::assumed_mnc_length(&"310260123456789".parse()?), MncLength::Three);
/// assert_eq!(usim::assumed_mnc_length(&"262011234567890".parse()?), MncLength::Two);
/// # Ok::<(), aka::InvalidIdentity>(())
/// ```
pub fn assumed_mnc_length(imsi: &Imsi) -> MncLength {
    let plmn = imsi.plmn(MncLength::Three);
    let number = |digits: &str| digits.parse::<u16>().unwrap_or_default();
    let (country, network) = (number(plmn.mcc()), number(plmn.mnc()));
    let is_indian = country == 405 && THREE_DIGITS_OF_405.iter().any(|r| r.contains(&network));
    if is_indian || THREE_DIGITS.contains(&country) {
        MncLength::Three
    } else {
        MncLength::Two
    }
}

/// The IMS identities of a subscriber without an ISIM (TS 23.003 §13.2 to §13.4B).
///
/// ```
/// use aka::MncLength;
///
/// let ims = usim::derive_ims_identity(&"234150999999999".parse()?, MncLength::Two);
/// assert_eq!(ims.domain, "ims.mnc015.mcc234.3gppnetwork.org");
/// assert_eq!(ims.impi, "234150999999999@ims.mnc015.mcc234.3gppnetwork.org");
/// assert_eq!(ims.impu, ["sip:234150999999999@ims.mnc015.mcc234.3gppnetwork.org"]);
/// # Ok::<(), aka::InvalidIdentity>(())
/// ```
pub fn derive_ims_identity(imsi: &Imsi, mnc_length: MncLength) -> ImsIdentity {
    let domain = domain(&imsi.plmn(mnc_length));
    let impi = format!("{}@{domain}", imsi.as_str());
    let impu = vec![format!("sip:{impi}")];
    ImsIdentity::new(impi, domain, impu)
}

/// An MNC of two digits gets a zero before it.
fn domain(home: &Plmn) -> String {
    format!(
        "ims.mnc{:0>3}.mcc{}.3gppnetwork.org",
        home.mnc(),
        home.mcc()
    )
}

/// Countries with MNCs of three digits throughout (the numbering of ITU-T E.212): Canada, the
/// United States, Mexico, Jamaica, the Caribbean, Honduras, Argentina, Colombia.
const THREE_DIGITS: [u16; 25] = [
    302, 310, 311, 312, 313, 314, 315, 316, 334, 338, 342, 344, 346, 348, 352, 354, 356, 358, 360,
    365, 376, 708, 722, 732, 750,
];

/// The networks of India's second country code whose MNC has three digits.
const THREE_DIGITS_OF_405: [RangeInclusive<u16>; 4] = [25..=47, 750..=756, 799..=886, 908..=932];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_three_digit_mnc_stands_as_it_is() {
        let imsi = "310260123456789".parse().unwrap();
        let ims = derive_ims_identity(&imsi, MncLength::Three);
        assert_eq!(ims.domain, "ims.mnc260.mcc310.3gppnetwork.org");
        assert_eq!(
            ims.impi,
            "310260123456789@ims.mnc260.mcc310.3gppnetwork.org"
        );
    }

    #[test]
    fn countries_are_told_apart() {
        for (imsi, length) in [
            ("302220123456789", MncLength::Three),
            ("316010123456789", MncLength::Three),
            ("317010123456789", MncLength::Two),
            ("001010123456789", MncLength::Two),
            ("404100123456789", MncLength::Two),
            ("404459123456789", MncLength::Two),
            ("405510123456789", MncLength::Two),
            ("405010123456789", MncLength::Two),
            ("405660123456789", MncLength::Two),
            ("405025123456789", MncLength::Three),
            ("405048123456789", MncLength::Two),
            ("405756123456789", MncLength::Three),
            ("405799123456789", MncLength::Three),
            ("405857123456789", MncLength::Three),
            ("405932123456789", MncLength::Three),
            ("732101123456789", MncLength::Three),
        ] {
            assert_eq!(assumed_mnc_length(&imsi.parse().unwrap()), length, "{imsi}");
        }
    }
}
