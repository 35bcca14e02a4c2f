use proptest::prelude::*;

use super::*;
use crate::{apdu::Command, transport::TransportErrorKind};

const COMMAND: [u8; 5] = [0x00, 0xb0, 0x00, 0x00, 0x02];
const ANSWER: [u8; 4] = [0x4f, 0x4b, 0x90, 0x00];

/// What a modem's writing comes to, after an AT+CSIM.
fn csim(written: &[u8]) -> Option<Result<Vec<u8>, Refusal>> {
    let mut dialogue = Dialogue::new();
    dialogue.ask(&Request::csim(&COMMAND));
    hear(&mut dialogue, written)
}

fn hear(dialogue: &mut Dialogue, written: &[u8]) -> Option<Result<Vec<u8>, Refusal>> {
    let outcome = dialogue.hear(written)?;
    Some(outcome.map(|reply| apdu(&reply).unwrap()))
}

fn apdu(reply: &Reply) -> Result<Vec<u8>, InvalidReply> {
    let mut answer = [0; 16];
    let size = reply.apdu(&mut answer)?;
    Ok(answer[..size].to_vec())
}

fn reply(request: &Request, written: &[u8]) -> Reply {
    let mut dialogue = Dialogue::new();
    dialogue.ask(request);
    dialogue.hear(written).unwrap().unwrap()
}

fn answered(written: &str) {
    let heard = csim(written.as_bytes());
    assert_eq!(heard, Some(Ok(ANSWER.to_vec())), "{written:?}");
}

#[test]
fn requests_are_written_as_the_standard_says() {
    let written = |request: &Request| String::from_utf8(request.octets()).unwrap();
    assert_eq!(
        written(&Request::csim(&COMMAND)),
        "AT+CSIM=10,\"00B0000002\"\r"
    );
    assert_eq!(
        written(&Request::crsm(176, 0x6f07, [0, 0, 9], &[])),
        "AT+CRSM=176,28423,0,0,9\r"
    );
    assert_eq!(
        written(&Request::crsm(
            176,
            0x4f01,
            [0, 0, 9],
            &[0x7f, 0xff, 0x5f, 0xc0]
        )),
        "AT+CRSM=176,20225,0,0,9,\"\",\"7FFF5FC0\"\r"
    );
    assert_eq!(written(&Request::ccho(&[0xa0, 0x00])), "AT+CCHO=\"A000\"\r");
    assert_eq!(
        written(&Request::cgla(3, &COMMAND)),
        "AT+CGLA=3,10,\"00B0000002\"\r"
    );
    assert_eq!(written(&Request::cchc(3)), "AT+CCHC=3\r");
    assert_eq!(
        written(&Request::knows(Facility::OpenChannel)),
        "AT+CCHO=?\r"
    );
}

#[test]
fn debug_shows_neither_commands_nor_answers() {
    let verify = Request::csim(&[0x00, 0x20, 0x00, 0x01, 0x01, 0x31]);
    assert_eq!(format!("{verify:?}"), "Request(\"AT+CSIM\")");
    let reply = reply(&verify, b"+CSIM: 4,\"9000\"\r\nOK\r\n");
    assert_eq!(format!("{reply:?}"), "Reply([redacted])");
}

#[test]
fn an_answer_is_found_with_and_without_echo() {
    answered("\r\n+CSIM: 8,\"4F4B9000\"\r\n\r\nOK\r\n");
    answered("AT+CSIM=10,\"00B0000002\"\r\r\n+CSIM: 8,\"4F4B9000\"\r\n\r\nOK\r\n");
}

#[test]
fn lines_may_end_in_either_way() {
    answered("+CSIM: 8,\"4F4B9000\"\rOK\r");
    answered("+CSIM: 8,\"4F4B9000\"\nOK\n");
}

