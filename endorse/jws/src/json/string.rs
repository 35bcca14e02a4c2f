//! Strings: where they end, what their escapes mean, and when two are the same.

use std::borrow::Cow;

use super::InvalidJson;

/// How many octets a string takes, its closing quote included, from behind its opening quote.
pub(super) fn length(text: &[u8]) -> Result<usize, InvalidJson> {
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let plain = rest
            .iter()
            .position(|octet| matches!(octet, b'"' | b'\\' | 0..=0x1f));
        at += plain.ok_or(InvalidJson::UnexpectedEnd)?;
        match text.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at += escape(text.get(at..).unwrap_or_default())?.1,
            _ => return Err(InvalidJson::ControlCharacter),
        }
    }
}

/// The characters between two quotes that [`length`] has found to be well-formed.
pub(super) fn unescaped(quoted: &str) -> Cow<'_, str> {
    if quoted.contains('\\') {
        Cow::Owned(Characters(quoted).collect())
    } else {
        Cow::Borrowed(quoted)
    }
}

/// Whether two strings have the same characters, however they are escaped.
pub(super) fn same(one: &str, other: &str) -> bool {
    one == other
        || ((one.contains('\\') || other.contains('\\')) && Characters(one).eq(Characters(other)))
}

struct Characters<'t>(&'t str);

impl Iterator for Characters<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let first = self.0.chars().next()?;
        let (character, length) = if first == '\\' {
            escape(self.0.as_bytes()).ok()?
        } else {
            (first, first.len_utf8())
        };
        self.0 = self.0.get(length..).unwrap_or_default();
        Some(character)
    }
}

/// The character that the escape sequence at the start of `text` stands for, and its length.
fn escape(text: &[u8]) -> Result<(char, usize), InvalidJson> {
    let short = match text.get(1).ok_or(InvalidJson::UnexpectedEnd)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        _ => return Err(InvalidJson::Escape),
    };
    Ok((short, 2))
}

/// `\uXXXX`, or two of them that are a surrogate pair (RFC 8259 §7).
fn unicode(text: &[u8]) -> Result<(char, usize), InvalidJson> {
    let first = unit(text).ok_or(InvalidJson::Escape)?;
    if let Some(character) = char::from_u32(first) {
        return Ok((character, 6));
    }
    let second = text.get(6..).and_then(unit).ok_or(InvalidJson::Escape)?;
    match (first, second) {
        (0xd800..=0xdbff, 0xdc00..=0xdfff) => {
            let code = 0x1_0000 + ((first & 0x3ff) << 10) + (second & 0x3ff);
            Ok((char::from_u32(code).ok_or(InvalidJson::Escape)?, 12))
        }
        _ => Err(InvalidJson::Escape),
    }
}

fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |unit, digit| {
        Some((unit << 4) | char::from(*digit).to_digit(16)?)
    })
}
