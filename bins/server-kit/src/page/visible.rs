//! Characters that hide or reorder others, made visible.

use std::ops::RangeInclusive;

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
/// Spaces, tabs and line feeds stay; so does every letter, mark and symbol.
///
/// ```
/// use server_kit::page::{Piece, pieces};
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

/// Controls, noncharacters, and what stands in [`UNSEEN`].
fn hides(character: char) -> bool {
    let code = u32::from(character);
    let unseen = UNSEEN.iter().any(|range| range.contains(&character));
    let control = character.is_control() && !matches!(character, '\t' | '\n');
    unseen || control || code & 0xfffe == 0xfffe
}

/// Bidirectional controls, zero-width and other format characters, fillers, variation selectors,
/// tags and private use.
const UNSEEN: [RangeInclusive<char>; 21] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{e000}'..='\u{f8ff}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{13430}'..='\u{1343f}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
    '\u{f0000}'..='\u{ffffd}',
    '\u{100000}'..='\u{10fffd}',
];

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
