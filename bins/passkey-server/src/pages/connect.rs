//! The page that asks for the code of a device.

use askama::Template;

use super::{language::Language, words::Words};

/// Asks for the code that a device shows (RFC 8628 §3.3).
#[derive(Debug, Clone, Template)]
#[template(path = "connect.html")]
#[non_exhaustive]
pub struct Connect<'a> {
    /// The language of the page.
    pub language: Language,
    /// The code, as far as it is known.
    pub code: &'a str,
    /// The token that ties the answer to this browser.
    pub csrf: &'a str,
    /// Whether no device waits with that code.
    pub wrong: bool,
}

impl<'a> Connect<'a> {
    /// A page with `code` filled in.
    pub fn new(language: Language, code: &'a str, csrf: &'a str) -> Self {
        Self {
            language,
            code,
            csrf,
            wrong: false,
        }
    }

    fn w(&self) -> &'static Words {
        self.language.words()
    }

    fn title(&self) -> &'static str {
        self.w().device_title
    }
}
