use super::*;
use crate::{Fault, script::Script};

const T0: Option<Protocol> = Some(Protocol::T0);
const T1: Option<Protocol> = Some(Protocol::T1);

/// Data and status word of the answer, in hexadecimal.
fn run(script: &Script, command: &str) -> Result<String, Error> {
    let command = crate::script::octets(command);
    let command = Command::parse(&command).unwrap();
    let mut buffer = [0; 1024];
    let response = transmit(&mut script.clone(), &command, &mut buffer)?;
    script.finish();
    Ok(format!(
        "{} {}",
        hex::encode(response.data()),
        response.status()
    ))
}

#[track_caller]
fn exchange(
    protocol: Option<Protocol>,
    command: &str,
    steps: &[(&'static str, &'static str)],
) -> String {
    run(&Script::new(protocol, steps), command).unwrap()
}

#[track_caller]
fn endless(
    protocol: Option<Protocol>,
    command: &str,
    steps: &[(&'static str, &'static str)],
) -> CardError {
    match run(&Script::new(protocol, steps), command) {
        Err(Error::Card(error)) => error,
        other => panic!("{other:?}"),
    }
}

const SELECT: &str = "00a4000402 3f00 00";

#[test]
fn t0_withholds_le_and_fetches_the_octets_of_61xx() {
    let steps = [("00a4000402 3f00", "6103"), ("00c0000003", "0102039000")];
    assert_eq!(exchange(T0, SELECT, &steps), "010203 9000");
}

#[test]
fn an_unknown_protocol_is_taken_for_t0() {
    let steps = [("00a4000402 3f00", "6103"), ("00c0000003", "0102039000")];
    assert_eq!(exchange(None, SELECT, &steps), "010203 9000");
}

#[test]
fn t1_sends_le_and_takes_the_data_at_once() {
    let steps = [("00a4000402 3f00 00", "0102039000")];
    assert_eq!(exchange(T1, SELECT, &steps), "010203 9000");
}

#[test]
fn data_that_come_at_once_under_t0_are_taken() {
    let steps = [("00a4000402 3f00", "0102039000")];
    assert_eq!(exchange(T0, SELECT, &steps), "010203 9000");
}

#[test]
fn length_00_in_61xx_asks_for_256_octets() {
    let steps = [("00a4000402 3f00", "6100"), ("00c0000000", "aa*256 9000")];
    let data = "aa".repeat(256);
    assert_eq!(exchange(T0, SELECT, &steps), format!("{data} 9000"));
}

#[test]
fn get_response_chains_accumulate() {
    let steps = [
        ("00a4000402 3f00", "6100"),
        ("00c0000000", "aa*256 6102"),
        ("00c0000002", "bbbb 9000"),
    ];
    let data = "aa".repeat(256);
    assert_eq!(exchange(T0, SELECT, &steps), format!("{data}bbbb 9000"));
}

#[test]
fn data_that_come_with_61xx_are_kept() {
    let steps = [
        ("00a4000402 3f00 00", "0102 6101"),
        ("00c0000001", "039000"),
    ];
    assert_eq!(exchange(T1, SELECT, &steps), "010203 9000");
}

#[test]
fn gsm_9fxx_is_fetched_in_class_a0() {
    let steps = [("a0a4000002 3f00", "9f02"), ("a0c0000002", "0102 9000")];
    assert_eq!(exchange(T0, "a0a4000002 3f00 00", &steps), "0102 9000");
}

#[test]
fn get_response_follows_the_channel_of_the_command() {
    let steps = [("02a4000402 3f00", "6101"), ("02c0000001", "019000")];
    assert_eq!(exchange(T0, "02a4000402 3f00 00", &steps), "01 9000");
    let steps = [("47a4000402 3f00", "6101"), ("47c0000001", "019000")];
    assert_eq!(exchange(T0, "47a4000402 3f00 00", &steps), "01 9000");
}

#[test]
fn get_response_after_a_proprietary_class_is_interindustry() {
    let steps = [("8378000100", "6101"), ("03c0000001", "019000")];
    assert_eq!(exchange(T0, "8378000100", &steps), "01 9000");
    let steps = [("c578000100", "6101"), ("45c0000001", "019000")];
    assert_eq!(exchange(T0, "c578000100", &steps), "01 9000");
}

#[test]
fn wrong_length_is_corrected_once() {
    let steps = [("00b0000000", "6c09"), ("00b0000009", "aa*9 9000")];
    let data = "aa".repeat(9);
    assert_eq!(exchange(T0, "00b0000000", &steps), format!("{data} 9000"));
    assert_eq!(exchange(T1, "00b0000000", &steps), format!("{data} 9000"));
}

