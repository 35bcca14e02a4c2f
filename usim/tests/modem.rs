//! The serial transport over a pseudo terminal, with the software card in a software modem.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{path::PathBuf, sync::mpsc, thread, time::Duration};

use aka::{Amf, Milenage, Rand, Sqn, algorithm::HomeAlgorithm};
use tempfile::TempDir;
use usim::{
    ApplicationKind, Authentication, Card, Error, Subscriber,
    soft::{Profile, Quirk, Quirks, SoftCard, Stop, modem},
    transport::{
        Transport, TransportErrorKind,
        serial::{Access, Options, SerialTransport},
    },
};

/// A modem that is plugged in until it is dropped.
struct Modem {
    folder: TempDir,
    stop: Stop,
    ready: mpsc::Receiver<()>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Modem {
    fn plug_in(quirks: &[Quirk]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (link, stop) = (folder.path().join("ttySIM"), Stop::new());
        let quirks: Quirks = quirks.iter().copied().collect();
        let (sender, ready) = mpsc::channel();
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            let mut card = SoftCard::new(Profile::default());
            let observe = |event| {
                if matches!(event, modem::Event::Ready) {
                    sender.send(()).unwrap_or_default();
                }
            };
            modem::run(&mut card, &link, &quirks, &stopped, observe).unwrap();
        });
        let thread = Some(thread);
        let modem = Self {
            folder,
            stop,
            ready,
            thread,
        };
        modem.wait_for_port();
        modem
    }

    fn wait_for_port(&self) {
        self.ready.recv().unwrap();
    }

    fn port(&self) -> PathBuf {
        self.folder.path().join("ttySIM")
    }

    fn open(&self, options: Options) -> SerialTransport {
        SerialTransport::open(self.port().to_str().unwrap(), options).unwrap()
    }

    fn card(&self, access: Access) -> Card {
        Card::open(self.open(Options::default().with_access(access))).unwrap()
    }
}

impl Drop for Modem {
    fn drop(&mut self) {
        self.stop.stop();
        self.thread.take().unwrap().join().unwrap();
    }
}

/// A challenge of the default card's home, and RES.
fn authenticate(card: &mut Card, sqn: u64) -> Result<String, Error> {
    let k = "465b5ce8b199b49faa5f0a2ee238a6bc".parse().unwrap();
    let opc = "cd63cb71954a9f4e48a5994e37a02baf".parse().unwrap();
    let rand: Rand = "23553cbe9637a89d218ae64dae47bf35".parse().unwrap();
    let sqn = Sqn::new(sqn << 5).unwrap();
    let (autn, _expected) = Milenage::new(&k, &opc).challenge(&rand, sqn, Amf::SEPARATED);
    match card.authenticate(ApplicationKind::Usim, &rand, &autn)? {
        Authentication::Success(keys) => Ok(hex::encode(keys.res.expose())),
        Authentication::SyncFailure(_) => panic!("a fresh challenge"),
    }
}

const RES: &str = "a54211d5e3ba50bf";

fn imsi(card: &mut Card) -> Result<String, Error> {
    Ok(card.identity()?.imsi.as_str().to_owned())
}

const IMSI: &str = "001010000000001";

#[test]
fn every_manner_of_speaking_is_understood() {
    for quirk in [
        Quirk::ModemNoEcho,
        Quirk::ModemLineFeedOnly,
        Quirk::ModemCarriageReturnOnly,
        Quirk::ModemUrcBefore,
        Quirk::ModemUrcInside,
        Quirk::ModemUrcAfter,
        Quirk::ModemOkInData,
        Quirk::ModemOkAfterError,
        Quirk::ModemNoSpace,
        Quirk::ModemLowerCase,
        Quirk::ModemWrongLength,
        Quirk::ModemGarbage,
        Quirk::ModemVendorText,
        Quirk::ModemBareChannel,
        Quirk::ModemCallerSetsChannel,
        Quirk::ModemChunks,
    ] {
        let modem = Modem::plug_in(&[quirk]);
        let mut card = modem.card(Access::Auto);
        assert_eq!(imsi(&mut card).unwrap(), IMSI, "{quirk:?}");
        assert_eq!(authenticate(&mut card, 1).unwrap(), RES, "{quirk:?}");
    }
}

