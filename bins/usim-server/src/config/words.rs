//! Single values of the settings.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use crate::allow::AllowedCommand;

/// The status of errors in the compatible dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorStatus {
    /// The one that tells what happened.
    Telling,
    /// 501 and no word more, as the original did.
    Always501,
}

/// Another name for a SIM: `ALIAS=NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Alias {
    alias: String,
    name: String,
}

/// The text is not `ALIAS=NAME`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not ALIAS=NAME")]
pub struct AliasError {
    text: String,
}

impl Alias {
    /// The alias, if it is of the SIM with this name.
    pub fn of(&self, name: &str) -> Option<&str> {
        (self.name == name).then_some(&self.alias)
    }
}

impl FromStr for Alias {
    type Err = AliasError;

    fn from_str(text: &str) -> Result<Self, AliasError> {
        match text.split_once('=') {
            Some((alias, name)) if !alias.is_empty() && !name.is_empty() => Ok(Self {
                alias: alias.to_owned(),
                name: name.to_owned(),
            }),
            _ => Err(AliasError {
                text: text.to_owned(),
            }),
        }
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.alias, self.name)
    }
}

impl TryFrom<String> for Alias {
    type Error = AliasError;

    fn try_from(text: String) -> Result<Self, AliasError> {
        text.parse()
    }
}

impl From<Alias> for String {
    fn from(alias: Alias) -> Self {
        alias.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_of_one_name() {
        let alias: Alias = "lab=Virtual PCD 00 00".parse().unwrap();
        assert_eq!(alias.of("Virtual PCD 00 00"), Some("lab"));
        assert_eq!(alias.of("lab"), None);
        assert_eq!(alias.to_string(), "lab=Virtual PCD 00 00");
    }

    #[test]
    fn half_an_alias_is_refused() {
        for text in ["lab", "=x", "lab=", ""] {
            let error = text.parse::<Alias>().unwrap_err();
            assert_eq!(error.to_string(), format!("`{text}` is not ALIAS=NAME"));
        }
    }
}