#[test]
fn length_00_in_6cxx_asks_for_256_octets() {
    let steps = [("00b0000009", "6c00"), ("00b0000000", "aa*256 9000")];
    let data = "aa".repeat(256);
    assert_eq!(exchange(T0, "00b0000009", &steps), format!("{data} 9000"));
}

#[test]
fn wrong_length_of_get_response_is_corrected() {
    let steps = [
        ("00a4000402 3f00", "6110"),
        ("00c0000010", "6c02"),
        ("00c0000002", "0102 9000"),
    ];
    assert_eq!(exchange(T0, SELECT, &steps), "0102 9000");
}

#[test]
fn a_card_that_always_wants_another_length_is_given_up() {
    let steps = [
        ("00b0000000", "6c09"),
        ("00b0000009", "6c0a"),
        ("00b000000a", "6c09"),
        ("00b0000009", "6c0a"),
        ("00b000000a", "6c09"),
    ];
    let error = endless(T0, "00b0000000", &steps);
    let status = StatusWord::new(0x6c09);
    assert_eq!(error, CardError::EndlessExchange { status });
    assert_eq!(Error::from(error).fault(), Fault::Card);
}

#[test]
fn a_card_that_promises_data_and_gives_none_is_given_up() {
    let steps = [
        ("00a4000402 3f00", "6101"),
        ("00c0000001", "6101"),
        ("00c0000001", "6101"),
        ("00c0000001", "6101"),
        ("00c0000001", "6101"),
    ];
    let status = StatusWord::new(0x6101);
    assert_eq!(
        endless(T0, SELECT, &steps),
        CardError::EndlessExchange { status }
    );
}

#[test]
fn a_card_that_gives_octet_after_octet_is_given_up() {
    let select = Command::new(0, 0xa4, 0, 4);
    let mut exchange = Exchange::new(select, T0);
    let rounds = (0..).take_while(|_| exchange.advance(1, StatusWord::new(0x6101)).is_ok());
    assert_eq!(rounds.count(), 300);
}

