//! What cards and modems do in practice, each to be switched on by its name.

use std::{fmt, str::FromStr};

/// There is no quirk of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no quirk of that name")]
#[non_exhaustive]
pub struct UnknownQuirk;

/// Declares the quirks with their names in a profile.
macro_rules! quirks {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// One way in which cards or modems differ from the book; each was seen in practice.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Quirk { $($(#[$doc])* $variant),+ }

        impl Quirk {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in a profile.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

quirks! {
    /// EF_DIR has records of FF around those in use.
    EmptyDirectoryRecords = "empty-directory-records",
    /// EF_DIR has records of 127 octets.
    LongDirectoryRecords = "long-directory-records",
    /// There is no EF_DIR: AIDs show only in the FCP of a SELECT by a truncated name.
    NoDirectory = "no-directory",
    /// EF_DIR can be selected, but reading it is refused with `6982`.
    UnreadableDirectory = "unreadable-directory",
    /// There are two USIMs.
    TwoUsims = "two-usims",
    /// EF_AD has 3 octets: the MNC length is missing.
    ShortAd = "short-ad",
    /// The card is a SIM of TS 51.011: every class but A0 is refused with `6E00`.
    GsmOnly = "gsm-only",
    /// Class A0 is refused with `6E00`.
    NoGsm = "no-gsm",
    /// MANAGE CHANNEL is refused with `6881`.
    NoChannels = "no-channels",
    /// SELECT takes P2 = 00 as "return the FCP" instead of refusing it with `6A86`.
    SelectP2Zero = "select-p2-zero",
    /// An FCP fills 256 octets, so that `6100` announces it.
    LongFcp = "long-fcp",
    /// SELECT ends with the warning `6283` instead of `61xx`; its data wait for GET RESPONSE.
    SelectWarning = "select-warning",
    /// GET RESPONSE always announces more, without an end.
    EndlessMoreData = "endless-more-data",
    /// A command that expects data is always answered with `6Cxx`, without an end.
    EndlessWrongLength = "endless-wrong-length",
    /// AUTHENTICATE ends with `91xx`: a proactive command waits.
    Proactive = "proactive",
    /// The first command after a reset is answered with `9300`: busy.
    BusyAtFirst = "busy-at-first",
    /// RES has 4 octets.
    ShortRes = "short-res",
    /// RES has 16 octets.
    LongRes = "long-res",
    /// AUTHENTICATE gives no Kc.
    NoKc = "no-kc",
    /// Octets follow the answer to AUTHENTICATE.
    TrailingOctets = "trailing-octets",
    /// The answer to AUTHENTICATE is cut off in its last value.
    LengthPastEnd = "length-past-end",
    /// AUTHENTICATE is answered with nothing, as by a card that is pulled.
    VanishOnAuthenticate = "vanish-on-authenticate",
    /// A modem that does not echo, whatever ATE says.
    ModemNoEcho = "modem-no-echo",
    /// A modem that ends lines with a line feed only.
    ModemLineFeedOnly = "modem-line-feed-only",
    /// A modem that ends lines with a carriage return only.
    ModemCarriageReturnOnly = "modem-carriage-return-only",
    /// A modem that sends unsolicited lines before every answer.
    ModemUrcBefore = "modem-urc-before",
    /// A modem that sends an unsolicited line between an answer and its final result.
    ModemUrcInside = "modem-urc-inside",
    /// A modem that sends an unsolicited line after every answer.
    ModemUrcAfter = "modem-urc-after",
    /// A modem that sends a line that begins with `OK` before every answer.
    ModemOkInData = "modem-ok-in-data",
    /// A modem that sends `OK` after `+CME ERROR`.
    ModemOkAfterError = "modem-ok-after-error",
    /// A modem that leaves out the space behind `+CSIM:` and its like.
    ModemNoSpace = "modem-no-space",
    /// A modem that answers in lower-case hexadecimal.
    ModemLowerCase = "modem-lower-case",
    /// A modem whose length field is one too high.
    ModemWrongLength = "modem-wrong-length",
    /// A modem that does not answer commands to the card.
    ModemSilent = "modem-silent",
    /// A modem that sends octets that are no text before every answer.
    ModemGarbage = "modem-garbage",
    /// A modem that hangs up its port at the first command to the card.
    ModemHangUp = "modem-hang-up",
    /// A modem whose card is busy (`+CME ERROR: 14`) for the first two commands to it.
    ModemBusyAtFirst = "modem-busy-at-first",
    /// A modem that explains itself in a line of its own before every answer.
    ModemVendorText = "modem-vendor-text",
    /// A modem that answers `+CCHO` with the bare number of the channel.
    ModemBareChannel = "modem-bare-channel",
    /// A modem without `+CCHO`, `+CGLA` and `+CCHC`.
    ModemNoCcho = "modem-no-ccho",
    /// A modem without `+CSIM`.
    ModemNoCsim = "modem-no-csim",
    /// A modem without `+CRSM`.
    ModemNoCrsm = "modem-no-crsm",
    /// A modem that refuses MANAGE CHANNEL through `+CSIM`.
    ModemNoManageChannel = "modem-no-manage-channel",
    /// A modem that sends `+CGLA` commands as they are: the caller sets the channel in the class.
    ModemCallerSetsChannel = "modem-caller-sets-channel",
    /// A modem that sends its answers a few octets at a time.
    ModemChunks = "modem-chunks",
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Quirk {
    type Err = UnknownQuirk;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|quirk| quirk.name() == name);
        found.copied().ok_or(UnknownQuirk)
    }
}

/// The quirks that are switched on; by default none.
///
/// ```
/// use usim::soft::{Quirk, Quirks};
///
/// let quirks = Quirks::default().with(Quirk::TwoUsims).with("short-ad".parse()?);
/// assert!(quirks.has(Quirk::ShortAd));
/// # Ok::<(), usim::soft::UnknownQuirk>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quirks(Vec<Quirk>);

impl Quirks {
    /// The same with one more.
    #[must_use]
    pub fn with(mut self, quirk: Quirk) -> Self {
        if !self.has(quirk) {
            self.0.push(quirk);
        }
        self
    }

    /// The same without this one.
    #[must_use]
    pub fn without(mut self, quirk: Quirk) -> Self {
        self.0.retain(|other| *other != quirk);
        self
    }

    /// Whether this one is switched on.
    pub fn has(&self, quirk: Quirk) -> bool {
        self.0.contains(&quirk)
    }

    /// Those that are switched on.
    pub fn iter(&self) -> impl Iterator<Item = Quirk> {
        self.0.iter().copied()
    }
}

impl FromIterator<Quirk> for Quirks {
    fn from_iter<I: IntoIterator<Item = Quirk>>(quirks: I) -> Self {
        quirks.into_iter().fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_its_quirk() {
        for quirk in Quirk::ALL {
            assert_eq!(quirk.name().parse(), Ok(*quirk));
        }
        assert_eq!("no-such-thing".parse::<Quirk>(), Err(UnknownQuirk));
    }

    #[test]
    fn a_quirk_is_held_once() {
        let quirks: Quirks = [Quirk::NoKc, Quirk::NoKc].into_iter().collect();
        assert_eq!(quirks.iter().collect::<Vec<_>>(), [Quirk::NoKc]);
        assert!(!quirks.has(Quirk::ShortRes));
    }
}
