//! Base64url without padding (RFC 4648 §5, RFC 7515 §2), in the one form that each value has.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Marks what is no symbol; any bit above the low six would do.
const NONE: u8 = 0x80;

const VALUES: [u8; 256] = values();

/// Text is not the one base64url form of any octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBase64 {
    /// A symbol of another alphabet, padding, or white space.
    #[error("a character is outside the base64url alphabet")]
    Symbol,
    /// No number of octets has this many symbols.
    #[error("the number of base64url symbols is impossible")]
    Length,
    /// The last symbol carries bits that belong to no octet.
    #[error("the unused bits of the last base64url symbol are not zero")]
    TrailingBits,
}

/// The base64url form of `octets`.
pub fn encode(octets: &[u8]) -> String {
    let mut text = String::with_capacity(encoded_len(octets.len()));
    encode_to(octets, &mut text);
    text
}

/// Appends the base64url form of `octets` to `text`.
pub fn encode_to(octets: &[u8], text: &mut String) {
    // A stretch at a time, so that a String is extended by text and not by characters.
    for stretch in octets.chunks(STRETCH * 3) {
        let mut symbols = [[0; 4]; STRETCH];
        let (groups, rest) = stretch.as_chunks::<3>();
        for (place, group) in symbols.iter_mut().zip(groups) {
            *place = symbols_of(*group);
        }
        if let Some(place) = symbols.get_mut(groups.len()) {
            *place = symbols_of(std::array::from_fn(|at| rest.get(at).copied().unwrap_or(0)));
        }
        let length = encoded_len(stretch.len());
        let symbols = symbols.as_flattened().get(..length).unwrap_or_default();
        text.push_str(std::str::from_utf8(symbols).expect("symbols are ASCII"));
    }
}

/// How many groups of three octets are encoded at once.
const STRETCH: usize = 64;

/// How many symbols `octets` octets take.
pub const fn encoded_len(octets: usize) -> usize {
    (octets * 4).div_ceil(3)
}

/// The octets whose base64url form is `text`.
///
/// # Errors
/// [`InvalidBase64`] for anything that [`encode`] does not produce.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, InvalidBase64> {
    let mut octets = Vec::new();
    decode_to(text, &mut octets)?;
    Ok(octets)
}

