use proptest::prelude::*;

use super::*;
use crate::script::octets;

#[track_caller]
fn encoded(command: Command<'_>) -> Vec<u8> {
    let mut buffer = vec![0; MAX_COMMAND];
    let encoded = command.encode(&mut buffer).unwrap().to_vec();
    assert_eq!(encoded.len(), command.encoded_len());
    encoded
}

const HEADER: Command<'_> = Command::new(0x00, 0xa4, 0x00, 0x04);

#[test]
fn the_four_short_cases_are_written_as_the_standard_has_them() {
    let data = [0x3f, 0x00];
    let with_data = HEADER.with_data(&data).unwrap();
    assert_eq!(encoded(HEADER), octets("00a40004"));
    assert_eq!(encoded(HEADER.expecting(5).unwrap()), octets("00a40004 05"));
    assert_eq!(
        encoded(HEADER.expecting(256).unwrap()),
        octets("00a40004 00")
    );
    assert_eq!(encoded(with_data), octets("00a40004 02 3f00"));
    assert_eq!(
        encoded(with_data.expecting(256).unwrap()),
        octets("00a40004 02 3f00 00")
    );
}

#[test]
fn lengths_beyond_the_short_form_are_extended() {
    let data = [0x55; 256];
    let with_data = HEADER.with_data(&data).unwrap();
    assert_eq!(
        encoded(HEADER.expecting(257).unwrap()),
        octets("00a40004 00 0101")
    );
    assert_eq!(
        encoded(HEADER.expecting(65_536).unwrap()),
        octets("00a40004 00 0000")
    );
    assert_eq!(encoded(with_data), octets("00a40004 00 0100 55*256"));
    let both = with_data.expecting(2).unwrap();
    assert_eq!(encoded(both), octets("00a40004 00 0100 55*256 0002"));
}

#[test]
fn an_extended_command_without_its_le_is_written_without_a_length() {
    let command = HEADER.expecting(257).unwrap().without_expected();
    assert_eq!(encoded(command), octets("00a40004"));
}

#[test]
fn values_out_of_range_are_refused() {
    let too_much = vec![0; 65_536];
    assert_eq!(HEADER.with_data(&too_much), Err(CommandError::TooMuchData));
    assert!(
        HEADER
            .with_data(&too_much[1..])
            .is_ok_and(|command| command.is_extended())
    );
    assert_eq!(HEADER.expecting(0), Err(CommandError::InvalidExpected));
    assert_eq!(HEADER.expecting(65_537), Err(CommandError::InvalidExpected));
}

#[test]
fn a_buffer_that_is_too_small_is_refused() {
    let data = [0x3f, 0x00];
    let command = HEADER.with_data(&data).unwrap();
    for size in 0..7 {
        let refused = command.encode(&mut vec![0; size]).map(<[u8]>::to_vec);
        assert_eq!(refused, Err(CommandError::BufferTooSmall), "{size}");
    }
    assert_eq!(command.encode(&mut [0; 7]).map(<[u8]>::len), Ok(7));
}

#[test]
fn an_le_of_00_stands_for_all() {
    let parsed = Command::parse(&[0, 0xb0, 0, 0, 0]).unwrap();
    assert_eq!(
        (parsed.expected(), parsed.is_extended()),
        (Some(256), false)
    );
    let parsed = Command::parse(&[0, 0xb0, 0, 0, 0, 0, 0]).unwrap();
    assert_eq!(
        (parsed.expected(), parsed.is_extended()),
        (Some(65_536), true)
    );
    let parsed = Command::parse(&[0, 0xb0, 0, 0]).unwrap();
    assert_eq!(parsed.expected(), None);
}

#[test]
fn lengths_that_do_not_add_up_are_refused() {
    for wrong in [
        "",
        "00a400",
        "00a40004 00 00",
        "00a40004 02 3f",
        "00a40004 02 3f00 0000",
        "00a40004 00 0002 3f",
        "00a40004 00 0002 3f00 00",
        "00a40004 00 0002 3f00 000000",
        "00a40004 00 0000 00",
        "00a40004 00 0000 0000",
    ] {
        assert_eq!(
            Command::parse(&octets(wrong)),
            Err(InvalidCommand),
            "{wrong}"
        );
    }
}

#[test]
fn debug_shows_no_data() {
    let pin = *b"1234\xff\xff\xff\xff";
    let verify = Command::new(0x00, 0x20, 0x00, 0x01)
        .with_data(&pin)
        .unwrap();
    let shown = format!("{verify:?}");
    assert_eq!(
        shown,
        "Command { header: 00 20 00 01, octets: 8, expected: 0 }"
    );
}

proptest! {
    #[test]
    fn what_is_written_is_parsed(
        header in any::<[u8; 4]>(),
        data in prop::collection::vec(any::<u8>(), 0..600),
        expected in prop::option::of(1..=65_536_usize),
    ) {
        let [cla, ins, p1, p2] = header;
        let mut command = Command::new(cla, ins, p1, p2).with_data(&data).unwrap();
        if let Some(expected) = expected {
            command = command.expecting(expected).unwrap();
        }
        let octets = encoded(command);
        prop_assert_eq!(Command::parse(&octets), Ok(command));
    }

    #[test]
    fn what_is_parsed_is_written_alike(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(command) = Command::parse(&octets) {
            prop_assert_eq!(encoded(command), octets);
        }
    }
}
