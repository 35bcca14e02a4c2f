//! Any octets as authenticator data.
//!
//! Holds: what is accepted is accounted for from its first octet to its last; one octet less is refused.
#![no_main]
#![expect(clippy::indexing_slicing, reason = "a target fails by panicking")]

use libfuzzer_sys::fuzz_target;
use passkey_idp::webauthn::AuthenticatorData;

fuzz_target!(|data: &[u8]| {
    let Ok(parsed) = AuthenticatorData::parse(data) else {
        return;
    };
    assert_eq!(data[..32], parsed.rp_id_hash);
    assert_eq!(data[33..37], parsed.counter.to_be_bytes());
    assert_eq!(parsed.flags.user_present(), data[32] & 1 != 0);
    assert_eq!(parsed.attested.is_some(), data[32] & 0x40 != 0);
    parsed.flags.backup().expect("it was checked");
    assert!(AuthenticatorData::parse(&data[..data.len() - 1]).is_err());
    let longer = [data, &[0]].concat();
    assert!(AuthenticatorData::parse(&longer).is_err());
    if let Some(attested) = parsed.attested {
        let id = attested.credential_id.as_slice();
        let key = attested.public_key.octets();
        let length = u16::try_from(id.len()).expect("two octets tell it");
        let start = [
            attested.aaguid.as_bytes(),
            &length.to_be_bytes()[..],
            id,
            key,
        ]
        .concat();
        assert!(data[37..].starts_with(&start));
    }
});
