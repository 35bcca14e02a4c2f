//! CBOR (RFC 8949) as CTAP2 writes it: definite lengths, shortest forms, no key twice.

use super::Malformed;

/// One value; nothing is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Vec<Value<'a>>),
    Map(Vec<(Value<'a>, Value<'a>)>),
    Boolean(bool),
    Null,
}

/// Whether the keys of a map must stand in their one order (CTAP2 §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Canonical,
    Any,
}

impl<'a> Value<'a> {
    /// The value that is all of `octets`.
    pub(super) fn parse(octets: &'a [u8], order: Order) -> Result<Self, Malformed> {
        match Self::parse_first(octets, order)? {
            (value, []) => Ok(value),
            _ => Err(Malformed("something follows the CBOR value")),
        }
    }

    /// The value that `octets` begin with, and what follows it.
    pub(super) fn parse_first(
        octets: &'a [u8],
        order: Order,
    ) -> Result<(Self, &'a [u8]), Malformed> {
        let mut reader = Reader {
            rest: octets,
            order,
            budget: MAX_VALUES,
        };
        let value = reader.value(MAX_DEPTH)?;
        Ok((value, reader.rest))
    }

    /// The value of an integer key of a map.
    pub(super) fn label(&self, label: i64) -> Option<&Self> {
        self.find(&Value::Integer(label))
    }

    /// The value of a text key of a map.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        self.find(&Value::Text(name))
    }

    /// How many members a map has.
    pub(super) fn members(&self) -> Option<usize> {
        if let Self::Map(entries) = self {
            Some(entries.len())
        } else {
            None
        }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        if let Self::Integer(integer) = self {
            Some(*integer)
        } else {
            None
        }
    }

    pub(super) fn bytes(&self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self {
            Some(bytes)
        } else {
            None
        }
    }

    pub(super) fn text(&self) -> Option<&'a str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    fn find(&self, wanted: &Value<'_>) -> Option<&Self> {
        let Self::Map(entries) = self else {
            return None;
        };
        entries
            .iter()
            .find_map(|(key, value)| (key == wanted).then_some(value))
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    order: Order,
    budget: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: u8) -> Result<Value<'a>, Malformed> {
        self.budget = self
            .budget
            .checked_sub(1)
            .ok_or(Malformed("too many CBOR values"))?;
        let (major, argument) = self.head()?;
        Ok(match major {
            0 => Value::Integer(signed(argument)?),
            1 => Value::Integer(-1 - signed(argument)?),
            2 => Value::Bytes(self.take(argument)?),
            3 => Value::Text(
                std::str::from_utf8(self.take(argument)?).or(Err(Malformed("not UTF-8")))?,
            ),
            4 => Value::Array(self.array(argument, inner(depth)?)?),
            5 => Value::Map(self.map(argument, inner(depth)?)?),
            _ => simple(major, argument)?,
        })
    }

    fn array(&mut self, count: u64, depth: u8) -> Result<Vec<Value<'a>>, Malformed> {
        (0..count).map(|_| self.value(depth)).collect()
    }

    fn map(&mut self, count: u64, depth: u8) -> Result<Vec<(Value<'a>, Value<'a>)>, Malformed> {
        let mut entries: Vec<(Value<'a>, Value<'a>)> = Vec::new();
        let mut last: &[u8] = &[];
        for _ in 0..count {
            let start = self.rest;
            let key = self.value(depth)?;
            let length = start.len().saturating_sub(self.rest.len());
            let written = start.get(..length).unwrap_or_default();
            if self.order == Order::Canonical && !comes_before(last, written) {
                return Err(Malformed("the keys of a CBOR map are out of order"));
            }
            if entries.iter().any(|(known, _)| *known == key) {
                return Err(Malformed("a CBOR map has the same key twice"));
            }
            last = written;
            entries.push((key, self.value(depth)?));
        }
        Ok(entries)
    }

    /// Major type and argument (RFC 8949 §3), in the shortest form only.
    fn head(&mut self) -> Result<(u8, u64), Malformed> {
        let (first, rest) = self.rest.split_first().ok_or(TRUNCATED)?;
        self.rest = rest;
        let (major, short) = (first >> 5, first & 0x1f);
        let (width, least) = match short {
            0..24 => return Ok((major, short.into())),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return Err(Malformed("a CBOR length is indefinite")),
        };
        let argument = self
            .take(width)?
            .iter()
            .fold(0, |sum, octet| sum << 8 | u64::from(*octet));
        if argument < least {
            return Err(Malformed("a CBOR number is not in its shortest form"));
        }
        Ok((major, argument))
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], Malformed> {
        let count = usize::try_from(count).or(Err(TRUNCATED))?;
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(TRUNCATED)?;
        self.rest = rest;
        Ok(taken)
    }
}

