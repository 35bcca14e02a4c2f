//! The files that the standards name, where they lie, and how they are read.

/// The files of a directory.
pub(super) type Directory = &'static [Entry];

/// A file that may be on the card.
pub(super) struct Entry {
    /// Its name in the standard.
    pub(super) name: &'static str,
    /// Its file identifiers, from the directory on.
    pub(super) path: &'static [u16],
    /// How its octets are read.
    pub(super) meaning: Meaning,
}

/// How a file's octets are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Octets,
    /// Session keys, or what they come from.
    Keys,
    Applications,
    Iccid,
    Imsi,
    AdministrativeData,
    Services,
    Numbers,
    Provider,
    /// Text in a data object `80`.
    TaggedText,
    /// Plain text.
    Text,
}

impl Entry {
    pub(super) const fn is_secret(&self) -> bool {
        matches!(self.meaning, Keys)
    }
}

const fn entry(name: &'static str, path: &'static [u16], meaning: Meaning) -> Entry {
    Entry {
        name,
        path,
        meaning,
    }
}

use Meaning::{
    AdministrativeData, Applications, Iccid, Imsi, Keys, Numbers, Octets, Provider, Services,
    TaggedText, Text,
};

/// Of an application that no standard of 3GPP describes.
pub(super) const UNKNOWN: Directory = &[];

/// TS 102 221 §13.
pub(super) const MF: Directory = &[
    entry("EF_DIR", &[0x2f00], Applications),
    entry("EF_PL", &[0x2f05], Text),
    entry("EF_ARR", &[0x2f06], Octets),
    entry("EF_UMPC", &[0x2f08], Octets),
    entry("EF_ICCID", &[0x2fe2], Iccid),
];

/// TS 31.102 §4.2, §4.4.
pub(super) const USIM: Directory = &[
    entry("EF_LI", &[0x6f05], Text),
    entry("EF_ARR", &[0x6f06], Octets),
    entry("EF_IMSI", &[0x6f07], Imsi),
    entry("EF_Keys", &[0x6f08], Keys),
    entry("EF_KeysPS", &[0x6f09], Keys),
    entry("EF_HPPLMN", &[0x6f31], Octets),
    entry("EF_UST", &[0x6f38], Services),
    entry("EF_FDN", &[0x6f3b], Numbers),
    entry("EF_SMS", &[0x6f3c], Octets),
    entry("EF_GID1", &[0x6f3e], Octets),
    entry("EF_GID2", &[0x6f3f], Octets),
    entry("EF_MSISDN", &[0x6f40], Numbers),
    entry("EF_SMSP", &[0x6f42], Octets),
    entry("EF_SMSS", &[0x6f43], Octets),
    entry("EF_SPN", &[0x6f46], Provider),
    entry("EF_EST", &[0x6f56], Octets),
    entry("EF_START-HFN", &[0x6f5b], Octets),
    entry("EF_THRESHOLD", &[0x6f5c], Octets),
    entry("EF_PLMNwAcT", &[0x6f60], Octets),
    entry("EF_OPLMNwAcT", &[0x6f61], Octets),
    entry("EF_HPLMNwAcT", &[0x6f62], Octets),
    entry("EF_PSLOCI", &[0x6f73], Octets),
    entry("EF_ACC", &[0x6f78], Octets),
    entry("EF_FPLMN", &[0x6f7b], Octets),
    entry("EF_LOCI", &[0x6f7e], Octets),
    entry("EF_AD", &[0x6fad], AdministrativeData),
    entry("EF_ECC", &[0x6fb7], Octets),
    entry("EF_NETPAR", &[0x6fc4], Octets),
    entry("EF_PNN", &[0x6fc5], Octets),
    entry("EF_OPL", &[0x6fc6], Octets),
    entry("EF_EHPLMN", &[0x6fd9], Octets),
    entry("EF_GBABP", &[0x6fd6], Octets),
    entry("EF_GBANL", &[0x6fda], Octets),
    entry("EF_EPSLOCI", &[0x6fe3], Octets),
    entry("EF_EPSNSC", &[0x6fe4], Keys),
    entry("EF_5GS3GPPLOCI", &[0x5fc0, 0x4f01], Octets),
    entry("EF_5GS3GPPNSC", &[0x5fc0, 0x4f03], Keys),
    entry("EF_5GAUTHKEYS", &[0x5fc0, 0x4f05], Keys),
    entry("EF_UAC_AIC", &[0x5fc0, 0x4f06], Octets),
    entry("EF_SUCI_Calc", &[0x5fc0, 0x4f07], Octets),
    entry("EF_OPL5G", &[0x5fc0, 0x4f08], Octets),
    entry("EF_Routing", &[0x5fc0, 0x4f0a], Octets),
];

/// TS 31.103 §4.2.
pub(super) const ISIM: Directory = &[
    entry("EF_IMPI", &[0x6f02], TaggedText),
    entry("EF_DOMAIN", &[0x6f03], TaggedText),
    entry("EF_IMPU", &[0x6f04], TaggedText),
    entry("EF_ARR", &[0x6f06], Octets),
    entry("EF_IST", &[0x6f07], Services),
    entry("EF_P-CSCF", &[0x6f09], Octets),
    entry("EF_AD", &[0x6fad], Octets),
    entry("EF_GBABP", &[0x6fd5], Octets),
    entry("EF_GBANL", &[0x6fd7], Octets),
];

/// TS 51.011 §10.3.
pub(super) const GSM: Directory = &[
    entry("EF_LP", &[0x6f05], Octets),
    entry("EF_IMSI", &[0x6f07], Imsi),
    entry("EF_Kc", &[0x6f20], Keys),
    entry("EF_PLMNsel", &[0x6f30], Octets),
    entry("EF_HPPLMN", &[0x6f31], Octets),
    entry("EF_SST", &[0x6f38], Octets),
    entry("EF_SPN", &[0x6f46], Provider),
    entry("EF_ACC", &[0x6f78], Octets),
    entry("EF_FPLMN", &[0x6f7b], Octets),
    entry("EF_LOCI", &[0x6f7e], Octets),
    entry("EF_AD", &[0x6fad], AdministrativeData),
    entry("EF_Phase", &[0x6fae], Octets),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_directory_names_a_file_twice() {
        for directory in [MF, USIM, ISIM, GSM] {
            for (at, entry) in directory.iter().enumerate() {
                let later = &directory[at + 1..];
                let twice = later
                    .iter()
                    .any(|other| other.path == entry.path || other.name == entry.name);
                assert!(!twice, "{}", entry.name);
            }
        }
    }
}
