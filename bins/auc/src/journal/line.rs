//! One change: `<IMSI> <SQN, 12 digits> <checksum, 8 digits>` and a line end.

use std::collections::HashMap;

use aka::{Imsi, Sqn};

/// What a journal's octets hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Recovered {
    /// The last number of each subscriber.
    Numbers(HashMap<Imsi, Sqn>),
    /// A bad line with good ones behind it: no crash does that.
    Damaged { line: usize },
}

pub(super) fn encode(imsi: &Imsi, sqn: Sqn) -> String {
    let body = format!("{} {sqn:012x}", imsi.as_str());
    let checksum = checksum(body.as_bytes());
    format!("{body} {checksum:08x}\n")
}

/// Reads all lines; bad ones at the very end are what a crash left of an unused number.
pub(super) fn recover(octets: &[u8]) -> Recovered {
    let mut numbers = HashMap::new();
    let mut first_bad = None;
    for (number, line) in (1..).zip(octets.split_inclusive(|octet| *octet == b'\n')) {
        match (decode(line), first_bad) {
            (Some((imsi, sqn)), None) => {
                numbers.insert(imsi, sqn);
            }
            (None, None) => first_bad = Some(number),
            // each line was on the disk before the next began: a crash tears the last one only
            (_, Some(line)) => return Recovered::Damaged { line },
        }
    }
    Recovered::Numbers(numbers)
}

fn decode(line: &[u8]) -> Option<(Imsi, Sqn)> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (body, sum) = line.rsplit_once(' ')?;
    let (imsi, sqn) = body.split_once(' ')?;
    let right = sum.len() == 8 && u32::from_str_radix(sum, 16).ok()? == checksum(body.as_bytes());
    right.then_some((imsi.parse().ok()?, sqn.parse().ok()?))
}

/// FNV-1a of 32 bits: it is there to notice accidents, not attackers.
fn checksum(octets: &[u8]) -> u32 {
    octets.iter().fold(0x811c_9dc5, |hash, octet| {
        (hash ^ u32::from(*octet)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(imsi: &str, sqn: u64) -> (Imsi, Sqn, String) {
        let (imsi, sqn) = (imsi.parse().unwrap(), Sqn::new(sqn).unwrap());
        (imsi, sqn, encode(&imsi, sqn))
    }

    #[test]
    fn a_line_comes_back_as_it_went() {
        let (imsi, sqn, line) = change("001010000000001", 0x1234_5678_9abc);
        assert_eq!(line, "001010000000001 123456789abc ab2d1771\n");
        assert_eq!(decode(line.as_bytes()), Some((imsi, sqn)));
    }

    #[test]
    fn the_last_line_counts() {
        let (imsi, _, first) = change("001010000000001", 32);
        let (_, _, other) = change("001010000000002", 7);
        let (_, sqn, last) = change("001010000000001", 64);
        let Recovered::Numbers(numbers) = recover([first, other, last].concat().as_bytes()) else {
            panic!("not damaged");
        };
        assert_eq!(numbers.get(&imsi), Some(&sqn));
        assert_eq!(numbers.len(), 2);
    }

    #[test]
    fn a_line_cut_anywhere_is_dropped() {
        let (imsi, sqn, first) = change("001010000000001", 32);
        let (_, _, torn) = change("001010000000001", 64);
        for size in 0..torn.len() {
            let text = format!("{first}{}", torn.get(..size).unwrap());
            let kept = HashMap::from([(imsi, sqn)]);
            assert_eq!(recover(text.as_bytes()), Recovered::Numbers(kept), "{size}");
        }
    }

    #[test]
    fn any_changed_octet_is_noticed() {
        let (_, _, line) = change("001010000000001", 32);
        for at in 0..line.len() {
            let mut octets = line.clone().into_bytes();
            octets[at] ^= 1;
            assert_eq!(decode(&octets), None, "{at}");
        }
    }

    #[test]
    fn two_damaged_lines_are_no_crash_wherever_they_are() {
        let (_, _, good) = change("001010000000001", 32);
        let text = format!("{good}rubbish\n001010000000001 0000");
        assert_eq!(recover(text.as_bytes()), Recovered::Damaged { line: 2 });
    }

    #[test]
    fn damage_in_the_middle_is_no_crash() {
        let (_, _, good) = change("001010000000001", 32);
        let text = format!("{good}rubbish\n{good}");
        assert_eq!(recover(text.as_bytes()), Recovered::Damaged { line: 2 });
    }
}
