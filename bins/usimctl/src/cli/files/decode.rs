//! What a file's octets say, in words.

use usim::{
    Iccid, ServiceTable,
    file::{ad, dir, imsi, msisdn, spn},
    tlv::{self, Tag},
};

use super::{FILLER, names::Meaning, written};
use crate::cli::hex;

/// A line for each thing the file says; its octets where they do not have the form they should.
pub(super) fn words(meaning: Meaning, parts: &[Vec<u8>]) -> Vec<String> {
    let words: Option<Vec<String>> = match meaning {
        Meaning::Octets | Meaning::Keys => None,
        Meaning::Applications => Some(applications(parts)),
        Meaning::Iccid => only(parts, |file| {
            Some(Iccid::decode(file).ok()?.as_str().to_owned())
        }),
        Meaning::Imsi => only(parts, |file| {
            Some(imsi::decode(file).ok()?.as_str().to_owned())
        }),
        Meaning::AdministrativeData => only(parts, |file| {
            let digits = ad::mnc_length(file)?.digits();
            Some(format!("MNC of {digits} digits"))
        }),
        Meaning::Services => only(parts, |file| {
            let table = ServiceTable::new(file.to_vec());
            let services: Vec<String> = table.iter().map(|number| number.to_string()).collect();
            Some(format!("services {}", services.join(" ")))
        }),
        Meaning::Numbers => numbers(parts),
        Meaning::Provider => only(parts, |file| Some(spn::decode(file)?.name)),
        Meaning::TaggedText => written(parts).map(tagged_text).collect(),
        Meaning::Text => only(parts, |file| text(file).map(str::to_owned)),
    };
    words.unwrap_or_else(|| written(parts).map(octets).collect())
}

fn only(parts: &[Vec<u8>], read: impl Fn(&[u8]) -> Option<String>) -> Option<Vec<String>> {
    let [file] = parts else { return None };
    Some(vec![read(file)?])
}

fn applications(parts: &[Vec<u8>]) -> Vec<String> {
    let listed = parts.iter().filter_map(|record| dir::decode(record));
    let words = listed.map(|application| match application.label {
        Some(label) => format!("{} {label}", application.aid),
        None => application.aid.to_string(),
    });
    words.collect()
}

fn numbers(parts: &[Vec<u8>]) -> Option<Vec<String>> {
    let mut words = Vec::new();
    for record in parts {
        let Some(number) = msisdn::decode(record).ok()? else {
            continue;
        };
        words.push(match number.label() {
            Some(label) => format!("{} {label}", number.number()),
            None => number.number().to_owned(),
        });
    }
    Some(words)
}

fn tagged_text(file: &[u8]) -> Option<String> {
    let value = tlv::find(file, Tag::new(0x80)).ok()??;
    Some(std::str::from_utf8(value).ok()?.to_owned())
}

/// In digits, with a long filler at the end cut short.
fn octets(file: &[u8]) -> String {
    let erased = file.iter().rev().take_while(|octet| **octet == FILLER);
    match file.len() - erased.count() {
        end if end + 4 < file.len() => {
            let written = file.get(..end).unwrap_or_default();
            format!("{}FF...", hex::text(written))
        }
        _ => hex::text(file),
    }
}

/// Printable text up to its filler.
fn text(file: &[u8]) -> Option<&str> {
    let end = file.iter().position(|octet| *octet == FILLER);
    let text = std::str::from_utf8(file.get(..end.unwrap_or(file.len()))?).ok()?;
    let printable = !text.is_empty() && text.chars().all(|c| !c.is_control());
    printable.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_not_its_form_is_shown_as_octets() {
        assert_eq!(words(Meaning::Imsi, &[vec![0x08, 0x29]]), ["0829"]);
        assert_eq!(words(Meaning::Text, &[vec![0x01]]), ["01"]);
    }

    #[test]
    fn a_long_filler_is_cut_short() {
        let file = [vec![0x00, 0x01], vec![0xff; 100]].concat();
        assert_eq!(words(Meaning::Octets, &[file]), ["0001FF..."]);
        let file = vec![0x00, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(words(Meaning::Octets, &[file]), ["00FFFFFFFF"]);
    }

    #[test]
    fn empty_records_say_nothing() {
        let records = [vec![0xff; 28], vec![0xff; 28]];
        assert!(words(Meaning::Numbers, &records).is_empty());
        assert!(words(Meaning::Octets, &records).is_empty());
        assert!(words(Meaning::TaggedText, &records).is_empty());
    }

    #[test]
    fn services_are_listed_by_number() {
        let table = vec![0b0000_0101, 0b1000_0000];
        assert_eq!(words(Meaning::Services, &[table]), ["services 1 3 16"]);
    }

    #[test]
    fn text_ends_at_its_filler() {
        assert_eq!(words(Meaning::Text, &[b"ende\xff\xff".to_vec()]), ["ende"]);
    }
}
