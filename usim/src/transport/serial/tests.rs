//! Over real ptys.
#![cfg(unix)]

mod modem;

use std::{path::PathBuf, sync::mpsc, time::Duration};

use tempfile::TempDir;

use super::*;
use crate::{Card, at::Dialogue};
use modem::{Act, Modem, say};

const STATUS: [u8; 5] = [0x80, 0xf2, 0x00, 0x00, 0x02];
const SOON: Duration = Duration::from_millis(300);

/// A place for a port to be.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn port(&self) -> PathBuf {
        self.folder.path().join("ttyUSB0")
    }

    fn plug_in(&self, answer: impl FnMut(&str) -> Act + Send + 'static) -> Modem {
        Modem::plug_in(&self.port(), answer)
    }

    fn open(&self, options: Options) -> Result<SerialTransport, TransportErrorKind> {
        let port = self.port().into_os_string().into_string().unwrap();
        SerialTransport::open(port, options).map_err(|error| error.kind())
    }

    /// A modem with these manners, and the transport to it.
    fn connect(
        &self,
        access: Access,
        answer: impl FnMut(&str) -> Act + Send + 'static,
    ) -> (Modem, SerialTransport) {
        let modem = self.plug_in(answer);
        let options = Options::default().with_access(access);
        (modem, self.open(options).unwrap())
    }
}

fn ask(card: &mut SerialTransport, command: &[u8]) -> Result<Vec<u8>, TransportErrorKind> {
    let mut answer = [0; 258];
    let size = card
        .transmit(command, &mut answer)
        .map_err(|error| error.kind())?;
    Ok(answer[..size].to_vec())
}

fn ok(_line: &str) -> Act {
    say("\r\n+CSIM: 8,\"62009000\"\r\n\r\nOK\r\n")
}

const ANSWER: [u8; 4] = [0x62, 0x00, 0x90, 0x00];

#[test]
fn a_command_goes_through_generic_access() {
    let desk = Desk::new();
    let (modem, mut card) = desk.connect(Access::Auto, ok);
    assert_eq!(ask(&mut card, &STATUS), Ok(ANSWER.to_vec()));
    assert_eq!(modem.heard(), ["AT+CSIM=10,\"80F2000002\""]);
    let info = card.info();
    assert_eq!(info.kind, TransportKind::Serial);
    assert_eq!(info.name, desk.port().to_str().unwrap());
    let error = card.transmit(&STATUS, &mut [0; 3]).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::BufferTooSmall);
}

