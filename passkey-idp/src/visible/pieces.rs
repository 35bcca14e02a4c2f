//! Characters that hide or reorder others, made visible.

use super::is_unseen;

/// A stretch of text as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "templates show every one of them")]
pub enum Piece {
    /// What can be read as it stands.
    Text(String),
    /// The same, in bold.
    Bold(String),
    /// A character that would hide something: its code point stands in its place (`U+202E`).
    Hidden(String),
}

/// Splits `text` at every character that is invisible or changes the order of others.
///
/// Everyday spaces, tabs and line feeds stay; so does every letter, mark and symbol.
///
/// ```
/// use passkey_idp::visible::{Piece, pieces};
///
/// assert_eq!(
///     pieces("pay\u{202e}001"),
///     [
///         Piece::Text("pay".into()),
///         Piece::Hidden("U+202E".into()),
///         Piece::Text("001".into()),
///     ]
/// );
/// ```
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut run = String::new();
    for character in text.chars() {
        if hides(character) {
            if !run.is_empty() {
                found.push(Piece::Text(std::mem::take(&mut run)));
            }
            found.push(Piece::Hidden(format!("U+{:04X}", u32::from(character))));
        } else {
            run.push(character);
        }
    }
    if !run.is_empty() {
        found.push(Piece::Text(run));
    }
    found
}

/// Controls, and what is not seen as what it is.
fn hides(character: char) -> bool {
    let control = character.is_control() && !matches!(character, '\t' | '\n');
    control || is_unseen(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bidirectional_control_is_shown() {
        for code in (0x202a..=0x202e)
            .chain(0x2066..=0x2069)
            .chain([0x200e, 0x200f, 0x61c])
        {
            let character = char::from_u32(code).expect("a character");
            assert_eq!(
                pieces(&character.to_string()),
                [Piece::Hidden(format!("U+{code:04X}"))]
            );
        }
    }

    #[test]
    fn blanks_that_pass_for_nothing_or_for_a_space_are_shown() {
        for character in [
            '\u{2800}',
            '\u{1107f}',
            '\u{16fe4}',
            '\u{1d159}',
            '\u{2009}',
        ] {
            let code = format!("U+{:04X}", u32::from(character));
            assert_eq!(pieces(&character.to_string()), [Piece::Hidden(code)]);
        }
    }

    #[test]
    fn letters_of_other_scripts_stay_as_they_are() {
        for text in [
            "räksmörgås",
            "שלום",
            "日本語",
            "a\u{301}",
            "1 000\u{a0}kr",
            "🙂",
        ] {
            assert_eq!(pieces(text), [Piece::Text(text.to_owned())]);
        }
    }

    #[test]
    fn carriage_returns_and_escapes_are_shown() {
        assert_eq!(pieces("\r"), [Piece::Hidden("U+000D".into())]);
        assert_eq!(pieces("\u{1b}"), [Piece::Hidden("U+001B".into())]);
    }

    proptest::proptest! {
        #[test]
        fn no_character_is_lost(text: String) {
            let mut left = text.chars();
            for piece in pieces(&text) {
                match piece {
                    Piece::Text(run) | Piece::Bold(run) => {
                        for character in run.chars() {
                            proptest::prop_assert_eq!(left.next(), Some(character));
                        }
                    }
                    Piece::Hidden(code) => {
                        let character = left.next().expect("a character for each code");
                        proptest::prop_assert_eq!(code, format!("U+{:04X}", u32::from(character)));
                    }
                }
            }
            proptest::prop_assert_eq!(left.next(), None);
        }
    }
}
