//! The files of a card: identifiers, and what their octets say.

pub mod ad;
pub(crate) mod alphabet;
pub(crate) mod bcd;
pub mod dir;
pub mod imsi;
pub mod msisdn;
pub mod service_table;
pub mod spn;

/// A file identifier: 2 octets (TS 102 221 §8.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fid(u16);

impl Fid {
    /// The master file.
    pub const MF: Self = Self(0x3f00);
    /// The application whose ADF is current (TS 102 221 §8.4.1).
    pub const CURRENT_ADF: Self = Self(0x7fff);
    /// EF_DIR: the applications of the card (TS 102 221 §13.1).
    pub const EF_DIR: Self = Self(0x2f00);
    /// EF_ICCID: the card's own number (TS 102 221 §13.2).
    pub const EF_ICCID: Self = Self(0x2fe2);
    /// DF_GSM: the files of a 2G SIM (TS 51.011 §10.2).
    pub const DF_GSM: Self = Self(0x7f20);
    /// DF_TELECOM (TS 51.011 §10.5, TS 31.102 §4.6).
    pub const DF_TELECOM: Self = Self(0x7f10);
    /// DF_5GS (TS 31.102 §4.4.11).
    pub const DF_5GS: Self = Self(0x5fc0);
    /// EF_IMSI (TS 31.102 §4.2.2, TS 51.011 §10.3.2).
    pub const EF_IMSI: Self = Self(0x6f07);
    /// EF_AD: administrative data, the length of the MNC among them (TS 31.102 §4.2.18).
    pub const EF_AD: Self = Self(0x6fad);
    /// EF_UST: the services of the USIM (TS 31.102 §4.2.8); EF_SST of a 2G SIM.
    pub const EF_UST: Self = Self(0x6f38);
    /// EF_MSISDN: the subscriber's numbers (TS 31.102 §4.2.26).
    pub const EF_MSISDN: Self = Self(0x6f40);
    /// EF_SPN: the service provider's name (TS 31.102 §4.2.12).
    pub const EF_SPN: Self = Self(0x6f46);
    /// EF_LOCI: location information (TS 31.102 §4.2.17).
    pub const EF_LOCI: Self = Self(0x6f7e);
    /// EF_GBABP: GBA bootstrapping parameters (TS 31.102 §4.2.79).
    pub const EF_GBABP: Self = Self(0x6fd6);
    /// EF_GBANL: the list of NAFs (TS 31.102 §4.2.83).
    pub const EF_GBANL: Self = Self(0x6fda);
    /// EF_IMPI: the private user identity (TS 31.103 §4.2.2).
    pub const EF_IMPI: Self = Self(0x6f02);
    /// EF_DOMAIN: the home network domain (TS 31.103 §4.2.3).
    pub const EF_DOMAIN: Self = Self(0x6f03);
    /// EF_IMPU: the public user identities (TS 31.103 §4.2.4).
    pub const EF_IMPU: Self = Self(0x6f04);
    /// EF_IST: the services of the ISIM (TS 31.103 §4.2.7).
    pub const EF_IST: Self = Self(0x6f07);

    /// Takes the octets as one number.
    pub const fn new(fid: u16) -> Self {
        Self(fid)
    }

    /// The octets as one number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The standard's name; `file` for one that has none here.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MF => "MF",
            Self::CURRENT_ADF => "ADF",
            Self::EF_DIR => "EF_DIR",
            Self::EF_ICCID => "EF_ICCID",
            Self::DF_GSM => "DF_GSM",
            Self::DF_TELECOM => "DF_TELECOM",
            Self::DF_5GS => "DF_5GS",
            Self::EF_IMSI => "EF_IMSI",
            Self::EF_AD => "EF_AD",
            Self::EF_UST => "EF_UST",
            Self::EF_MSISDN => "EF_MSISDN",
            Self::EF_SPN => "EF_SPN",
            Self::EF_LOCI => "EF_LOCI",
            Self::EF_GBABP => "EF_GBABP",
            Self::EF_GBANL => "EF_GBANL",
            Self::EF_IMPI => "EF_IMPI",
            Self::EF_DOMAIN => "EF_DOMAIN",
            Self::EF_IMPU => "EF_IMPU",
            _ => "file",
        }
    }

    /// The 2 octets.
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }
}

impl std::fmt::Debug for Fid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fid({:04X})", self.0)
    }
}

impl std::fmt::Display for Fid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}
