use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::transport::{
    TransportInfo, TransportKind,
    fault::{Fault, FaultInjector},
    replay::{Replay, Step},
};

/// What a trace of these exchanges says, one line an exchange.
fn traced(exchanges: &[(&str, &str)]) -> Vec<String> {
    let octets = |digits: &str| hex::decode(digits.replace(' ', "")).unwrap();
    let steps = exchanges
        .iter()
        .map(|(command, answer)| Step::exchange(octets(command), octets(answer)));
    let mut written = Vec::new();
    let mut card = Trace::new(Replay::new(steps), Text::new(&mut written));
    for (command, answer) in exchanges {
        let mut buffer = [0; 64];
        let size = card.transmit(&octets(command), &mut buffer).unwrap();
        assert_eq!(buffer[..size], octets(answer), "the caller gets everything");
    }
    drop(card);
    let text = String::from_utf8(written).unwrap();
    text.replace("\n<", " <")
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn selections_and_harmless_files_are_shown() {
    assert_eq!(
        traced(&[
            ("00A4000402 6FAD", "6202 8000 9000"),
            ("00B0000004", "00000002 9000"),
            ("00A4080C04 3F002F00", "9000"),
            ("00B2010403", "A00000 9000"),
            ("80F2000002", "6200 9000"),
            ("0070000001", "01 9000"),
        ]),
        [
            "> 00A40004026FAD < 620280009000",
            "> 00B0000004 < 000000029000",
            "> 00A4080C043F002F00 < 9000",
            "> 00B2010403 < A000009000",
            "> 80F2000002 < 62009000",
            "> 0070000001 < 019000",
        ]
    );
}

#[test]
fn imsi_and_iccid_are_hidden_however_they_are_read() {
    assert_eq!(
        traced(&[
            ("00A4000C02 6F07", "9000"),
            ("00B0000003", "080910 9000"),
            ("00A4080C02 2FE2", "9000"),
            ("00B0000003", "980001 9000"),
            ("00B0870003", "080910 9000"),
            ("00A4040C02 A000", "9000"),
            ("00B0000003", "080910 9000"),
        ])
        .iter()
        .filter(|line| line.starts_with("> 00B0"))
        .collect::<Vec<_>>(),
        [
            "> 00B0000003 < 0000009000",
            "> 00B0000003 < 0000009000",
            "> 00B0870003 < 0000009000",
            "> 00B0000003 < 0000009000",
        ]
    );
}

#[test]
fn what_is_selected_on_one_channel_does_not_show_what_is_read_on_another() {
    let lines = traced(&[
        ("00A4000C02 6F07", "9000"),
        ("01A4000C02 6FAD", "9000"),
        ("00B0000003", "080910 9000"),
        ("01B0000003", "000000 9000"),
        ("01A4000C02 6F07", "9000"),
        ("01B0000003", "080910 9000"),
    ]);
    assert_eq!(lines[2], "> 00B0000003 < 0000009000");
    assert_eq!(lines[5], "> 01B0000003 < 0000009000");
}

#[test]
fn a_selection_that_failed_does_not_show_the_file_that_stays_selected() {
    let lines = traced(&[
        ("00A4000C02 6F07", "9000"),
        ("00A4000C02 6FAD", "6A82"),
        ("00B0000003", "080910 9000"),
    ]);
    assert_eq!(lines[2], "> 00B0000003 < 0000009000");
}

#[test]
fn a_file_read_by_its_short_identifier_is_the_selected_one_from_then_on() {
    for by_identifier in ["00B0870003", "00B2013C03", "00A2013C03", "00D6870003"] {
        let lines = traced(&[
            ("00A4000C02 6FAD", "9000"),
            (by_identifier, "080910 9000"),
            ("00B0000003", "080910 9000"),
        ]);
        assert_eq!(lines[2], "> 00B0000003 < 0000009000", "{by_identifier}");
    }
}

#[test]
fn challenges_and_their_answers_are_hidden_also_when_fetched() {
    assert_eq!(
        traced(&[
            ("0088008104 03AABBCC", "6104"),
            ("00C0000004", "DB02A1B2 9000"),
            ("A088000004 A1A2A3A4", "9F04"),
            ("A0C0000004", "11223344 9000"),
            ("00A4000402 6FAD", "6102"),
            ("00C0000002", "6200 9000"),
        ]),
        [
            "> 008800810400000000 < 6104",
            "> 00C0000004 < 000000009000",
            "> A08800000400000000 < 9F04",
            "> A0C0000004 < 000000009000",
            "> 00A40004026FAD < 6102",
            "> 00C0000002 < 62009000",
        ]
    );
}

#[test]
fn pins_unknown_commands_and_broken_ones_are_hidden() {
    for ins in [
        "20", "24", "26", "28", "2C", "D6", "DC", "A2", "C2", "78", "CA", "12",
    ] {
        let command = format!("00{ins}000102 3132");
        let lines = traced(&[(&command, "AABB 9000")]);
        assert_eq!(lines, [format!("> 00{ins}0001020000 < 00009000")]);
    }
    assert_eq!(traced(&[("0020", "31 6700")]), ["> 0020 < 006700"]);
}

#[test]
fn the_full_trace_shows_everything_and_reads_as_a_recording() {
    let recording = "> 00200001023132\n< 9000\n> 0088\n! CardRemoved\n";
    let mut written = Vec::new();
    let card = Replay::from_text(recording).unwrap();
    let mut card = Trace::danger_full(card, Text::new(&mut written));
    card.transmit(&[0x00, 0x20, 0x00, 0x01, 0x02, 0x31, 0x32], &mut [0; 2])
        .unwrap();
    card.transmit(&[0x00, 0x88], &mut [0; 2]).unwrap_err();
    drop(card);
    assert_eq!(String::from_utf8(written).unwrap(), recording);
}

#[test]
fn resets_show_the_answer_to_reset_and_forget_what_was_selected() {
    let info = TransportInfo::new(TransportKind::Replay, "x").with_atr([0x3b, 0x00]);
    let recording = "> 00A4000C026FAD\n< 9000\nreset\n> 00B0000001\n< 009000";
    let card = Replay::from_text(recording).unwrap().with_info(info);
    let mut written = Vec::new();
    let mut card = Trace::new(card, Text::new(&mut written));
    card.transmit(&[0x00, 0xa4, 0x00, 0x0c, 0x02, 0x6f, 0xad], &mut [0; 2])
        .unwrap();
    card.reset().unwrap();
    card.transmit(&[0x00, 0xb0, 0x00, 0x00, 0x01], &mut [0; 3])
        .unwrap();
    drop(card);
    let expected = "# ATR 3B00\n> 00A4000C026FAD\n< 9000\n# ATR 3B00\n> 00B0000001\n< 009000\n";
    assert_eq!(String::from_utf8(written).unwrap(), expected);
}

#[test]
fn an_answer_that_vanished_is_traced_as_it_came() {
    let card = Replay::from_text("> 00F2000000\n< 9000").unwrap();
    let card = FaultInjector::new(card).at(1, Fault::Vanished(0));
    let mut written = Vec::new();
    Trace::new(card, Text::new(&mut written))
        .transmit(&[0x00, 0xf2, 0x00, 0x00, 0x00], &mut [0; 2])
        .unwrap();
    assert_eq!(written, b"> 00F2000000\n< \n");
}

/// A disk with room for so many octets.
struct Disk(usize);

impl io::Write for Disk {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self.0.checked_sub(octets.len()) {
            Some(left) => self.0 = left,
            None => return Err(io::ErrorKind::StorageFull.into()),
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_ends_the_trace_and_nothing_else() {
    let recording = "> 00F2000000\n< 9000\n".repeat(2);
    let card = Replay::from_text(&recording).unwrap();
    let mut card = Trace::new(card, Pcap::new(Disk(24 + 16 + 44 + 7)).unwrap());
    for tracing in [true, false] {
        assert_eq!(
            card.transmit(&[0x00, 0xf2, 0x00, 0x00, 0x00], &mut [0; 2])
                .unwrap(),
            2
        );
        assert_eq!(card.is_tracing(), tracing);
    }
}

#[test]
fn a_packet_is_gsmtap_in_udp_in_ipv4() {
    let card = Replay::from_text("> 00F2000000\n< 9000").unwrap();
    let mut written = Vec::new();
    let clock = || UNIX_EPOCH + Duration::from_micros(0x0102_0304_0000_0007);
    let pcap = Pcap::with_clock(&mut written, clock).unwrap();
    let mut card = Trace::new(card, pcap);
    card.transmit(&[0x00, 0xf2, 0x00, 0x00, 0x00], &mut [0; 2])
        .unwrap();
    drop(card);
    let (header, packet) = written.split_at(24);
    assert_eq!(
        hex::encode(header),
        "a1b2c3d4000200040000000000000000".to_owned() + "0000ffff000000e4"
    );
    let micros = 0x0102_0304_0000_0007_u64;
    let seconds = u32::try_from(micros / 1_000_000).unwrap_or(u32::MAX);
    let expected = [
        &seconds.to_be_bytes()[..],
        &u32::try_from(micros % 1_000_000).unwrap().to_be_bytes(),
        &[0, 0, 0, 51, 0, 0, 0, 51],
        // IPv4, 51 octets, UDP, checksum, 127.0.0.1 to itself
        &hex::decode("4500003300004000401 13cb87f0000017f000001".replace(' ', "")).unwrap(),
        &hex::decode("1279127900 1f0000".replace(' ', "")).unwrap(),
        &hex::decode("02040400000000000000000000000000").unwrap(),
        &hex::decode("00f20000009000").unwrap(),
    ]
    .concat();
    assert_eq!(hex::encode(packet), hex::encode(expected));
}
