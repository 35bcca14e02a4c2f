//! What people see of a text: characters that show nothing, or turn others round, are told apart.

use std::ops::RangeInclusive;

mod pieces;

pub use pieces::{Piece, pieces};

/// Whether nobody sees `character` as what it is: controls of direction, format characters, fillers,
/// variation selectors, blanks that pass for a space or for nothing, tags, private use and noncharacters.
///
/// The space, U+00A0 and U+3000 are seen; so are tabs, line feeds and other control characters, which are
/// the caller's affair.
///
/// ```
/// use passkey_idp::visible::is_unseen;
///
/// assert!(is_unseen('\u{202e}') && is_unseen('\u{2800}'));
/// assert!(!is_unseen('å') && !is_unseen(' '));
/// ```
pub fn is_unseen(character: char) -> bool {
    let is_noncharacter = u32::from(character) & 0xfffe == 0xfffe;
    is_noncharacter || UNSEEN.iter().any(|range| range.contains(&character))
}

/// Whether somebody who looks at `text` sees anything of it.
pub fn is_seen(text: &str) -> bool {
    text.chars()
        .any(|c| !(c.is_whitespace() || c.is_control() || is_unseen(c)))
}

/// In the order of their numbers, without the noncharacters at the end of each plane.
const UNSEEN: [RangeInclusive<char>; 27] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{1680}'..='\u{1680}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{2000}'..='\u{200f}',
    '\u{2028}'..='\u{202f}',
    '\u{205f}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{e000}'..='\u{f8ff}',
    '\u{fdd0}'..='\u{fdef}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{1107f}'..='\u{1107f}',
    '\u{13430}'..='\u{1343f}',
    '\u{16fe4}'..='\u{16fe4}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d159}'..='\u{1d159}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
    '\u{f0000}'..='\u{ffffd}',
    '\u{100000}'..='\u{10fffd}',
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Blanks that a font draws as nothing, whatever Unicode calls them.
    const BLANKS: [char; 12] = [
        '\u{2800}',
        '\u{1107f}',
        '\u{16fe4}',
        '\u{1d159}',
        '\u{2000}',
        '\u{200a}',
        '\u{202f}',
        '\u{205f}',
        '\u{1680}',
        '\u{13430}',
        '\u{1343f}',
        '\u{1bca0}',
    ];

    #[test]
    fn blanks_are_not_seen_and_make_no_text_together() {
        for blank in BLANKS {
            assert!(is_unseen(blank), "{blank:?}");
            assert!(!is_seen(&format!(" {blank}\n{blank}\u{3000}")), "{blank:?}");
            assert!(is_seen(&format!("{blank}a")), "{blank:?}");
        }
    }

    #[test]
    fn directions_format_characters_private_use_and_noncharacters_are_not_seen() {
        for code in [
            0xad, 0x61c, 0x200b, 0x200e, 0x202e, 0x2028, 0x2066, 0x3164, 0xe000, 0xfdd0, 0xfe0f,
            0xfeff, 0xfffe, 0x1_d173, 0x1_ffff, 0xe_0041, 0x10_ffff,
        ] {
            let character = char::from_u32(code).unwrap();
            assert!(is_unseen(character), "{code:x}");
        }
    }

    #[test]
    fn letters_marks_symbols_and_everyday_spaces_are_seen() {
        for character in "åש日\u{301}🙂⠁\u{600} \u{a0}\u{3000}\t\n".chars() {
            assert!(!is_unseen(character), "{character:?}");
        }
        assert!(!is_seen(" \t\r\n\u{a0}\u{3000}"));
    }
}