#[test]
fn unsolicited_lines_before_inside_and_after_are_passed_over() {
    answered("+CREG: 1\r\n+CSIM: 8,\"4F4B9000\"\r\nOK\r\n");
    answered("+CSIM: 8,\"4F4B9000\"\r\nRING\r\n^RSSI: 3\r\nOK\r\n");
    answered("+CSIM: 8,\"4F4B9000\"\r\nOK\r\n+CREG: 2\r\nERROR\r\n");
}

#[test]
fn ok_inside_other_text_does_not_end_an_answer() {
    answered("+COPS: \"OK MOBILE\"\r\n+CMTI: OK\r\nOKAY\r\n+CSIM: 8,\"4F4B9000\"\r\nOK\r\n");
    assert_eq!(csim(b"+COPS: \"OK\"\r\nNOT OK\r\n"), None);
    assert_eq!(
        csim(b"+CSIM: 8,\"4F4B9000\"\r\nOK"),
        None,
        "the line is not complete"
    );
}

#[test]
fn a_missing_blank_lower_case_digits_and_missing_quotes_are_accepted() {
    answered("+CSIM:8,\"4f4b9000\"\r\nOK\r\n");
    answered("+csim: 8,\"4F4B9000\"\r\nOK\r\n");
    answered("+CSIM: 8,4F4B9000\r\nok\r\n");
    answered("+CSIM: 8, \"4F4B9000\" \r\nOK \r\n");
}

#[test]
fn a_wrong_length_is_not_believed() {
    for length in ["4", "0", "9999", "-1", "x"] {
        answered(&format!("+CSIM: {length},\"4F4B9000\"\r\nOK\r\n"));
    }
    answered("+CSIM: \"4F4B9000\"\r\nOK\r\n");
}

#[test]
fn noise_around_lines_is_cut_off() {
    let written = b"\xff\xfe\x00\r\n\x80+CSIM: 8,\"4F4B9000\"\x00\r\n\xffOK\x00\r\n";
    assert_eq!(csim(written), Some(Ok(ANSWER.to_vec())));
}

#[test]
fn answers_that_are_no_answers_are_errors() {
    let request = Request::csim(&COMMAND);
    let wrong = |written: &[u8]| apdu(&reply(&request, written)).unwrap_err();
    assert_eq!(wrong(b"OK\r\n"), InvalidReply::Missing);
    assert_eq!(wrong(b"+CSIM: 4,\"90\"\r\nOK\r\n"), InvalidReply::Malformed);
    assert_eq!(
        wrong(b"+CSIM: 4,\"900\"\r\nOK\r\n"),
        InvalidReply::Malformed
    );
    assert_eq!(
        wrong(b"+CSIM: 4,\"90G0\"\r\nOK\r\n"),
        InvalidReply::Malformed
    );
    assert_eq!(
        wrong(b"+CSIM: 4,\"\xff\xff\xff\xff\"\r\nOK\r\n"),
        InvalidReply::Malformed
    );
    assert_eq!(wrong(b"+CSIM:\r\nOK\r\n"), InvalidReply::Malformed);
    let long = format!("+CSIM: 40,\"{}\"\r\nOK\r\n", "00".repeat(20));
    assert_eq!(wrong(long.as_bytes()), InvalidReply::BufferTooSmall);
}

#[test]
fn refusals_are_read_by_number_and_by_text() {
    let refused = |written: &str| csim(written.as_bytes()).unwrap().unwrap_err();
    assert_eq!(refused("ERROR\r\n"), Refusal::Error);
    assert_eq!(refused("COMMAND NOT SUPPORT\r\n"), Refusal::Error);
    assert_eq!(
        refused("+CME ERROR: 14\r\n"),
        Refusal::Cme(CmeError::Code(14))
    );
    assert_eq!(
        refused("+CME ERROR: SIM busy\r\n"),
        Refusal::Cme(CmeError::Code(14))
    );
    assert_eq!(
        refused("+cme error:\"sim not inserted\"\r\n"),
        Refusal::Cme(CmeError::Code(10))
    );
    assert_eq!(
        refused("+CMS ERROR: 310\r\n"),
        Refusal::Cme(CmeError::Code(310))
    );
    assert_eq!(
        refused("+CME ERROR: no such thing\r\n"),
        Refusal::Cme(CmeError::Other)
    );
    assert_eq!(
        refused("+CME ERROR: \u{e9}\u{e9}\r\n"),
        Refusal::Cme(CmeError::Other)
    );
}

