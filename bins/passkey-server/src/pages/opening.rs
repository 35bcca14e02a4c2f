//! The page that asks whether a person is there.

use askama::Template;

use super::{language::Language, words::Words};

/// Asks whoever may be the preview of a link to press a button, before an order is opened.
#[derive(Debug, Clone, Template)]
#[template(path = "opening.html")]
#[non_exhaustive]
pub struct Opening<'a> {
    /// The language of the page.
    pub language: Language,
    /// Where the answer goes.
    pub action: &'a str,
    /// The token that ties the answer to this browser.
    pub csrf: &'a str,
}

impl<'a> Opening<'a> {
    /// A page that sends its answer to `action`.
    pub const fn new(language: Language, action: &'a str, csrf: &'a str) -> Self {
        Self {
            language,
            action,
            csrf,
        }
    }

    fn w(&self) -> &'static Words {
        self.language.words()
    }

    fn title(&self) -> &'static str {
        self.w().opening_title
    }
}
