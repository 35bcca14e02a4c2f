//! The page that asks for the number on the other screen.

use askama::Template;

use super::{ask::Party, language::Language, words::Words};

/// Asks for the two digits that the other device shows, before it shows what is to be approved.
#[derive(Debug, Clone, Template)]
#[template(path = "number.html")]
#[non_exhaustive]
pub struct NumberMatch<'a> {
    /// The language of the page.
    pub language: Language,
    /// Who asks.
    pub party: &'a Party,
    /// Where the answer goes.
    pub action: &'a str,
    /// The token that ties the answer to this browser.
    pub csrf: &'a str,
    /// Whether the last number was another.
    pub wrong: bool,
}

impl<'a> NumberMatch<'a> {
    /// A page that sends its answer to `action`.
    pub fn new(party: &'a Party, action: &'a str) -> Self {
        Self {
            language: Language::default(),
            party,
            action,
            csrf: "",
            wrong: false,
        }
    }

    fn w(&self) -> &'static Words {
        self.language.words()
    }

    fn title(&self) -> String {
        self.w().number_title.to_owned()
    }
}