#[test]
fn a_refusal_says_what_to_act_on() {
    let kind = |code| Refusal::Cme(CmeError::Code(code)).kind();
    assert_eq!(kind(10), TransportErrorKind::NoCard);
    assert_eq!(kind(11), TransportErrorKind::PinRequired);
    assert_eq!(kind(12), TransportErrorKind::PinRequired);
    assert_eq!(kind(13), TransportErrorKind::Io);
    assert_eq!(kind(14), TransportErrorKind::Busy);
    assert_eq!(kind(4), TransportErrorKind::Unsupported);
    assert_eq!(Refusal::Error.kind(), TransportErrorKind::Unsupported);
    assert_eq!(Refusal::Endless.kind(), TransportErrorKind::Protocol);
}

#[test]
fn an_ok_behind_an_error_is_not_the_answer_to_the_next_request() {
    let mut dialogue = Dialogue::new();
    let request = Request::csim(&COMMAND);
    dialogue.ask(&request);
    assert_eq!(
        hear(&mut dialogue, b"+CME ERROR: 14\r\n"),
        Some(Err(Refusal::Cme(CmeError::Code(14))))
    );
    dialogue.ask(&request);
    assert_eq!(hear(&mut dialogue, b"\r\nOK\r\n"), None);
    let answer = hear(&mut dialogue, b"+CSIM: 8,\"4F4B9000\"\r\nOK\r\n");
    assert_eq!(answer, Some(Ok(ANSWER.to_vec())));
    dialogue.ask(&request);
    let reply = dialogue.hear(b"OK\r\n").unwrap().unwrap();
    assert_eq!(apdu(&reply), Err(InvalidReply::Missing), "and only once");
}

#[test]
fn what_came_before_a_request_is_forgotten() {
    let mut dialogue = Dialogue::new();
    assert!(dialogue.hear(b"+CSIM: 4,\"6F00\"\r\nOK\r\n").is_none());
    dialogue.ask(&Request::csim(&COMMAND));
    dialogue.hear(b"+CSIM: 4,\"6F00\"");
    dialogue.ask(&Request::csim(&COMMAND));
    let answer = hear(&mut dialogue, b"+CSIM: 8,\"4F4B9000\"\r\nOK\r\n");
    assert_eq!(answer, Some(Ok(ANSWER.to_vec())));
}

#[test]
fn an_endless_line_and_endless_lines_end_as_errors() {
    let endless = vec![b'A'; Dialogue::MAX_LINE + 2];
    assert_eq!(csim(&endless), Some(Err(Refusal::Endless)));
    let endless = b"+CREG: 1\r\n".repeat(Dialogue::MAX_HEARD / 10 + 1);
    assert_eq!(csim(&endless), Some(Err(Refusal::Endless)));
}

#[test]
fn the_longest_answer_fits() {
    let digits = "AB".repeat(65_536) + "9000";
    let written = format!("+CSIM: {},\"{digits}\"\r\nOK\r\n", digits.len());
    let reply = reply(&Request::csim(&COMMAND), written.as_bytes());
    let mut answer = vec![0; 65_538];
    assert_eq!(reply.apdu(&mut answer), Ok(65_538));
    assert_eq!(answer[65_535..], [0xab, 0x90, 0x00]);
}

