//! Any octets as an answer, as a command and as a class octet.
//!
//! Holds: an answer is its data and its last two octets, and under 2 octets it is none; a command
//! that is read is written back octet for octet; a class octet put on a channel is read as on it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usim::apdu::{Channel, Command, Response};

fuzz_target!(|data: &[u8]| {
    answer(data);
    command(data);
    if let [cla, number, ..] = *data {
        class(cla, number);
    }
});

fn answer(octets: &[u8]) {
    match (Response::parse(octets), octets) {
        (Some(response), [data @ .., sw1, sw2]) => {
            assert_eq!(response.data(), data);
            let status = response.status();
            assert_eq!((status.sw1(), status.sw2()), (*sw1, *sw2));
            assert_eq!(status.to_string(), format!("{sw1:02X}{sw2:02X}"));
        }
        (response, _) => assert!(response.is_none() && octets.len() < 2),
    }
}

fn command(octets: &[u8]) {
    let Ok(command) = Command::parse(octets) else {
        return;
    };
    assert_eq!(command.encoded_len(), octets.len());
    let mut written = vec![0; octets.len()];
    assert_eq!(command.encode(&mut written), Ok(octets));
    if let Some((_, short)) = written.split_last_mut() {
        assert!(command.encode(short).is_err(), "fits where it cannot");
    }
    assert!(
        command
            .expected()
            .is_none_or(|le| (1..=65_536).contains(&le))
    );
}

fn class(cla: u8, number: u8) {
    let Ok(channel) = Channel::new(number % 20) else {
        unreachable!("below 20")
    };
    let class = channel.apply(cla);
    match Channel::of_class(cla) {
        Some(_) => assert_eq!(Channel::of_class(class), Some(channel)),
        None => assert_eq!(class, cla),
    }
}
