//! Commands to the card, and what comes of them.

use super::*;

#[test]
fn csim_passes_commands_as_they_are() {
    let mut desk = Desk::new();
    assert_eq!(
        desk.line(&["AT+CSIM=14,\"00A40004023F00\""]),
        "+CSIM: 4,\"6128\""
    );
    assert_eq!(
        desk.line(&["AT+CSIM=14,\"00A4000C022FE2\"", "AT+CSIM=10,\"00B0000003\""]),
        "+CSIM: 10,\"9800019000\""
    );
    for malformed in [
        "AT+CSIM=12,\"00A40004023F00\"",
        "AT+CSIM=3,\"00A\"",
        "AT+CSIM",
        "AT+CSIM=1",
    ] {
        assert_eq!(desk.line(&[malformed]), "+CME ERROR: 50", "{malformed}");
    }
}

#[test]
fn crsm_finds_files_by_identifier_and_by_path() {
    let mut desk = Desk::new();
    assert_eq!(
        desk.line(&["AT+CRSM=176,28423,0,0,9"]),
        "+CRSM: 144,0,\"080910100000000010\""
    );
    assert_eq!(
        desk.line(&["AT+CRSM=176,12258,0,0,0"]),
        "+CRSM: 144,0,\"980001010000000010F9\""
    );
    assert_eq!(
        desk.line(&["AT+CRSM=178,12032,1,4,38"])[..24],
        *"+CRSM: 144,0,\"61184F10A0"
    );
    assert_eq!(
        desk.line(&["AT+CRSM=178,28475,1,4,0"]),
        format!("+CRSM: 144,0,\"{}\"", "F".repeat(48))
    );
    assert_eq!(
        desk.line(&["AT+CRSM=192,12258,0,0,15"])[..26],
        *"+CRSM: 144,0,\"621782024121"
    );
    assert_eq!(
        desk.line(&["AT+CRSM=176,20230,0,0,4,,\"7FFF5FC0\""]),
        "+CRSM: 144,0,\"00000000\""
    );
    assert_eq!(desk.line(&["AT+CRSM=176,28671,0,0,4"]), "+CRSM: 106,130");
}

#[test]
fn crsm_updates_and_refuses() {
    let mut desk = Desk::new();
    let update = "AT+CRSM=214,28542,0,0,2,\"1234\"";
    assert_eq!(desk.line(&[update]), "+CRSM: 144,0");
    assert_eq!(
        desk.line(&["AT+CRSM=176,28542,0,0,2"]),
        "+CRSM: 144,0,\"1234\""
    );
    assert_eq!(
        desk.line(&["AT+CRSM=214,28423,0,0,1,\"00\""]),
        "+CRSM: 105,130"
    );
    for malformed in [
        "AT+CRSM=136",
        "AT+CRSM=176,x",
        "AT+CRSM=176,28423,256",
        "AT+CRSM=176,1,0,0,0,\"0\"",
    ] {
        assert_eq!(desk.line(&[malformed]), "+CME ERROR: 50", "{malformed}");
    }
}

#[test]
fn the_modems_own_work_leaves_the_callers_selection_alone() {
    let select = "AT+CSIM=14,\"00A4000C022FE2\"";
    let read = "AT+CSIM=10,\"00B0000001\"";
    let lines = [
        select,
        "AT+CIMI",
        "AT+CCID",
        "AT+CRSM=176,28423,0,0,9",
        "AT+CPIN?",
        read,
    ];
    assert_eq!(Desk::new().line(&lines), "+CSIM: 6,\"989000\"");
}

#[test]
fn ccho_opens_an_application_and_the_modem_sets_the_channel() {
    let open = format!("AT+CCHO=\"{USIM}\"");
    let mut desk = Desk::new();
    assert_eq!(desk.line(&[&open]), "+CCHO: 1");
    let mut desk = Desk::new();
    let select = "AT+CGLA=1,14,\"00A4000C026F07\"";
    let read = "AT+CGLA=1,10,\"00B0000009\"";
    assert_eq!(desk.line(&[&open, select]), "+CGLA: 4,\"9000\"");
    let mut desk = Desk::new();
    assert_eq!(
        desk.line(&[&open, select, read]),
        "+CGLA: 22,\"0809101000000000109000\""
    );
    let mut desk = Desk::new();
    assert_eq!(
        desk.send(&[&open, "AT+CCHC=1"]),
        format!("\r\n+CCHC\r\n{OK}")
    );
    let mut desk = Desk::new();
    assert_eq!(desk.line(&[&open, "AT+CCHC=1", read]), "+CME ERROR: 22");
}

#[test]
fn ccho_refuses_what_is_not_there() {
    let mut desk = Desk::new();
    assert_eq!(desk.line(&["AT+CCHO=\"A000000099\""]), "+CME ERROR: 22");
    assert_eq!(desk.line(&["AT+CCHO=\"A0\",1"]), "+CME ERROR: 50");
    assert_eq!(desk.line(&["AT+CCHC=3"]), "+CME ERROR: 22");
    assert_eq!(desk.line(&["AT+CCHC=20"]), "+CME ERROR: 50");
    assert_eq!(desk.line(&["AT+CCHO=\"\""]), "+CME ERROR: 50");
    let open = format!("AT+CCHO=\"{USIM}\"");
    let lines: Vec<&str> = (0..20).map(|_| open.as_str()).collect();
    assert_eq!(Desk::new().line(&lines), "+CME ERROR: 20");
}

#[test]
fn a_locked_card_wants_its_pin() {
    const LOCKED: &str = "[pin1]\nenabled = true";
    let mut desk = Desk::profile(LOCKED);
    assert_eq!(desk.line(&["AT+CPIN?"]), "+CPIN: SIM PIN");
    assert_eq!(desk.line(&["AT+CIMI"]), "+CME ERROR: 11");
    assert_eq!(desk.line(&["AT+CPIN=\"0000\""]), "+CME ERROR: 16");
    assert_eq!(desk.send(&["AT+CPIN=\"1234\""]), OK);
    assert_eq!(desk.line(&["AT+CPIN?"]), "+CPIN: READY");
    let mut desk = Desk::profile(LOCKED);
    for _ in 0..3 {
        desk.line(&["AT+CPIN=\"0000\""]);
    }
    assert_eq!(desk.line(&["AT+CPIN?"]), "+CPIN: SIM PUK");
    assert_eq!(desk.line(&["AT+CPIN=\"1234\""]), "+CME ERROR: 12");
    assert_eq!(desk.send(&["AT+CPIN=\"12345678\",\"4321\""]), OK);
    assert_eq!(desk.line(&["AT+CPIN?"]), "+CPIN: READY");
}

#[test]
fn errors_are_words_numbers_or_bare() {
    let mut desk = Desk::new();
    assert_eq!(
        desk.send(&["AT+CMEE=2", "AT+CCHC=3"]),
        "\r\n+CME ERROR: not found\r\n"
    );
    assert_eq!(desk.send(&["AT+CMEE=0", "AT+CCHC=3"]), "\r\nERROR\r\n");
    assert_eq!(desk.line(&["AT+CMEE=3"]), "+CME ERROR: 50");
}

#[test]
fn a_2g_card_tells_its_numbers_too() {
    let mut desk = Desk::profile("quirks = [\"gsm-only\"]");
    assert_eq!(desk.line(&["AT+CIMI"]), "001010000000001");
    assert_eq!(desk.line(&["AT+CCID"]), "+CCID: 8900101000000000019");
}
