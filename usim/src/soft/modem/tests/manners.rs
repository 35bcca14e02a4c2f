//! Bad manners of modems that were seen.

use super::*;

#[test]
fn bad_manners_are_as_they_were_seen() {
    const ASK: &str = "AT+CSIM=14,\"00A40004023F00\"";
    for (quirk, answer) in [
        (
            Quirk::ModemUrcBefore,
            "\r\n+CREG: 1\r\n\r\nRING\r\n\r\n+CSIM: 4,\"6128\"\r\n\r\nOK\r\n",
        ),
        (
            Quirk::ModemUrcInside,
            "\r\n+CSIM: 4,\"6128\"\r\n\r\n+CREG: 5\r\n\r\nOK\r\n",
        ),
        (
            Quirk::ModemUrcAfter,
            "\r\n+CSIM: 4,\"6128\"\r\n\r\nOK\r\n\r\n+CREG: 1\r\n",
        ),
        (
            Quirk::ModemOkInData,
            "\r\nOKAY, as you like\r\n\r\n+CSIM: 4,\"6128\"\r\n\r\nOK\r\n",
        ),
        (Quirk::ModemNoSpace, "\r\n+CSIM:4,\"6128\"\r\n\r\nOK\r\n"),
        (
            Quirk::ModemWrongLength,
            "\r\n+CSIM: 5,\"6128\"\r\n\r\nOK\r\n",
        ),
        (Quirk::ModemLineFeedOnly, "\n+CSIM: 4,\"6128\"\n\nOK\n"),
        (
            Quirk::ModemCarriageReturnOnly,
            "\r+CSIM: 4,\"6128\"\r\rOK\r",
        ),
        (
            Quirk::ModemVendorText,
            "\r\n^VENDOR: please stand by\r\n\r\n+CSIM: 4,\"6128\"\r\n\r\nOK\r\n",
        ),
        (Quirk::ModemSilent, ""),
        (Quirk::ModemNoCsim, "\r\nERROR\r\n"),
        (Quirk::ModemBusyAtFirst, "\r\n+CME ERROR: 14\r\n"),
    ] {
        assert_eq!(Desk::quirks([quirk]).send(&[ASK]), answer, "{quirk}");
    }
}

#[test]
fn further_bad_manners() {
    const MANAGE: &str = "AT+CSIM=10,\"0070000001\"";
    let open = format!("AT+CCHO=\"{USIM}\"");
    let read = "AT+CSIM=10,\"00B082000A\"";
    let mut desk = Desk::quirks([Quirk::ModemLowerCase]);
    assert_eq!(desk.line(&[read]), "+CSIM: 24,\"980001010000000010f99000\"");
    let mut desk = Desk::quirks([Quirk::ModemNoManageChannel]);
    assert_eq!(desk.line(&[MANAGE]), "+CME ERROR: 3");
    let mut desk = Desk::quirks([Quirk::ModemBareChannel]);
    assert_eq!(desk.line(&[&open]), "1");
    let mut desk = Desk::quirks([Quirk::ModemNoCcho]);
    assert_eq!(desk.line(&[&open]), "ERROR");
    let mut desk = Desk::quirks([Quirk::ModemNoCrsm]);
    assert_eq!(desk.line(&["AT+CRSM=176,28423,0,0,9"]), "ERROR");
    let mut desk = Desk::quirks([Quirk::ModemOkAfterError]);
    assert_eq!(
        desk.send(&["AT+CCHC=3"]),
        format!("\r\n+CME ERROR: 22\r\n{OK}")
    );
    let mut desk = Desk::quirks([Quirk::ModemBusyAtFirst]);
    assert_eq!(desk.line(&[read, read, read])[..5], *"+CSIM");
    let mut desk = Desk::quirks([Quirk::ModemCallerSetsChannel]);
    let select = "AT+CGLA=1,14,\"01A4000C026F07\"";
    assert_eq!(desk.line(&[&open, select]), "+CGLA: 4,\"9000\"");
}

#[test]
fn garbage_comes_before_the_answer() {
    let mut card = SoftCard::new(Profile::default());
    let quirks = Quirks::default()
        .with(Quirk::ModemGarbage)
        .with(Quirk::ModemNoEcho);
    let mut modem = Modem::new(&mut card, quirks);
    let mut out = Vec::new();
    modem.feed(b"AT\r", &mut out);
    assert_eq!(out, b"\xff\xfe\x00\x80\xc3\x28\r\n\r\nOK\r\n");
}

#[test]
fn the_modem_hangs_up_at_a_command_to_the_card() {
    let mut card = SoftCard::new(Profile::default());
    let mut modem = Modem::new(&mut card, Quirks::default().with(Quirk::ModemHangUp));
    let mut out = Vec::new();
    assert_eq!(modem.feed(b"AT\r", &mut out), Line::Up);
    assert_eq!(modem.feed(b"AT+CIMI\r", &mut out), Line::HungUp);
}
