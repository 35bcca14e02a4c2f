//! Binding messages (CIBA §7.1): what the user compares on both devices, and signs.

use crate::oauth::{ErrorCode, OAuthError};
use crate::order::{Document, MediaType};
use crate::visible::is_unseen;

/// The message as a document, which is shown and signed as it stands.
///
/// It is one short line of visible characters: what could hide a part of it, or turn it round, is
/// refused.
pub(super) fn document(text: &str) -> Result<Document, OAuthError> {
    if text.chars().count() > LONGEST {
        return Err(refused("binding_message has more than 128 characters"));
    }
    if text.chars().any(|c| c.is_control() || is_unseen(c)) {
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
            "\u{2800}",
            "pay\u{1107f}pal",
            "pay\u{16fe4}pal",
            "pay\u{1d159}pal",
            "pay\u{13430}pal",
            "pay\u{1343f}pal",
            "pay\u{1bca3}pal",
            "1\u{200a}0",
            "1\u{205f}0",
            &too_long,
        ] {
            let code = document(text).map_err(|error| error.code);
            assert_eq!(code, Err(ErrorCode::InvalidBindingMessage), "{text:?}");
        }
    }
}