#[test]
fn echo_unsolicited_lines_and_single_octets_are_coped_with() {
    let (_modem, mut card) = Desk::new().connect(Access::Auto, |line| {
        let text = format!("{line}\r\r\n+CREG: 1\r\n+CSIM: 8,\"62009000\"\r\nRING\r\nOK\r\n^X\r\n");
        Act::Stutter(text.into_bytes())
    });
    for _ in 0..3 {
        assert_eq!(ask(&mut card, &STATUS), Ok(ANSWER.to_vec()));
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    let mut codes = ["10", "11", "14", "13", "4"].into_iter();
    let (_modem, mut card) = Desk::new().connect(Access::Generic, move |_line| {
        let code = codes.next().unwrap();
        Act::Say(format!("\r\n+CME ERROR: {code}\r\n"))
    });
    for kind in [
        TransportErrorKind::NoCard,
        TransportErrorKind::PinRequired,
        TransportErrorKind::Busy,
        TransportErrorKind::Io,
        TransportErrorKind::Unsupported,
    ] {
        assert_eq!(ask(&mut card, &STATUS), Err(kind));
    }
}

#[test]
fn a_busy_sim_answers_when_it_is_ready_even_behind_a_stray_ok() {
    let mut busy = true;
    let (_modem, mut card) = Desk::new().connect(Access::Auto, move |line| {
        if std::mem::replace(&mut busy, false) {
            return say("+CME ERROR: SIM busy\r\nOK\r\n");
        }
        ok(line)
    });
    assert_eq!(ask(&mut card, &STATUS), Err(TransportErrorKind::Busy));
    assert_eq!(ask(&mut card, &STATUS), Ok(ANSWER.to_vec()));
}

#[test]
fn an_answer_that_makes_no_sense_is_an_error() {
    let mut answers = ["+CSIM: 4,\"90\"", "+CSIM: 4,\"90é0\"", "+CSIM:", ""].into_iter();
    let (_modem, mut card) = Desk::new().connect(Access::Generic, move |_line| {
        Act::Say(format!("{}\r\nOK\r\n", answers.next().unwrap()))
    });
    for _ in 0..4 {
        assert_eq!(ask(&mut card, &STATUS), Err(TransportErrorKind::Protocol));
    }
}

#[test]
fn a_modem_that_talks_without_an_end_is_listened_to_no_longer_than_it_may() {
    let (_modem, mut card) = Desk::new().connect(Access::Generic, |_line| {
        Act::Say("+CREG: 1\r\n".repeat(Dialogue::MAX_HEARD / 10 + 1))
    });
    assert_eq!(ask(&mut card, &STATUS), Err(TransportErrorKind::Protocol));
}

#[test]
fn a_late_answer_is_not_the_answer_to_the_next_command() {
    let desk = Desk::new();
    let (release, released) = mpsc::channel();
    let mut late = true;
    let modem = desk.plug_in(move |line| {
        if std::mem::replace(&mut late, false) {
            released.recv().unwrap();
            return say("+CSIM: 4,\"6F00\"\r\nOK\r\n");
        }
        ok(line)
    });
    let mut card = desk.open(Options::default().with_timeout(SOON)).unwrap();
    assert_eq!(ask(&mut card, &STATUS), Err(TransportErrorKind::Timeout));
    assert_eq!(ask(&mut card, &STATUS), Err(TransportErrorKind::Timeout));
    assert_eq!(
        modem.heard().len(),
        1,
        "no command is sent into the silence"
    );
    release.send(()).unwrap();
    let answered = (0..20).find_map(|_| ask(&mut card, &STATUS).ok());
    assert_eq!(answered, Some(ANSWER.to_vec()));
}

#[test]
fn a_modem_that_hangs_up_is_gone_until_it_is_back_and_reset() {
    let desk = Desk::new();
    let (modem, mut card) = desk.connect(Access::Auto, |_line| Act::HangUp);
    card.check().unwrap();
    assert_eq!(
        ask(&mut card, &STATUS),
        Err(TransportErrorKind::Unavailable)
    );
    assert_eq!(
        ask(&mut card, &STATUS),
        Err(TransportErrorKind::Unavailable)
    );
    drop(modem);
    std::fs::remove_file(desk.port()).unwrap();
    assert_eq!(
        card.reset().unwrap_err().kind(),
        TransportErrorKind::Unavailable
    );
    let _modem = desk.plug_in(ok);
    card.reset().unwrap();
    assert_eq!(ask(&mut card, &STATUS), Ok(ANSWER.to_vec()));
}

#[test]
fn an_idle_modem_that_is_unplugged_is_noticed() {
    let desk = Desk::new();
    let (modem, mut card) = desk.connect(Access::Auto, ok);
    drop(modem);
    assert_eq!(
        card.check().unwrap_err().kind(),
        TransportErrorKind::Unavailable
    );
}

#[test]
fn a_missing_port_a_port_in_use_and_a_silent_one_say_so() {
    let desk = Desk::new();
    let open = || desk.open(Options::default().with_timeout(SOON)).map(drop);
    assert_eq!(open(), Err(TransportErrorKind::Unavailable));
    let (_modem, _card) = desk.connect(Access::Auto, ok);
    assert_eq!(open(), Err(TransportErrorKind::Unavailable));

    let silent = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR).unwrap();
    rustix::pty::unlockpt(&silent).unwrap();
    let name = rustix::pty::ptsname(&silent, Vec::new())
        .unwrap()
        .into_string()
        .unwrap();
    let error = SerialTransport::open(name, Options::default().with_timeout(SOON)).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Timeout);
}

/// A modem with channels: what it says to +CCHO, and to a command on session 2.
fn with_channels(opening: &'static str, access: &'static str) -> impl FnMut(&str) -> Act {
    move |line| {
        let name = line.split('=').next().unwrap();
        say(match name {
            "AT+CCHO" => opening,
            "AT+CGLA" => access,
            "AT+CCHC" => "+CCHC\r\nOK\r\n",
            _ => "+CSIM: 8,\"62009000\"\r\nOK\r\n",
        })
    }
}

const AID: [u8; 7] = [0xa0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];

