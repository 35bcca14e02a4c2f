//! The query of the compatible dialect, read as Python's `parse_qs` reads it.

use std::fmt;

/// The fields of a query in order, decoded; fields with an empty value are left out.
///
/// `Debug` shows the keys only: the values are challenges.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    fields: Vec<(String, String)>,
}

impl Query {
    /// Splits at `&` and the first `=`, turns `+` into a space and decodes `%XX`, once.
    ///
    /// What is no `%XX` stays as it is, and what is no UTF-8 becomes U+FFFD.
    pub(crate) fn parse(query: &str) -> Self {
        let fields = query
            .split('&')
            .filter_map(|field| field.split_once('='))
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (decode(key), decode(value)))
            .collect();
        Self { fields }
    }

    /// The first value of a key, which is compared by case.
    pub(crate) fn first(&self, key: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.fields.iter().map(|(key, _)| key))
            .finish()
    }
}

fn decode(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let (octet, after) = match (first, escaped(tail)) {
            (b'%', Some((octet, after))) => (octet, after),
            (b'+', _) => (b' ', tail),
            (other, _) => (*other, tail),
        };
        octets.push(octet);
        rest = after;
    }
    String::from_utf8_lossy(&octets).into_owned()
}

/// The octet that two hex digits at the front stand for, and what follows them.
fn escaped(tail: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, after) = tail.split_first_chunk::<2>()?;
    let mut octet = [0];
    hex::decode_to_slice(digits, &mut octet).ok()?;
    Some((octet[0], after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(query: &str, key: &str) -> Option<String> {
        Query::parse(query).first(key).map(str::to_owned)
    }

    #[test]
    fn the_first_value_of_a_repeated_key_wins() {
        assert_eq!(
            first("type=imsi&type=apdu", "type").as_deref(),
            Some("imsi")
        );
    }

    #[test]
    fn an_empty_value_is_as_good_as_none() {
        assert_eq!(first("type=&type=imsi", "type").as_deref(), Some("imsi"));
        assert_eq!(first("type=", "type"), None);
        assert_eq!(first("type", "type"), None);
    }

    #[test]
    fn keys_are_compared_by_case() {
        assert_eq!(first("Type=imsi", "type"), None);
    }

    #[test]
    fn escapes_are_decoded_once_in_keys_and_values() {
        assert_eq!(first("%74ype=im%73i", "type").as_deref(), Some("imsi"));
        assert_eq!(first("a=%2525", "a").as_deref(), Some("%25"));
        assert_eq!(first("a=x+y%2B", "a").as_deref(), Some("x y+"));
    }

    #[test]
    fn a_broken_escape_stays_and_broken_utf8_is_replaced() {
        assert_eq!(first("a=%zz%4", "a").as_deref(), Some("%zz%4"));
        assert_eq!(first("a=%ff", "a").as_deref(), Some("\u{fffd}"));
    }

    #[test]
    fn a_value_keeps_its_further_equals_signs_and_semicolons() {
        assert_eq!(first("a=b=c;d=e", "a").as_deref(), Some("b=c;d=e"));
    }

    #[test]
    fn debug_output_shows_no_values() {
        let query = Query::parse("rand=23553cbe&autn=55f328b4");
        assert_eq!(format!("{query:?}"), r#"["rand", "autn"]"#);
    }
}