#[test]
fn all_bad_manners_at_once_are_understood_too() {
    let modem = Modem::plug_in(&[
        Quirk::ModemUrcBefore,
        Quirk::ModemUrcInside,
        Quirk::ModemUrcAfter,
        Quirk::ModemOkInData,
        Quirk::ModemOkAfterError,
        Quirk::ModemNoSpace,
        Quirk::ModemLowerCase,
        Quirk::ModemWrongLength,
        Quirk::ModemGarbage,
        Quirk::ModemVendorText,
        Quirk::ModemBareChannel,
        Quirk::ModemChunks,
    ]);
    let mut card = modem.card(Access::Auto);
    assert_eq!(imsi(&mut card).unwrap(), IMSI);
    assert_eq!(authenticate(&mut card, 1).unwrap(), RES);
}

#[test]
fn whichever_way_the_modem_leaves_is_taken() {
    for quirks in [
        &[][..],
        &[Quirk::ModemNoCcho],
        &[Quirk::ModemNoCcho, Quirk::ModemNoManageChannel],
        &[Quirk::ModemNoCcho, Quirk::NoChannels],
        &[Quirk::ModemNoCrsm],
        &[Quirk::ModemNoCsim],
    ] {
        let modem = Modem::plug_in(quirks);
        let mut card = modem.card(Access::Auto);
        assert_eq!(imsi(&mut card).unwrap(), IMSI, "{quirks:?}");
        assert_eq!(authenticate(&mut card, 1).unwrap(), RES, "{quirks:?}");
    }
}

#[test]
fn every_way_can_be_prescribed() {
    for access in [Access::Channels, Access::Generic, Access::BasicChannel] {
        let modem = Modem::plug_in(&[]);
        let mut card = modem.card(access);
        assert_eq!(imsi(&mut card).unwrap(), IMSI, "{access:?}");
        assert_eq!(authenticate(&mut card, 1).unwrap(), RES, "{access:?}");
    }
}

#[test]
fn a_modem_that_only_reads_files_tells_the_imsi_and_cannot_authenticate() {
    for (access, quirks) in [
        (Access::Restricted, &[][..]),
        (Access::Auto, &[Quirk::ModemNoCcho, Quirk::ModemNoCsim]),
    ] {
        let modem = Modem::plug_in(quirks);
        let mut card = modem.card(access);
        assert_eq!(imsi(&mut card).unwrap(), IMSI, "{access:?}");
        let error = authenticate(&mut card, 1).unwrap_err();
        let kind = error.transport().unwrap().kind();
        assert_eq!(kind, TransportErrorKind::Unsupported, "{access:?}");
    }
}

#[test]
fn a_silent_modem_costs_no_more_than_the_time_limit() {
    let modem = Modem::plug_in(&[Quirk::ModemSilent]);
    let mut port = modem.open(Options::default().with_timeout(Duration::from_millis(300)));
    for _ in 0..2 {
        let error = port
            .transmit(&[0x80, 0xf2, 0, 0, 0], &mut [0; 258])
            .unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Timeout);
    }
}

#[test]
fn a_modem_that_hangs_up_is_found_again_when_its_port_is_back() {
    let modem = Modem::plug_in(&[Quirk::ModemHangUp]);
    let mut port = modem.open(Options::default());
    let error = port
        .transmit(&[0x80, 0xf2, 0, 0, 0], &mut [0; 258])
        .unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Unavailable);
    modem.wait_for_port();
    port.reset().unwrap();
    assert_eq!(imsi(&mut Card::open(port).unwrap()).unwrap(), IMSI);
}

#[test]
fn a_card_that_is_busy_at_first_says_so_and_is_ready_then() {
    let modem = Modem::plug_in(&[Quirk::ModemBusyAtFirst]);
    let mut port = modem.open(Options::default());
    for _ in 0..2 {
        let error = port
            .transmit(&[0x80, 0xf2, 0, 0, 0], &mut [0; 258])
            .unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Busy);
    }
    assert_eq!(imsi(&mut Card::open(port).unwrap()).unwrap(), IMSI);
}

#[test]
fn the_modem_tells_its_imei() {
    let modem = Modem::plug_in(&[]);
    let imei = modem.open(Options::default()).imei().unwrap();
    assert_eq!(imei.as_str().len(), 15);
}