#[test]
fn channels_are_opened_used_and_closed_by_the_modems_own_commands() {
    let desk = Desk::new();
    let manners = with_channels("\r\n2\r\n\r\nOK\r\n", "+CGLA:4,\"9000\"\r\nOK\r\n");
    let (modem, mut card) = desk.connect(Access::Auto, manners);
    let channel = card.open_channel(&AID).unwrap().unwrap();
    assert_eq!(channel.number(), 2);
    assert_eq!(
        ask(&mut card, &[0x02, 0xb0, 0x00, 0x00, 0x09]),
        Ok(vec![0x90, 0x00])
    );
    assert_eq!(ask(&mut card, &STATUS), Ok(ANSWER.to_vec()));
    card.close_channel(channel).unwrap();
    assert_eq!(
        modem.heard(),
        [
            "AT+CCHO=\"A0000000871002\"",
            "AT+CGLA=2,8,\"82F2000C\"",
            "AT+CGLA=2,10,\"02B0000009\"",
            "AT+CSIM=10,\"80F2000002\"",
            "AT+CCHC=2",
        ]
    );
    ask(&mut card, &[0x02, 0xb0, 0x00, 0x00, 0x09]).unwrap();
    assert_eq!(
        modem.heard(),
        ["AT+CSIM=10,\"02B0000009\""],
        "the channel is closed"
    );
}

#[test]
fn the_class_octet_can_be_left_to_the_modem() {
    let desk = Desk::new();
    let manners = with_channels("+CCHO: 2\r\nOK\r\n", "+CGLA: 4,\"9000\"\r\nOK\r\n");
    let modem = desk.plug_in(manners);
    let mut card = desk
        .open(Options::default().with_class(ClassOctet::Basic))
        .unwrap();
    card.open_channel(&AID).unwrap().unwrap();
    ask(&mut card, &[0x02, 0xb0, 0x00, 0x00, 0x09]).unwrap();
    assert_eq!(modem.heard().last().unwrap(), "AT+CGLA=2,10,\"00B0000009\"");
}

#[test]
fn open_channels_are_closed_with_the_transport() {
    let desk = Desk::new();
    let manners = with_channels("+CCHO: 2\r\nOK\r\n", "+CGLA: 4,\"9000\"\r\nOK\r\n");
    let (modem, mut card) = desk.connect(Access::Auto, manners);
    card.open_channel(&AID).unwrap().unwrap();
    drop(card);
    assert_eq!(modem.heard().last().unwrap(), "AT+CCHC=2");
}

#[test]
fn without_channels_of_its_own_manage_channel_is_left() {
    let desk = Desk::new();
    let (modem, mut card) = desk.connect(Access::Auto, with_channels("ERROR\r\n", ""));
    assert_eq!(card.open_channel(&AID).unwrap(), None);
    assert_eq!(
        ask(&mut card, &[0x00, 0x70, 0x00, 0x00, 0x01]),
        Ok(ANSWER.to_vec())
    );
    assert_eq!(modem.heard().last().unwrap(), "AT+CSIM=10,\"0070000001\"");
}

#[test]
fn a_modem_that_refuses_manage_channel_is_a_card_without_channels() {
    let (_modem, mut card) = Desk::new().connect(Access::Auto, |line| {
        if line.contains("0070") {
            say("+CME ERROR: 3\r\n")
        } else {
            ok(line)
        }
    });
    assert_eq!(ask(&mut card, &STATUS), Ok(ANSWER.to_vec()));
    let manage = [0x00, 0x70, 0x00, 0x00, 0x01];
    assert_eq!(ask(&mut card, &manage), Ok(vec![0x68, 0x81]));
}

#[test]
fn a_channel_that_can_be_opened_but_not_used_is_closed_again() {
    let desk = Desk::new();
    let manners = with_channels("+CCHO: 1\r\nOK\r\n", "+CME ERROR: 4\r\n");
    let (modem, mut card) = desk.connect(Access::Auto, manners);
    assert_eq!(card.open_channel(&AID).unwrap(), None);
    assert_eq!(modem.heard().last().unwrap(), "AT+CCHC=1");
    assert_eq!(card.open_channel(&AID).unwrap(), None);
    assert_eq!(modem.heard(), [""; 0], "and not tried again");
}

