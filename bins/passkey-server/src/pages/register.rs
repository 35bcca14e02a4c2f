//! The page that registers a passkey.

use askama::Template;

use super::{ask::Party, language::Language, words::Words};

/// Asks to make a passkey.
#[derive(Debug, Clone, Template)]
#[template(path = "register.html")]
#[non_exhaustive]
pub struct Register<'a> {
    /// The language of the page.
    pub language: Language,
    /// Who asks.
    pub party: &'a Party,
    /// The name of the account on the person's device.
    pub account: &'a str,
    /// Where the answer goes.
    pub action: &'a str,
    /// The token that ties the answer to this browser.
    pub csrf: &'a str,
    /// `PublicKeyCredentialCreationOptionsJSON` (WebAuthn §5.1.9).
    pub options: &'a str,
    /// When the order ends, in milliseconds since 1970.
    pub ends: u64,
    /// Seconds that are left.
    pub seconds: u64,
    /// Where to go on with another device.
    pub elsewhere: Option<&'a str>,
}

impl<'a> Register<'a> {
    /// A page that sends its answer to `action`.
    pub fn new(party: &'a Party, account: &'a str, action: &'a str) -> Self {
        Self {
            language: Language::default(),
            party,
            account,
            action,
            csrf: "",
            options: "",
            ends: 0,
            seconds: 0,
            elsewhere: None,
        }
    }

    fn w(&self) -> &'static Words {
        self.language.words()
    }

    fn title(&self) -> String {
        self.w().register_with.with(&self.party.plain_name())
    }
}
