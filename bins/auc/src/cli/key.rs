//! Keys from a file, from standard input or, if it must be, from the command line.

use std::{convert::Infallible, fs, io, path::PathBuf, str::FromStr};

use anyhow::{Context, anyhow};
use zeroize::Zeroizing;

use crate::cli::Failure;

/// Where a key comes from.
#[derive(Clone)]
pub(crate) enum KeySource {
    /// The digits themselves.
    Digits(Zeroizing<String>),
    /// The only line of a file.
    File(PathBuf),
    /// The next line of standard input.
    Input,
}

impl FromStr for KeySource {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix('@') {
            Some(path) => Self::File(path.into()),
            None if text == "-" => Self::Input,
            None => Self::Digits(Zeroizing::new(text.to_owned())),
        })
    }
}

impl KeySource {
    /// Reads the key; `flag` names it in an error, the digits do not appear there.
    pub(crate) fn read<K>(
        &self,
        flag: &str,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<K, Failure>
    where
        K: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        let text = self.text(input).context(flag.to_owned());
        let key = text.and_then(|text| text.trim().parse::<K>().context(flag.to_owned()));
        key.map_err(Failure::Usage)
    }

    fn text(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> anyhow::Result<Zeroizing<String>> {
        match self {
            Self::Digits(digits) => Ok(digits.clone()),
            Self::File(path) => {
                let text = fs::read_to_string(path);
                let text = text.with_context(|| format!("cannot read {}", path.display()))?;
                Ok(Zeroizing::new(text))
            }
            Self::Input => {
                let line = input.next().ok_or_else(|| {
                    anyhow!("standard input has ended; it needs one line for each -")
                })?;
                Ok(Zeroizing::new(line.context("cannot read standard input")?))
            }
        }
    }
}
