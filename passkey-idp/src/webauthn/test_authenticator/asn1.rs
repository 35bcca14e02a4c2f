//! ECDSA signatures as WebAuthn wants them (§6.5.5): in DER.

/// The DER form of r ‖ s.
pub(super) fn ecdsa(fixed: &[u8]) -> Vec<u8> {
    let (r, s) = fixed.split_at(fixed.len() / 2);
    element(0x30, &[integer(r), integer(s)].concat())
}

fn integer(magnitude: &[u8]) -> Vec<u8> {
    let zeros = magnitude.iter().take_while(|octet| **octet == 0).count();
    let digits = magnitude.get(zeros..).unwrap_or_default();
    let sign: &[u8] = match digits.first() {
        Some(first) if *first < 0x80 => &[],
        _ => &[0],
    };
    element(0x02, &[sign, digits].concat())
}

/// Of less than 128 octets, as all of these are.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("signatures of P-256 are short");
    [&[tag, length], content].concat()
}