fn signed(argument: u64) -> Result<i64, Malformed> {
    i64::try_from(argument).or(Err(Malformed("a CBOR integer is too large")))
}

fn inner(depth: u8) -> Result<u8, Malformed> {
    depth
        .checked_sub(1)
        .ok_or(Malformed("CBOR is nested too deep"))
}

fn simple<'a>(major: u8, argument: u64) -> Result<Value<'a>, Malformed> {
    match (major, argument) {
        (7, 20) => Ok(Value::Boolean(false)),
        (7, 21) => Ok(Value::Boolean(true)),
        (7, 22) => Ok(Value::Null),
        _ => Err(Malformed("CBOR of a kind that is not used here")),
    }
}

/// CTAP2 §8: the lower major type, then the shorter key, then the lower octets.
fn comes_before(last: &[u8], next: &[u8]) -> bool {
    let rank = |key: &[u8]| key.first().map(|first| (first >> 5, key.len()));
    (rank(last), last) < (rank(next), next)
}

const TRUNCATED: Malformed = Malformed("CBOR ends within a value");
const MAX_DEPTH: u8 = 8;
const MAX_VALUES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, Malformed> {
        let octets = hex::decode(text).unwrap();
        Value::parse(&octets, Order::Canonical).map(|value| format!("{value:?}"))
    }

    #[test]
    fn values_of_rfc_8949_appendix_a_are_read() {
        for (text, value) in [
            ("00", "Integer(0)"),
            ("17", "Integer(23)"),
            ("1818", "Integer(24)"),
            ("1903e8", "Integer(1000)"),
            ("1a000f4240", "Integer(1000000)"),
            ("1b000000e8d4a51000", "Integer(1000000000000)"),
            ("20", "Integer(-1)"),
            ("3903e7", "Integer(-1000)"),
            ("f4", "Boolean(false)"),
            ("f5", "Boolean(true)"),
            ("f6", "Null"),
            ("4401020304", "Bytes([1, 2, 3, 4])"),
            ("6449455446", "Text(\"IETF\")"),
            ("83010203", "Array([Integer(1), Integer(2), Integer(3)])"),
            (
                "a201020304",
                "Map([(Integer(1), Integer(2)), (Integer(3), Integer(4))])",
            ),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(value), "{text}");
        }
    }

    #[test]
    fn other_forms_and_hostile_ones_are_refused() {
        for text in [
            "",
            "18",
            "1817",               // 23 in two octets
            "1900ff",             // 255 in three
            "1b00000000ffffffff", // 2^32 - 1 in nine
            "1bffffffffffffffff", // 2^64 - 1
            "5f4101ff",           // indefinite
            "9f01ff",
            "bf0102ff",
            "5b7fffffffffffffff", // a length that nobody has
            "9b7fffffffffffffff",
            "bb7fffffffffffffff",
            "4501",
            "61ff",       // not UTF-8
            "a201020103", // a key twice
            "a203040102", // out of order
            "f93c00",     // a float
            "c000",       // a tag
            "f7",         // undefined
            "0000",       // two values
            "818181818181818181818100",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(Value::parse(&[0x80; 2000], Order::Any).is_err());
        let wide = [vec![0x99, 0x07, 0xd0], vec![0; 2000]].concat();
        assert_eq!(
            Value::parse(&wide, Order::Any),
            Err(Malformed("too many CBOR values"))
        );
    }

    #[test]
    fn any_order_still_refuses_a_key_twice() {
        let octets = hex::decode("a203040102").unwrap();
        assert_eq!(
            Value::parse(&octets, Order::Any).unwrap().label(1),
            Some(&Value::Integer(2))
        );
        let octets = hex::decode("a201020103").unwrap();
        assert!(Value::parse(&octets, Order::Any).is_err());
    }

    #[test]
    fn shorter_keys_come_first() {
        // 10, 100, -1, "z", "aa"
        assert!(parse("a50a001864002000617a006261610000").is_err());
        assert!(parse("a50a001864002000617a0062616100").is_ok());
        assert!(parse("a2626161006 17a00".replace(' ', "").as_str()).is_err());
    }
}
