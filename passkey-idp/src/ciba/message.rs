//! Binding messages (CIBA §7.1): what the user compares on both devices, and signs.

use crate::oauth::{ErrorCode, OAuthError};
use crate::order::{Document, MediaType};

/// The message as a document, which is shown and signed as it stands.
///
/// It is one short line of visible characters: what could hide a part of it, or turn it round, is
/// refused.
pub(super) fn document(text: &str) -> Result<Document, OAuthError> {
    if text.chars().count() > LONGEST {
        return Err(refused("binding_message has more than 128 characters"));
    }
    if text.chars().any(is_hidden) {
        return Err(refused(
            "binding_message holds a character that nobody sees",
        ));
    }
    let document = Document::new(MediaType::Plain, text.to_owned(), None);
    document.or(Err(refused("binding_message cannot be shown")))
}

const fn refused(why: &'static str) -> OAuthError {
    ErrorCode::InvalidBindingMessage.because(why)
}

/// Control characters, line ends, and Unicode's format characters: directions, joiners, tags, fillers.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// As much as fits beside the number on a telephone.
const LONGEST: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binding_message_is_one_short_visible_line() {
        let longest = "å".repeat(128);
        for text in ["W4SCT", "Kassa 7: 199,90 kr", &longest] {
            assert_eq!(document(text).map(|shown| shown.text() == text), Ok(true));
        }
    }

    #[test]
    fn a_binding_message_that_hides_something_is_refused() {
        let too_long = "a".repeat(129);
        for text in [
            " ",
            "one\ntwo",
            "one\r\n\r\ntwo",
            "a\u{0}b",
            "pay \u{202e}001\u{202c} kr",
            "pay\u{200b}pal",
            "pay\u{2066}1",
            "a\u{2028}b",
            "\u{e0041}",
            "\u{3164}",
            &too_long,
        ] {
            let code = document(text).map_err(|error| error.code);
            assert_eq!(code, Err(ErrorCode::InvalidBindingMessage), "{text:?}");
        }
    }
}