#[test]
fn a_restricted_answer_has_its_status_word_in_front_and_in_decimal() {
    let request = Request::crsm(176, 0x6f07, [0, 0, 2], &[]);
    let read = |written: &str| {
        let reply = reply(&request, written.as_bytes());
        let mut answer = [0; 4];
        let size = reply.restricted(&mut answer)?;
        Ok::<_, InvalidReply>(answer[..size].to_vec())
    };
    assert_eq!(
        read("+CRSM: 144,0,\"0102\"\r\nOK\r\n"),
        Ok(vec![0x01, 0x02, 0x90, 0x00])
    );
    assert_eq!(
        read("+CRSM:144, 0, 0102\r\nOK\r\n"),
        Ok(vec![0x01, 0x02, 0x90, 0x00])
    );
    assert_eq!(read("+CRSM: 106,130\r\nOK\r\n"), Ok(vec![0x6a, 0x82]));
    assert_eq!(read("+CRSM: 106,130,\"\"\r\nOK\r\n"), Ok(vec![0x6a, 0x82]));
    assert_eq!(read("+CRSM: 900,0\r\nOK\r\n"), Err(InvalidReply::Malformed));
    assert_eq!(read("+CRSM: 144\r\nOK\r\n"), Err(InvalidReply::Malformed));
    assert_eq!(
        read("+CRSM: 144,0,\"010203\"\r\nOK\r\n"),
        Err(InvalidReply::BufferTooSmall)
    );
    assert_eq!(
        read("+CRSM: 144,0,\"0102030405\"\r\nOK\r\n"),
        Err(InvalidReply::BufferTooSmall)
    );
}

#[test]
fn a_session_number_comes_with_its_name_or_bare() {
    let session = |written: &str| reply(&Request::ccho(&[0xa0]), written.as_bytes()).session();
    assert_eq!(session("+CCHO: 2\r\nOK\r\n"), Ok(2));
    assert_eq!(session("+CCHO:\"2\"\r\nOK\r\n"), Ok(2));
    assert_eq!(session("AT+CCHO=\"A0\"\r\r\n2\r\n\r\nOK\r\n"), Ok(2));
    assert_eq!(session("+CCHO: -1\r\nOK\r\n"), Err(InvalidReply::Malformed));
    assert_eq!(
        session("+CCHO: 99999999999\r\nOK\r\n"),
        Err(InvalidReply::Malformed)
    );
    assert_eq!(session("OK\r\n"), Err(InvalidReply::Missing));
}

#[test]
fn an_imei_is_digits() {
    let imei = reply(&Request::imei(), b"\r\n490154203237518\r\n\r\nOK\r\n");
    assert_eq!(imei.digits(), Ok("490154203237518"));
}

/// What the modem would be asked, or told at once.
fn planned(access: &mut RestrictedAccess, command: &str) -> String {
    let command = hex::decode(command).unwrap();
    match access.plan(&Command::parse(&command).unwrap()) {
        Plan::Ask(request) => String::from_utf8(request.octets())
            .unwrap()
            .trim()
            .to_owned(),
        Plan::Answer(status) => status.to_string(),
        Plan::Impossible => "impossible".to_owned(),
    }
}

#[test]
fn selecting_and_reading_become_restricted_commands() {
    let mut access = RestrictedAccess::new();
    let mut plan = |command| planned(&mut access, command);
    assert_eq!(plan("00A4000C022FE2"), "9000");
    assert_eq!(plan("00B000000A"), "AT+CRSM=176,12258,0,0,10");
    assert_eq!(plan("00A4040C07A0000000871002"), "9000");
    assert_eq!(plan("00A40004026F0700"), "AT+CRSM=192,28423,0,0,0");
    assert_eq!(plan("00B0000009"), "AT+CRSM=176,28423,0,0,9");
    assert_eq!(plan("00B0010200"), "AT+CRSM=176,28423,1,2,0");
    assert_eq!(plan("00A4000C026F40"), "9000");
    assert_eq!(plan("00B201041C"), "AT+CRSM=178,28480,1,4,28");
}

