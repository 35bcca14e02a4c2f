//! Single values of the settings.

use std::{fmt, path::Path, str::FromStr};

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

/// A pair of words that is written with `=` between them.
macro_rules! pair {
    ($(#[$doc:meta])* $name:ident { $left:ident, $right:ident }, $form:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name {
            $left: String,
            $right: String,
        }

        impl FromStr for $name {
            type Err = PairError;

            fn from_str(text: &str) -> Result<Self, PairError> {
                match text.split_once('=') {
                    Some(($left, $right)) if !$left.is_empty() && !$right.is_empty() => Ok(Self {
                        $left: $left.to_owned(),
                        $right: $right.to_owned(),
                    }),
                    _ => Err(PairError {
                        text: text.to_owned(),
                        form: $form,
                    }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}={}", self.$left, self.$right)
            }
        }

        impl TryFrom<String> for $name {
            type Error = PairError;

            fn try_from(text: String) -> Result<Self, PairError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(pair: $name) -> Self {
                pair.to_string()
            }
        }
    };
}

/// The text is no such pair.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {form}")]
pub struct PairError {
    text: String,
    form: &'static str,
}

pair! {
    /// Another name for a SIM: `ALIAS=NAME`.
    Alias { alias, name }, "ALIAS=NAME"
}

pair! {
    /// Where the PIN of a SIM stands: `NAME=FILE`.
    PinFile { name, file }, "NAME=FILE"
}

impl Alias {
    /// The alias, if it is of the SIM with this name.
    pub fn of(&self, name: &str) -> Option<&str> {
        (self.name == name).then_some(&self.alias)
    }
}

impl PinFile {
    /// The file, if it is for the SIM that goes by `name`.
    pub fn of(&self, name: &str) -> Option<&Path> {
        (self.name == name).then_some(Path::new(&self.file))
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
    fn a_pin_is_of_one_sim_and_its_file_may_have_any_name() {
        let pin: PinFile = "lab=/etc/a=b".parse().unwrap();
        assert_eq!(pin.of("lab"), Some(Path::new("/etc/a=b")));
        assert_eq!(pin.of("soft:0"), None);
    }

    #[test]
    fn half_an_alias_is_refused() {
        for text in ["lab", "=x", "lab=", ""] {
            let error = text.parse::<Alias>().unwrap_err();
            assert_eq!(error.to_string(), format!("`{text}` is not ALIAS=NAME"));
        }
    }
}