/// The form of `octets` with the standard alphabet and padding (RFC 4648 §4), which PEM and protocols
/// older than JOSE use.
pub fn encode_padded(octets: &[u8]) -> String {
    let mut text = encode(octets).replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// The octets whose form with the standard alphabet and padding (RFC 4648 §4) is `text`.
///
/// # Errors
/// [`InvalidBase64`] for anything that [`encode_padded`] does not produce.
pub fn decode_padded(text: &[u8]) -> Result<Vec<u8>, InvalidBase64> {
    if !text.len().is_multiple_of(4) {
        return Err(InvalidBase64::Length);
    }
    let unpadded = text.strip_suffix(b"==").or(text.strip_suffix(b"="));
    let translated = unpadded.unwrap_or(text).iter().map(|symbol| match symbol {
        b'+' => Ok(b'-'),
        b'/' => Ok(b'_'),
        b'-' | b'_' => Err(InvalidBase64::Symbol),
        other => Ok(*other),
    });
    decode(&translated.collect::<Result<Vec<u8>, _>>()?)
}

/// Appends to `octets` what `text` is the base64url form of.
///
/// # Errors
/// [`InvalidBase64`] for anything that [`encode`] does not produce; `octets` is then of no use.
pub fn decode_to(text: &[u8], octets: &mut Vec<u8>) -> Result<(), InvalidBase64> {
    let (groups, rest) = text.as_chunks::<4>();
    let start = octets.len();
    octets.reserve(groups.len() * 3 + 2);
    octets.resize(start + groups.len() * 3, 0);
    let (places, _) = octets
        .get_mut(start..)
        .unwrap_or_default()
        .as_chunks_mut::<3>();
    let mut seen = 0;
    for (place, group) in places.iter_mut().zip(groups) {
        let values = group.map(value);
        seen |= values.iter().fold(0, |seen, value| seen | value);
        *place = octets_of(values);
    }
    if seen & NONE != 0 {
        return Err(InvalidBase64::Symbol);
    }
    decode_rest(rest, octets)
}

/// Decodes the last, incomplete group.
fn decode_rest(rest: &[u8], octets: &mut Vec<u8>) -> Result<(), InvalidBase64> {
    if rest.iter().any(|symbol| value(*symbol) == NONE) {
        return Err(InvalidBase64::Symbol);
    }
    let (values, count, unused) = match *rest {
        [] => return Ok(()),
        [a, b] => ([value(a), value(b), 0, 0], 1, value(b) & 0x0f),
        [a, b, c] => ([value(a), value(b), value(c), 0], 2, value(c) & 0x03),
        _ => return Err(InvalidBase64::Length),
    };
    if unused != 0 {
        return Err(InvalidBase64::TrailingBits);
    }
    octets.extend(octets_of(values).iter().take(count));
    Ok(())
}

fn octets_of([a, b, c, d]: [u8; 4]) -> [u8; 3] {
    [(a << 2) | (b >> 4), (b << 4) | (c >> 2), (c << 6) | d]
}

fn value(symbol: u8) -> u8 {
    VALUES.get(usize::from(symbol)).copied().unwrap_or(NONE)
}

fn symbols_of([a, b, c]: [u8; 3]) -> [u8; 4] {
    [a >> 2, (a << 4) | (b >> 4), (b << 2) | (c >> 6), c].map(symbol)
}

fn symbol(bits: u8) -> u8 {
    ALPHABET
        .get(usize::from(bits & 0x3f))
        .copied()
        .unwrap_or(b'A')
}

#[expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "evaluated by the compiler, which would refuse an index out of range"
)]
const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut index = 0;
    while index < ALPHABET.len() {
        values[ALPHABET[index] as usize] = index as u8;
        index += 1;
    }
    values
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_test_vectors_of_rfc_4648_hold_without_their_padding() {
        let vectors = [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ];
        for (octets, text) in vectors {
            assert_eq!(encode(octets.as_bytes()), text);
            assert_eq!(decode(text.as_bytes()).unwrap(), octets.as_bytes());
            assert_eq!(encoded_len(octets.len()), text.len());
        }
    }

    #[test]
    fn the_last_two_symbols_are_those_of_the_url_alphabet() {
        assert_eq!(encode(&[0xfb, 0xff]), "-_8");
        assert_eq!(decode(b"+/8"), Err(InvalidBase64::Symbol));
    }

    #[test]
    fn padding_white_space_and_other_octets_are_no_symbols() {
        for text in [
            "Zg==",
            "Zm8=",
            "Zg=",
            "Zm9v\n",
            "Z g",
            " Zm9v",
            "Zm9v\0",
            "Zm9\u{e9}",
            "====",
        ] {
            assert_eq!(
                decode(text.as_bytes()),
                Err(InvalidBase64::Symbol),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_padded_form_is_that_of_rfc_4648_and_no_other() {
        for (octets, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v")] {
            assert_eq!(encode_padded(octets.as_bytes()), text);
            assert_eq!(decode_padded(text.as_bytes()).unwrap(), octets.as_bytes());
        }
        assert_eq!(encode_padded(&[0xfb, 0xff]), "+/8=");
        assert_eq!(decode_padded(b"+/8=").unwrap(), [0xfb, 0xff]);
        for (text, refusal) in [
            ("Zg", InvalidBase64::Length),
            ("Zm8", InvalidBase64::Length),
            ("-_8=", InvalidBase64::Symbol),
            ("Z===", InvalidBase64::Symbol),
            ("====", InvalidBase64::Symbol),
            ("Zm9v====", InvalidBase64::Symbol),
            ("Zh==", InvalidBase64::TrailingBits),
        ] {
            assert_eq!(decode_padded(text.as_bytes()), Err(refusal), "{text}");
        }
    }

    #[test]
    fn one_symbol_too_many_is_no_octet() {
        assert_eq!(decode(b"Z"), Err(InvalidBase64::Length));
        assert_eq!(decode(b"Zm9vZ"), Err(InvalidBase64::Length));
    }

    #[test]
    fn unused_bits_must_be_zero() {
        for text in ["Zh", "Zv", "Zm9", "Zm-"] {
            assert_eq!(
                decode(text.as_bytes()),
                Err(InvalidBase64::TrailingBits),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn octets_survive_the_way_there_and_back(octets: Vec<u8>) {
            prop_assert_eq!(decode(encode(&octets).as_bytes()), Ok(octets));
        }

        #[test]
        fn whatever_decodes_is_the_only_form_of_its_octets(text in "[A-Za-z0-9_-]{0,9}") {
            if let Ok(octets) = decode(text.as_bytes()) {
                prop_assert_eq!(encode(&octets), text);
            }
        }
    }
}
