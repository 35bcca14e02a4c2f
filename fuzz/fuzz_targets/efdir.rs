//! Any octets as a record of EF_DIR, and as the other files that are read on the way to a
//! subscriber.
//!
//! Holds: what a file says, written and read again, says the same; an AID is never longer than 16
//! octets; a number has the digits that its standard allows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usim::file::{ad, dir, imsi, msisdn, spn};
use usim::{Aid, Iccid, ServiceTable};

fuzz_target!(|data: &[u8]| {
    application(data);
    subscriber(data);
    labels(data);
    let table = ServiceTable::new(data.to_vec());
    let services: Vec<u16> = table.iter().collect();
    assert!(services.iter().all(|service| table.has(*service)));
    assert!(services.is_sorted());
});

fn application(record: &[u8]) {
    let Some(application) = dir::decode(record) else {
        return;
    };
    let aid = application.aid.as_bytes();
    assert!((1..=Aid::MAX_SIZE).contains(&aid.len()));
    assert!(record.windows(aid.len()).any(|window| window == aid));
    // a label of broken text grows when it is mended, up to threefold
    let room = 3 * record.len() + 16;
    let written = dir::encode(&application, room).unwrap_or_default();
    assert_eq!(written.len(), room);
    assert_eq!(dir::decode(&written), Some(application));
}

fn subscriber(file: &[u8]) {
    if let Ok(imsi) = imsi::decode(file) {
        let digits = imsi.as_str();
        assert!((6..=15).contains(&digits.len()) && all_digits(digits));
        assert_eq!(imsi::decode(&imsi::encode(&imsi)), Ok(imsi));
    }
    if let Ok(iccid) = Iccid::decode(file) {
        assert!((10..=20).contains(&iccid.as_str().len()) && all_digits(iccid.as_str()));
        assert_eq!(Iccid::decode(&iccid.encode()), Ok(iccid));
    }
    let mnc_length = ad::mnc_length(file);
    assert!(mnc_length.is_none() || file.len() >= 4);
    assert_eq!(ad::mnc_length(&ad::encode(mnc_length)), mnc_length);
}

fn labels(file: &[u8]) {
    if let Ok(Some(number)) = msisdn::decode(file) {
        assert!((1..=21).contains(&number.number().len()));
        // what was read may not have the alphabet it would be written in
        if let Ok(written) = msisdn::encode(&number, 4 * file.len()) {
            assert_eq!(msisdn::decode(&written), Ok(Some(number)));
        }
    }
    if let Some(provider) = spn::decode(file)
        && let Some(written) = spn::encode(&provider)
    {
        assert_eq!(spn::decode(&written), Some(provider));
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|digit| digit.is_ascii_digit())
}