#[test]
fn the_way_can_be_prescribed() {
    let manners = || with_channels("+CCHO: 1\r\nOK\r\n", "+CGLA: 4,\"9000\"\r\nOK\r\n");
    let manage = [0x00, 0x70, 0x00, 0x00, 0x01];
    let desk = Desk::new();
    let (modem, mut card) = desk.connect(Access::Generic, manners());
    assert_eq!(card.open_channel(&AID).unwrap(), None);
    assert_eq!(ask(&mut card, &manage), Ok(ANSWER.to_vec()));
    assert_eq!(modem.heard(), ["AT+CSIM=10,\"0070000001\""]);

    let desk = Desk::new();
    let (modem, mut card) = desk.connect(Access::BasicChannel, manners());
    assert_eq!(card.open_channel(&AID).unwrap(), None);
    assert_eq!(ask(&mut card, &manage), Ok(vec![0x68, 0x81]));
    assert_eq!(modem.heard(), [""; 0]);

    let desk = Desk::new();
    let (_modem, mut card) = desk.connect(Access::Channels, with_channels("ERROR\r\n", ""));
    let error = card.open_channel(&AID).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Unsupported);
}

/// A modem that only reads files: EF_IMSI, and nothing else.
fn reads_only(line: &str) -> Act {
    say(match line {
        "AT+CRSM=176,28423,0,0,9" => "+CRSM: 144,0,\"080910100000000010\"\r\nOK\r\n",
        "AT+CRSM=192,28423,0,0,0" => "+CRSM: 144,0,\"620E8202412183026F07800200098800\"\r\nOK\r\n",
        line if line.starts_with("AT+CRSM") => "+CRSM: 106,130\r\nOK\r\n",
        _ => "ERROR\r\n",
    })
}

#[test]
fn without_generic_access_files_are_read_by_restricted_access() {
    let (modem, mut card) = Desk::new().connect(Access::Auto, reads_only);
    let select_usim = [&[0x00, 0xa4, 0x04, 0x0c, 0x07][..], &AID].concat();
    assert_eq!(ask(&mut card, &select_usim), Ok(vec![0x90, 0x00]));
    assert_eq!(
        ask(&mut card, &[0x00, 0xa4, 0x00, 0x0c, 0x02, 0x6f, 0x07]),
        Ok(vec![0x90, 0x00])
    );
    let imsi = ask(&mut card, &[0x00, 0xb0, 0x00, 0x00, 0x09]).unwrap();
    assert_eq!(hex::encode(imsi), "0809101000000000109000");
    assert_eq!(
        ask(&mut card, &[0x00, 0xb0, 0x00, 0x00, 0x0a]),
        Ok(vec![0x6a, 0x82])
    );
    let authenticate = [0x00, 0x88, 0x00, 0x81, 0x01, 0x00, 0x00];
    assert_eq!(
        ask(&mut card, &authenticate),
        Err(TransportErrorKind::Unsupported)
    );
    let refused = modem
        .heard()
        .iter()
        .filter(|line| line.contains("CSIM"))
        .count();
    assert_eq!(
        refused, 1,
        "it is asked only once whether it has generic access"
    );
}

#[test]
fn a_command_that_only_generic_access_could_do_is_refused_with_it() {
    let (_modem, mut card) = Desk::new().connect(Access::Auto, reads_only);
    let authenticate = [0x00, 0x88, 0x00, 0x81, 0x01, 0x00, 0x00];
    assert_eq!(
        ask(&mut card, &authenticate),
        Err(TransportErrorKind::Unsupported)
    );
}

#[test]
fn generic_access_that_worked_is_not_given_up() {
    let mut first = true;
    let (_modem, mut card) = Desk::new().connect(Access::Auto, move |line| {
        if std::mem::replace(&mut first, false) {
            ok(line)
        } else {
            say("ERROR\r\n")
        }
    });
    assert_eq!(ask(&mut card, &STATUS), Ok(ANSWER.to_vec()));
    assert_eq!(
        ask(&mut card, &STATUS),
        Err(TransportErrorKind::Unsupported)
    );
}

#[test]
fn the_modem_says_its_imei() {
    let (_modem, mut card) = Desk::new().connect(Access::Auto, |_line| {
        say("\r\n490154203237518\r\n\r\nOK\r\n")
    });
    assert_eq!(card.imei().unwrap().as_str(), "490154203237518");
}

#[test]
fn a_card_behind_a_read_only_modem_still_tells_who_it_is() {
    let (modem, card) = Desk::new().connect(Access::Auto, reads_only);
    let mut card = Card::open(card).unwrap();
    let imsi = card.usim().and_then(|mut usim| usim.imsi());
    assert!(imsi.is_ok(), "{imsi:?} {:?}", modem.heard());
    assert_eq!(imsi.unwrap().as_str(), "001010000000001");
}
