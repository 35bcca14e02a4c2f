//! Who issues, for whom, about whom: names that are compared and never interpreted.

use std::fmt;
use std::str::FromStr;

/// Text is no name: it is empty, longer than 512 octets, or holds control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} has 1 to 512 octets and no control characters")]
#[non_exhaustive]
pub struct InvalidName {
    /// What the text was meant for.
    pub what: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let fits = (1..=512).contains(&text.len());
                if fits && !text.contains(char::is_control) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidName { what: $what })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), &self.0)
            }
        }
    };
}

name! {
    /// Who issues a token (`iss`, RFC 7519 §4.1.1): a URL, as a rule.
    IssuerId, "an issuer"
}

name! {
    /// For whom a token is (`aud`, RFC 7519 §4.1.3): exactly one.
    Audience, "an audience"
}

name! {
    /// About whom a token speaks (`sub`, RFC 7519 §4.1.2).
    Subject, "a subject"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_is_written() {
        let issuer: IssuerId = "https://issuer.example/".parse().unwrap();
        assert_eq!(issuer.to_string(), "https://issuer.example/");
        assert_eq!(
            format!("{issuer:?}"),
            "IssuerId(\"https://issuer.example/\")"
        );
    }

    #[test]
    fn empty_long_and_control_characters_are_no_name() {
        let long = "a".repeat(513);
        for text in ["", "a\nb", "a\0", &long] {
            let invalid = Err(InvalidName {
                what: "an audience",
            });
            assert_eq!(text.parse::<Audience>(), invalid, "{text:?}");
        }
    }
}
