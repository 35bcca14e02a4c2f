//! The modem's answers, octet for octet, and its port.

use std::{
    fs::OpenOptions,
    io::{Read, Write},
    sync::mpsc,
    thread,
};

use super::*;
use crate::soft::{Profile, SoftCard};

/// A modem without echo whose errors have numbers.
struct Desk(SoftCard, Quirks);

impl Desk {
    fn new() -> Self {
        Self::quirks([])
    }

    fn quirks<const N: usize>(quirks: [Quirk; N]) -> Self {
        Self(
            SoftCard::new(Profile::default()),
            quirks.into_iter().collect(),
        )
    }

    fn profile(toml: &str) -> Self {
        Self(
            SoftCard::new(Profile::from_toml(toml).unwrap()),
            Quirks::default(),
        )
    }

    /// Sends lines one after the other; gives the answer to the last one.
    fn send(&mut self, lines: &[&str]) -> String {
        let mut modem = Modem::new(&mut self.0, self.1.clone());
        let mut out = Vec::new();
        modem.feed(b"ATE0\rAT+CMEE=1\r", &mut out);
        for line in lines {
            out.clear();
            modem.feed(format!("{line}\r\n").as_bytes(), &mut out);
        }
        String::from_utf8(out).unwrap()
    }

    /// The first line of the answer to the last one of `lines`.
    fn line(&mut self, lines: &[&str]) -> String {
        let answer = self.send(lines);
        answer.split("\r\n").nth(1).unwrap_or_default().to_owned()
    }
}

const OK: &str = "\r\nOK\r\n";
const USIM: &str = "A0000000871002FF01FF018900000100";

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

/// A modem on a pseudo terminal in a thread of its own.
struct OnPort {
    folder: tempfile::TempDir,
    stop: Stop,
    ready: mpsc::Receiver<Event>,
    thread: Option<thread::JoinHandle<io::Result<()>>>,
}

impl OnPort {
    fn new(quirks: Quirks) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("modem");
        let (sender, ready) = mpsc::channel();
        let stop = Stop::new();
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            let mut card = SoftCard::new(Profile::default());
            run(&mut card, &link, &quirks, &stopped, |event| {
                sender.send(event).unwrap_or_default();
            })
        });
        Self {
            folder,
            stop,
            ready,
            thread: Some(thread),
        }
    }

    fn open(&self) -> std::fs::File {
        assert!(matches!(self.ready.recv().unwrap(), Event::Ready));
        let path = self.folder.path().join("modem");
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .unwrap()
    }
}

impl Drop for OnPort {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap().unwrap();
        }
        assert!(std::fs::symlink_metadata(self.folder.path().join("modem")).is_err());
    }
}

/// Reads up to the final result, and returns what came.
fn read_answer(port: &mut std::fs::File) -> String {
    let mut answer = Vec::new();
    let mut octet = [0];
    while !answer.ends_with(b"\r\nOK\r\n") {
        assert_eq!(port.read(&mut octet).unwrap(), 1);
        answer.push(octet[0]);
    }
    String::from_utf8(answer).unwrap()
}

#[test]
fn a_port_answers_and_survives_its_callers() {
    let modem = OnPort::new(Quirks::default());
    let mut port = modem.open();
    port.write_all(b"ATE0\r").unwrap();
    assert_eq!(read_answer(&mut port), "ATE0\r\r\nOK\r\n");
    drop(port);
    let path = modem.folder.path().join("modem");
    let mut port = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    port.write_all(b"AT+CIMI\r").unwrap();
    assert_eq!(read_answer(&mut port), "\r\n001010000000001\r\n\r\nOK\r\n");
}

#[test]
fn answers_in_chunks_are_whole_in_the_end() {
    let modem = OnPort::new(Quirks::default().with(Quirk::ModemChunks));
    let mut port = modem.open();
    port.write_all(b"AT+CSIM=10,\"00B082000A\"\r").unwrap();
    assert!(read_answer(&mut port).contains("+CSIM: 24,\"980001010000000010F99000\""));
}

#[test]
fn a_port_that_was_hung_up_comes_back_once() {
    let modem = OnPort::new(Quirks::default().with(Quirk::ModemHangUp));
    let mut port = modem.open();
    port.write_all(b"ATE0\r").unwrap();
    read_answer(&mut port);
    port.write_all(b"AT+CIMI\r").unwrap();
    let mut octet = [0];
    assert!(
        matches!(port.read(&mut octet), Ok(0) | Err(_)),
        "the line is down"
    );
    assert!(matches!(modem.ready.recv().unwrap(), Event::HungUp));
    let mut port = modem.open();
    port.write_all(b"AT+CIMI\r").unwrap();
    assert!(read_answer(&mut port).contains("001010000000001"));
}

#[test]
fn a_file_in_the_links_place_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("modem");
    std::fs::write(&path, "precious").unwrap();
    let mut card = SoftCard::new(Profile::default());
    let error = run(&mut card, &path, &Quirks::default(), &Stop::new(), |_| ()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}
