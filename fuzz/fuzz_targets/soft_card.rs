//! Commands of any kind to the software card, one after the other.
//!
//! Holds: every answer has 2 octets at least, a status word of the standards, and fits into 258
//! octets; nobody who does not know the keys gets an answer to a UMTS challenge; a card that was
//! reset still has its MF, and its IMSI is what it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usim::{
    soft::{Profile, SoftCard},
    transport::{Protocol, Transport},
};

fuzz_target!(|data: &[u8]| {
    let Some((options, mut commands)) = data.split_first() else {
        return;
    };
    let mut profile = Profile::default();
    if options & 1 != 0 {
        profile.protocol = Protocol::T1;
    }
    let mut card = SoftCard::new(profile);
    while let Some((length, rest)) = commands.split_first() {
        let (command, rest) = rest.split_at(rest.len().min((*length).into()));
        let answer = ask(&mut card, command);
        let umts = matches!(command, [_, 0x88, 0x00, 0x81, ..]);
        assert!(!umts || !answer.ends_with(&[0x61, 0x35]) && answer.first() != Some(&0xdb));
        commands = rest;
    }
    card.reset().expect("a software card");
    for (command, expected) in [
        (
            &b"\x00\xa4\x04\x0c\x07\xa0\x00\x00\x00\x87\x10\x02"[..],
            &b"\x90\x00"[..],
        ),
        (b"\x00\xa4\x00\x0c\x02\x6f\x07", b"\x90\x00"),
        (
            b"\x00\xb0\x00\x00\x09",
            b"\x08\x09\x10\x10\x00\x00\x00\x00\x10\x90\x00",
        ),
    ] {
        let answer = ask(&mut card, command);
        // a PIN may have been enabled, or have been blocked by wrong ones
        assert!(answer == expected || answer == [0x69, 0x82]);
    }
});

fn ask(card: &mut SoftCard, command: &[u8]) -> Vec<u8> {
    let mut answer = [0; 258];
    let size = card
        .transmit(command, &mut answer)
        .expect("258 octets are enough");
    let (answer, _) = answer.split_at(size);
    assert!(matches!(answer, [.., 0x61..=0x6f | 0x90..=0x9f, _]));
    answer.to_vec()
}
