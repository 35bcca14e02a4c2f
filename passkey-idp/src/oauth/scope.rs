//! Scopes (RFC 6749 §3.3).

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is asked for, or granted: a set of names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(BTreeSet<Box<str>>);

/// Text is no list of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("scopes are printable ASCII without quotation marks, set apart by one space")]
#[non_exhaustive]
pub struct InvalidScope;

impl Scope {
    /// Whether `name` is among them.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether each of these is among `others`.
    pub fn is_within(&self, others: &Self) -> bool {
        self.0.is_subset(&others.0)
    }

    /// Those that are among `others` as well.
    #[must_use]
    pub fn within(&self, others: &Self) -> Self {
        Self(self.0.intersection(&others.0).cloned().collect())
    }

    /// These and `others`.
    #[must_use]
    pub fn and(&self, others: &Self) -> Self {
        Self(self.0.union(&others.0).cloned().collect())
    }

    /// Those that are not among `others`.
    #[must_use]
    pub fn beyond(&self, others: &Self) -> Self {
        Self(self.0.difference(&others.0).cloned().collect())
    }

    /// With that one, which is a scope's name.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str) -> Self {
        self.0.insert(name.into());
        self
    }

    /// All but that one.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// The names in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|name| &**name)
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    /// ```
    /// use passkey_idp::oauth::Scope;
    ///
    /// let scope: Scope = "profile openid openid".parse()?;
    /// assert_eq!(scope.to_string(), "openid profile");
    /// # Ok::<(), passkey_idp::oauth::InvalidScope>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let allowed = |octet: u8| octet.is_ascii_graphic() && !b"\"\\".contains(&octet);
        let names: BTreeSet<Box<str>> = text.split(' ').map(Into::into).collect();
        let plain = |name: &str| (1..=MAX_LEN).contains(&name.len()) && name.bytes().all(allowed);
        if names.len() <= MAX_COUNT && names.iter().all(|name| plain(name)) {
            Ok(Self(names))
        } else {
            Err(InvalidScope)
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = InvalidScope;

    fn try_from(text: String) -> Result<Self, InvalidScope> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.iter().enumerate() {
            let before = if index == 0 { "" } else { " " };
            write!(f, "{before}{name}")?;
        }
        Ok(())
    }
}

const MAX_COUNT: usize = 64;
const MAX_LEN: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        text.parse().unwrap()
    }

    #[test]
    fn odd_text_is_no_scope() {
        let long = "a".repeat(129);
        let many: Vec<_> = (0..65).map(|number| number.to_string()).collect();
        let many = many.join(" ");
        for text in [
            " ", "a  b", " a", "a ", "a\tb", "a\"b", "a\\b", "ä", &long, &many,
        ] {
            assert_eq!(text.parse::<Scope>(), Err(InvalidScope), "{text}");
        }
    }

    #[test]
    fn sets_are_compared_as_sets() {
        let (few, many) = (scope("a b"), scope("c b a"));
        assert!(few.is_within(&many) && !many.is_within(&few));
        assert_eq!(many.beyond(&few), scope("c"));
        assert_eq!(few.and(&scope("d")), scope("a b d"));
        assert_eq!(many.within(&scope("c x")), scope("c"));
    }
}