#[test]
fn files_that_lie_deeper_are_named_with_their_path() {
    let mut access = RestrictedAccess::new();
    let mut plan = |command| planned(&mut access, command);
    assert_eq!(plan("00A4080C047FFF6F07"), "9000");
    assert_eq!(plan("00B0000009"), "AT+CRSM=176,28423,0,0,9");
    assert_eq!(plan("00A4080C067FFF5FC04F01"), "9000");
    assert_eq!(
        plan("00B0000014"),
        "AT+CRSM=176,20225,0,0,20,\"\",\"7FFF5FC0\""
    );
    assert_eq!(plan("00A4090C024F07"), "9000");
    assert_eq!(
        plan("00B0000014"),
        "AT+CRSM=176,20231,0,0,20,\"\",\"7FFF5FC0\""
    );
    assert_eq!(plan("00A4080C047F206F07"), "9000");
    assert_eq!(
        plan("00B0000009"),
        "AT+CRSM=176,28423,0,0,9,\"\",\"3F007F20\""
    );
}

#[test]
fn what_restricted_access_cannot_do_is_refused() {
    let mut access = RestrictedAccess::new();
    let mut plan = |command| planned(&mut access, command);
    assert_eq!(plan("00A4040C07A0000000871004"), "6A82", "an ISIM");
    assert_eq!(plan("00A4000C01FF"), "6A82");
    assert_eq!(plan("00A4070C023F00"), "6A86");
    assert_eq!(plan("0070000001"), "6881");
    assert_eq!(plan("80F2000000"), "9000");
    assert_eq!(plan("00C0000000"), "6985", "data comes at once");
    assert_eq!(plan("0088008100"), "impossible");
    assert_eq!(plan("00200001083132333435363738"), "impossible");
    assert_eq!(plan("00D60000010A"), "impossible");
    assert_eq!(plan("00B0870000"), "impossible");
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_the_same_answer(
        written in prop::collection::vec(prop::sample::select(vec![
            "\r\n", "\r", "OK", "ERROR\r\n", "+CSIM: 8,\"4F4B9000\"", "+CREG: 1\r\n", "\u{e9}", "AT",
        ]), 0..12),
        cuts in prop::collection::vec(1..9_usize, 1..40),
    ) {
        let written = written.concat().into_bytes();
        let whole = Dialogue::new().after(&Request::csim(&COMMAND)).hear(&written).map(describe);
        let mut dialogue = Dialogue::new().after(&Request::csim(&COMMAND));
        let (mut rest, mut in_pieces) = (written.as_slice(), None);
        for cut in cuts.iter().cycle() {
            if rest.is_empty() || in_pieces.is_some() {
                break;
            }
            let (piece, left) = rest.split_at((*cut).min(rest.len()));
            in_pieces = dialogue.hear(piece).map(describe);
            rest = left;
        }
        prop_assert_eq!(in_pieces, whole);
    }

    #[test]
    fn nothing_but_digits_gets_into_a_request(octets in prop::collection::vec(any::<u8>(), 0..64)) {
        for request in [
            Request::csim(&octets),
            Request::ccho(&octets),
            Request::cgla(1, &octets),
            Request::crsm(176, 1, [0; 3], &octets),
        ] {
            let written = String::from_utf8(request.octets()).unwrap();
            let (line, end) = written.split_at(written.len() - 1);
            prop_assert_eq!(end, "\r");
            prop_assert!(line.chars().all(|c| c.is_ascii_alphanumeric() || "+=,\"".contains(c)));
            prop_assert!(line.to_lowercase().contains(&hex::encode(&octets)));
        }
    }

    #[test]
    fn any_answer_reads_back(octets in prop::collection::vec(any::<u8>(), 2..300)) {
        let digits = hex::encode_upper(&octets);
        let written = format!("\r\n+CSIM: {},\"{digits}\"\r\n\r\nOK\r\n", digits.len());
        let reply = reply(&Request::csim(&COMMAND), written.as_bytes());
        let mut answer = [0; 300];
        let size = reply.apdu(&mut answer).unwrap();
        prop_assert_eq!(&answer[..size], &octets);
    }
}

impl Dialogue {
    fn after(mut self, request: &Request) -> Self {
        self.ask(request);
        self
    }
}

fn describe(outcome: Result<Reply, Refusal>) -> Result<Result<Vec<u8>, InvalidReply>, Refusal> {
    outcome.map(|reply| apdu(&reply))
}
