//! Writing CBOR (RFC 8949 §3).

/// An integer.
pub(super) fn integer(value: i64) -> Vec<u8> {
    match u64::try_from(value) {
        Ok(value) => head(0, value),
        Err(_) => head(1, (-1 - value).unsigned_abs()),
    }
}

/// Octets.
pub(super) fn bytes(value: &[u8]) -> Vec<u8> {
    [head(2, count(value.len())), value.to_vec()].concat()
}

/// Text.
pub(super) fn text(value: &str) -> Vec<u8> {
    [head(3, count(value.len())), value.as_bytes().to_vec()].concat()
}

/// A map of what has been written already, in the caller's order.
pub(super) fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut octets = head(5, count(entries.len()));
    for (key, value) in entries {
        octets.extend_from_slice(key);
        octets.extend_from_slice(value);
    }
    octets
}

fn count(length: usize) -> u64 {
    length.try_into().unwrap_or(u64::MAX)
}

fn head(major: u8, argument: u64) -> Vec<u8> {
    let all = argument.to_be_bytes();
    let (short, skip) = match argument {
        0..24 => return vec![major << 5 | u8::try_from(argument).unwrap_or(0)],
        24..0x100 => (24, 7),
        0x100..0x1_0000 => (25, 6),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 0),
    };
    std::iter::once(major << 5 | short)
        .chain(all.into_iter().skip(skip))
        .collect()
}
