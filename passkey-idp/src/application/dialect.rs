//! The APIs that an application may place orders with, besides OAuth and CIBA.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An API of somebody else's that libraries know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Dialect {
    /// Uyulala's: orders, and what admins do with users.
    Uyulala,
    /// That of BankID's relying parties.
    BankId,
}

impl Dialect {
    /// All of them: what an application may use that was kept before there was a choice.
    pub const ALL: [Self; 2] = [Self::Uyulala, Self::BankId];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uyulala => "uyulala",
            Self::BankId => "bankid",
        }
    }

    pub(super) fn all() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
