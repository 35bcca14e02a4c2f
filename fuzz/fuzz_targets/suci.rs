//! Any octets as a concealed identity, and any identity concealed.
//!
//! Holds: what a terminal conceals the home reveals, for both profiles; one flipped bit is refused; what
//! nobody concealed is refused.
#![no_main]
#![expect(clippy::indexing_slicing, reason = "a target fails by panicking")]

use aka::suci::HomeKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let home = if first & 1 == 0 {
        HomeKey::profile_a([7; 32])
    } else {
        HomeKey::profile_b(&[7; 32]).expect("a scalar of P-256")
    };
    let mut room = vec![0; rest.len()];
    assert!(
        home.reveal(rest, &mut room).is_err(),
        "a tag without the key"
    );

    let mut output = vec![0; rest.len() + 64];
    let concealed = home.public_key().conceal(&[9; 32], rest, &mut output);
    let concealed = concealed.expect("there is room").to_vec();
    let revealed = home.reveal(&concealed, &mut room);
    assert_eq!(revealed, Ok(rest));

    let mut forged = concealed;
    let place = usize::from(*first >> 1) % forged.len();
    forged[place] ^= 1 << (first % 8);
    // the highest bit of an X25519 key and the sign of a point do not count alike
    let sign = place == 0 || place == 31;
    let refused = home.reveal(&forged, &mut room).is_err();
    assert!(refused || sign, "a bit at {place} was flipped");
});