#[test]
fn octets_beyond_the_buffer_are_the_callers_fault_to_provide_for() {
    let mut script = Script::new(T0, &[("00b0000004", "01020304 9000")]);
    let command = Command::parse(&[0x00, 0xb0, 0, 0, 4]).unwrap();
    let mut buffer = [0; 5];
    match transmit(&mut script, &command, &mut buffer) {
        Err(Error::Transport(error)) => {
            assert_eq!(error.kind(), TransportErrorKind::BufferTooSmall);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pending_proactive_command_is_reported_with_the_data() {
    let mut script = Script::new(T0, &[("00b0000002", "0102 9110")]);
    let command = Command::parse(&[0x00, 0xb0, 0, 0, 2]).unwrap();
    let mut buffer = [0; 258];
    let response = transmit(&mut script, &command, &mut buffer).unwrap();
    assert_eq!(response.pending(), Some(16));
    assert_eq!(response.require("READ BINARY"), Ok([1, 2].as_slice()));
}

#[test]
fn a_pending_proactive_command_after_get_response_is_reported() {
    let steps = [("00880081 01 aa", "6101"), ("00c0000001", "db 91ff")];
    assert_eq!(exchange(T0, "00880081 01 aa 00", &steps), "db 91FF");
}

#[test]
fn fetch_asks_for_the_announced_octets_in_class_80() {
    let mut buffer = [0; 5];
    assert_eq!(
        fetch(0x10).encode(&mut buffer).unwrap(),
        [0x80, 0x12, 0, 0, 0x10]
    );
    assert_eq!(fetch(0).expected(), Some(256));
}

#[test]
fn a_warning_without_data_is_followed_by_get_response_and_outlives_it() {
    let steps = [
        ("00a4000402 3f00", "6283"),
        ("00c0000000", "6c02"),
        ("00c0000002", "0102 9000"),
    ];
    assert_eq!(exchange(T0, SELECT, &steps), "0102 6283");
}

#[test]
fn a_warning_stays_when_there_are_no_data_behind_it() {
    let steps = [("00a4000402 3f00", "6283"), ("00c0000000", "6f00")];
    assert_eq!(exchange(T0, SELECT, &steps), " 6283");
}

#[test]
fn a_warning_with_data_ends_the_exchange() {
    let steps = [("00b0000009", "0102 6282")];
    assert_eq!(exchange(T0, "00b0000009", &steps), "0102 6282");
}

#[test]
fn an_ending_without_the_expected_data_is_followed_by_get_response() {
    let steps = [("00a4000402 3f00", "9000"), ("00c0000000", "0102 9000")];
    assert_eq!(exchange(T0, SELECT, &steps), "0102 9000");
}

#[test]
fn no_get_response_follows_where_no_data_were_expected() {
    let steps = [("00a4000c02 3f00", "9000")];
    assert_eq!(exchange(T0, "00a4000c02 3f00", &steps), " 9000");
    let steps = [("0020000108 ff*8", "63c2")];
    assert_eq!(exchange(T0, "0020000108 ff*8", &steps), " 63C2");
}

#[test]
fn a_refusal_ends_the_exchange() {
    let steps = [("00a4000402 3f00", "6a82")];
    assert_eq!(exchange(T0, SELECT, &steps), " 6A82");
}

#[test]
fn data_lost_between_command_and_get_response_end_the_exchange() {
    let steps = [("00a4000402 3f00", "6110"), ("00c0000010", "6f00")];
    assert_eq!(exchange(T0, SELECT, &steps), " 6F00");
}

const AUTHENTICATE: &str = "0088008122 10 aa*16 10 bb*16 00";

#[test]
fn authenticate_follows_6cxx_under_t0_only() {
    let steps = [
        ("0088008122 10 aa*16 10 bb*16", "6c35"),
        ("0088008122 10 aa*16 10 bb*16 35", "db 9000"),
    ];
    assert_eq!(exchange(T0, AUTHENTICATE, &steps), "db 9000");
    let steps = [(AUTHENTICATE, "6c35")];
    assert_eq!(exchange(T1, AUTHENTICATE, &steps), " 6C35");
    let steps = [("0088008122 10 aa*16 10 bb*16", "6c35")];
    assert_eq!(exchange(None, AUTHENTICATE, &steps), " 6C35");
}

#[test]
fn authenticate_is_sent_once_while_get_response_is_corrected() {
    let steps = [
        ("0088008122 10 aa*16 10 bb*16", "6135"),
        ("00c0000035", "6c02"),
        ("00c0000002", "dbaa 9000"),
    ];
    assert_eq!(exchange(None, AUTHENTICATE, &steps), "dbaa 9000");
}

#[test]
fn pin_commands_are_not_repeated_where_the_protocol_is_unknown() {
    for ins in ["20", "24", "26", "28", "2c"] {
        let command = crate::script::octets(&format!("00{ins}000100"));
        let mut exchange = Exchange::new(Command::parse(&command).unwrap(), None);
        let status = StatusWord::new(0x6c08);
        assert_eq!(
            exchange.advance(0, status).unwrap(),
            Step::Done(status),
            "{ins}"
        );
    }
}

#[test]
fn a_busy_card_is_asked_again() {
    let steps = [
        ("00a4000402 3f00", "9300"),
        ("00a4000402 3f00", "9300"),
        ("00a4000402 3f00", "6101"),
        ("00c0000001", "01 9000"),
    ];
    assert_eq!(exchange(T0, SELECT, &steps), "01 9000");
}

#[test]
fn a_card_that_stays_busy_is_given_up() {
    let steps = [("00b0000001", "9300"); 5];
    assert_eq!(exchange(T0, "00b0000001", &steps), " 9300");
}

#[test]
fn a_busy_card_is_not_asked_to_authenticate_again() {
    let steps = [("0088008122 10 aa*16 10 bb*16", "9300")];
    assert_eq!(exchange(T0, AUTHENTICATE, &steps), " 9300");
}

#[test]
fn a_failure_of_the_transport_is_reported_and_nothing_is_sent_again() {
    let script = Script::new(T0, &[]);
    script.then("00b0000009", Err(TransportErrorKind::CardRemoved));
    let error = run(&script, "00b0000009").unwrap_err();
    assert_eq!(error.fault(), Fault::Transport);
    script.finish();
}

#[test]
fn an_answer_of_one_octet_is_an_error() {
    for answer in ["", "90"] {
        let script = Script::new(T0, &[("00b0000009", answer)]);
        match run(&script, "00b0000009") {
            Err(Error::Transport(error)) => {
                assert_eq!(error.kind(), TransportErrorKind::ShortAnswer);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn extended_commands_keep_their_le() {
    let mut command = vec![0x00, 0xcb, 0x00, 0x00, 0x00, 0x01, 0x2c];
    command.extend([0x55; 300]);
    command.extend([0, 0]);
    let command = Command::parse(&command).unwrap();
    assert_eq!(Exchange::new(command, T0).first(), command);
}
