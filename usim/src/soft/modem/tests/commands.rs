//! Commands to the modem itself.

use super::*;

#[test]
fn a_new_modem_echoes_and_answers_in_words() {
    let mut card = SoftCard::new(Profile::default());
    let mut modem = Modem::new(&mut card, Quirks::default());
    let mut out = Vec::new();
    modem.feed(b"AT\rATE0\rAT\r", &mut out);
    assert_eq!(out, b"AT\r\r\nOK\r\nATE0\r\r\nOK\r\n\r\nOK\r\n");
}

#[test]
fn a_command_may_come_octet_by_octet_behind_noise() {
    let mut card = SoftCard::new(Profile::default());
    let mut modem = Modem::new(&mut card, Quirks::default());
    let mut out = Vec::new();
    modem.feed(b"ATE0\r", &mut out);
    out.clear();
    for octet in b"\x00\xff at+cgmi\r" {
        modem.feed(&[*octet], &mut out);
    }
    assert_eq!(out, b"\r\nsimkey\r\n\r\nOK\r\n");
}

#[test]
fn results_are_numbers_after_atv0() {
    assert_eq!(Desk::new().send(&["ATV0", "AT"]), "0\r");
    assert_eq!(Desk::new().send(&["ATV0", "AT+NONE"]), "4\r");
    assert_eq!(
        Desk::new().send(&["ATV0", "AT+CGSN"]),
        "001010000000016\r\n0\r"
    );
}

#[test]
fn the_card_is_asked_for_its_numbers() {
    for (command, answer) in [
        ("AT+CIMI", "001010000000001"),
        ("AT+CCID", "+CCID: 8900101000000000019"),
        ("AT+ICCID", "+ICCID: 8900101000000000019"),
        ("AT+CPIN?", "+CPIN: READY"),
        ("AT+CGSN", "001010000000016"),
        ("AT+CGSN=1", "+CGSN: \"001010000000016\""),
        ("AT+CGMM", "software modem"),
        ("AT+CMEE?", "+CMEE: 1"),
        ("ATI", "simkey software modem"),
    ] {
        assert_eq!(
            Desk::new().send(&[command]),
            format!("\r\n{answer}\r\n{OK}"),
            "{command}"
        );
    }
}

#[test]
fn tests_of_known_commands_are_ok_and_unknown_ones_are_errors() {
    for command in [
        "AT+CSIM=?",
        "AT+CRSM=?",
        "AT+CCHO=?",
        "AT+CIMI=?",
        "ATZ",
        "AT&F",
        "ATS0",
    ] {
        assert_eq!(Desk::new().send(&[command]), OK, "{command}");
    }
    for command in ["AT+NONE=?", "AT+NONE", "ATE7", "AT+X=\"", "AT1"] {
        assert_eq!(Desk::new().send(&[command]), "\r\nERROR\r\n", "{command}");
    }
}

#[test]
fn a_line_that_is_too_long_or_no_text_is_an_error() {
    assert_eq!(
        Desk::new().send(&[&format!("AT+CSIM=4,\"{}\"", "0".repeat(5000))]),
        "\r\nERROR\r\n"
    );
    let mut card = SoftCard::new(Profile::default());
    let mut modem = Modem::new(&mut card, Quirks::default());
    let mut out = Vec::new();
    modem.feed(b"ATE0\r", &mut out);
    out.clear();
    modem.feed(b"AT+\xff\r", &mut out);
    assert_eq!(out, b"\r\nERROR\r\n");
}
