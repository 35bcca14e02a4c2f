//! Text on cards: the GSM default alphabet, one character in an octet, or UCS2 in three codings
//! (TS 31.102 annex A, TS 23.038 §6.2.1).

/// Reads a text up to its filler `FF`; characters that cannot be are replaced.
pub(crate) fn decode(octets: &[u8]) -> String {
    match octets {
        [0x80, text @ ..] => ucs2(text),
        [0x81, count, base, text @ ..] => based(text, *count, u32::from(*base) << 7),
        [0x82, count, high, low, text @ ..] => {
            based(text, *count, u32::from(u16::from_be_bytes([*high, *low])))
        }
        text => default_alphabet(text),
    }
}

/// Writes a text: in the default alphabet where that has all of it, otherwise in UCS2; `None` when
/// it needs more than `size` octets, or characters beyond the basic plane.
pub(crate) fn encode(text: &str, size: usize) -> Option<Vec<u8>> {
    let short: Option<Vec<u8>> = text.chars().map(septet).collect();
    let mut octets = short.or_else(|| long(text))?;
    if octets.len() > size {
        return None;
    }
    octets.resize(size, 0xff);
    Some(octets)
}

fn long(text: &str) -> Option<Vec<u8>> {
    let mut octets = vec![0x80];
    for character in text.chars() {
        let unit = u16::try_from(u32::from(character)).ok()?;
        if unit == FILLER {
            return None;
        }
        octets.extend(unit.to_be_bytes());
    }
    Some(octets)
}

/// Where UCS2 text ends: no character has this number.
const FILLER: u16 = 0xffff;

fn ucs2(text: &[u8]) -> String {
    let units = text
        .chunks_exact(2)
        .filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)));
    let text: Vec<_> = units.take_while(|unit| *unit != FILLER).collect();
    String::from_utf16_lossy(&text)
}

/// Octets with bit 8 set are offsets from `base`, the others are of the default alphabet.
fn based(text: &[u8], count: u8, base: u32) -> String {
    let text = text.get(..usize::from(count)).unwrap_or(text);
    let character = |octet: &u8| match octet {
        0x00..=0x7f => default_alphabet(&[*octet]),
        _ => char::from_u32(base + u32::from(octet & 0x7f))
            .filter(|character| u32::from(*character) != u32::from(FILLER))
            .unwrap_or(char::REPLACEMENT_CHARACTER)
            .to_string(),
    };
    text.iter().map(character).collect()
}

fn default_alphabet(text: &[u8]) -> String {
    let mut octets = text.iter().take_while(|octet| **octet != 0xff);
    let mut decoded = String::with_capacity(text.len());
    while let Some(octet) = octets.next() {
        let character = if *octet == ESCAPE {
            octets.next().and_then(|octet| extended(*octet))
        } else {
            ALPHABET.get(usize::from(*octet)).copied()
        };
        decoded.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    decoded
}

/// The second table, behind ESC (TS 23.038 §6.2.1.1).
const fn extended(octet: u8) -> Option<char> {
    Some(match octet {
        0x14 => '^',
        0x28 => '{',
        0x29 => '}',
        0x2f => '\\',
        0x3c => '[',
        0x3d => '~',
        0x3e => ']',
        0x40 => '|',
        0x65 => '€',
        _ => return None,
    })
}

fn septet(character: char) -> Option<u8> {
    let found = ALPHABET.iter().position(|known| *known == character);
    found
        .and_then(|at| u8::try_from(at).ok())
        .filter(|octet| *octet != ESCAPE)
}

const ESCAPE: u8 = 0x1b;

/// The default alphabet; a blank stands in the place of ESC.
const ALPHABET: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', //
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1b}', 'Æ', 'æ', 'ß', 'É', //
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', //
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', //
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', //
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', //
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', //
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à', //
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::script::octets;

    #[test]
    fn the_filler_is_no_character_in_any_coding() {
        assert_eq!(decode(&[0x82, 1, 0xff, 0xfe, 0x81]), "\u{fffd}");
        assert_eq!(encode("\u{ffff}", 8), None);
    }

    #[test]
    fn the_default_alphabet_ends_at_its_filler() {
        assert_eq!(decode(&octets("54657374 ffff")), "Test");
        assert_eq!(decode(&octets("00 02 11 7b 5c")), "@$_äÖ");
        assert_eq!(decode(&[0xff; 4]), "");
    }

    #[test]
    fn the_second_table_is_behind_the_escape() {
        assert_eq!(decode(&octets("1b65 1b3c 1b7a")), "€[\u{fffd}");
    }

    #[test]
    fn ucs2_is_read_in_all_three_codings() {
        assert_eq!(decode(&octets("80 0416 0041 ffff")), "ЖA");
        assert_eq!(decode(&octets("81 03 08 96 41 97 ffff")), "ЖAЗ");
        assert_eq!(decode(&octets("82 02 0530 82 2d ff")), "Բ-");
    }

    #[test]
    fn a_count_past_the_end_takes_what_there_is() {
        assert_eq!(decode(&octets("81 09 08 96")), "Ж");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(encode("Test", 3), None);
        assert_eq!(encode("Ж", 2), None);
        assert_eq!(encode("😀", 16), None);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(text in "[a-zA-Z0-9 äöüÄÖÜß@$ΔЖБ]{0,8}") {
            let octets = encode(&text, 20).unwrap();
            prop_assert_eq!(decode(&octets), text);
        }
    }
}
