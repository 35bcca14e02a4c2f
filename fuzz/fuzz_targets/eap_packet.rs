//! Any octets as a packet of EAP-SIM, EAP-AKA or EAP-AKA'.
//!
//! Holds: what is read is written and read again as the same; a MAC that is put on it verifies, and
//! none that the octets brought does.
#![no_main]

use aka::eap::{MacKey, Packet, PacketWriter};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(packet) = Packet::parse(data) else {
        return;
    };
    let key = MacKey::Sha256(&[7; 32]);
    assert!(!packet.verify_mac(key, &[]), "a MAC without the key");
    let mut room = vec![0; data.len()];
    let written = writer(&packet, &mut room)
        .finish()
        .expect("what was read fits where it came from");
    let again = Packet::parse(written).expect("what was written is read");
    let mut second = vec![0; data.len()];
    let rewritten = writer(&again, &mut second).finish();
    assert_eq!(rewritten.as_deref(), Ok(again.octets()));
    if packet.attributes().mac().is_none() {
        let mut room = vec![0; data.len() + 20];
        let signed = writer(&packet, &mut room).finish_with_mac(key, &[]);
        let signed = signed.expect("AT_MAC has 20 octets");
        assert!(Packet::parse(signed).is_ok_and(|packet| packet.verify_mac(key, &[])));
    }
});

fn writer<'a>(packet: &Packet<'_>, room: &'a mut [u8]) -> PacketWriter<'a> {
    let what = (packet.method(), packet.subtype());
    let writer = PacketWriter::new(room, packet.code(), packet.identifier(), what);
    let attributes = packet.attributes();
    attributes
        .iter()
        .fold(writer, |writer, attribute| writer.put(&attribute))
}
