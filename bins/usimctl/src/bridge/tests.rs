use std::{
    os::unix::net::{SocketAddr, UnixDatagram},
    path::Path,
    thread,
};

use aka::{Autn, Ck, Ik, Imsi, Kc, MncLength, Rand, Res, Sres};
use tempfile::TempDir;
use usim::{
    Authentication, CardError, GbaBootstrapping, GsmAuthentication, Identity, ImsIdentity, Keys,
    KsExtNaf,
    transport::{TransportError, TransportErrorKind},
};

use super::*;

const CHALLENGE: &str = "<3>CTRL-REQ-SIM-7:UMTS-AUTH:\
    23553cbe9637a89d218ae64dae47bf35:55f328b43577b9b94a9ffac354dfafb3 needed for SSID x";

/// A subscriber that answers a challenge in one way.
struct Always(fn() -> Result<Authentication, Error>);

impl Subscriber for Always {
    fn identity(&mut self) -> Result<Identity, Error> {
        let imsi: Imsi = "001010000000001".parse().unwrap();
        Ok(Identity::new(imsi, Some(MncLength::Two)))
    }

    fn authenticate(
        &mut self,
        _application: ApplicationKind,
        _rand: &Rand,
        _autn: &Autn,
    ) -> Result<Authentication, Error> {
        (self.0)()
    }

    fn authenticate_gsm(&mut self, _rand: &Rand) -> Result<GsmAuthentication, Error> {
        Ok(GsmAuthentication::new(Sres::new([1; 4]), Kc::new([2; 8])))
    }

    fn ims_identity(&mut self) -> Result<ImsIdentity, Error> {
        unreachable!("the bridge does not ask this")
    }

    fn gba_bootstrap(&mut self, _rand: &Rand, _autn: &Autn) -> Result<GbaBootstrapping, Error> {
        unreachable!("the bridge does not ask this")
    }

    fn gba_naf(&mut self, _naf_id: &[u8], _impi: &str) -> Result<KsExtNaf, Error> {
        unreachable!("the bridge does not ask this")
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one of several ways to answer")]
fn success() -> Result<Authentication, Error> {
    Ok(Authentication::Success(Keys::new(
        Res::from_f2([1; 8]),
        Ck::new([2; 16]),
        Ik::new([3; 16]),
        None,
    )))
}

fn wrong_mac() -> Result<Authentication, Error> {
    Err(CardError::MacFailure.into())
}

fn reader_gone() -> Result<Authentication, Error> {
    Err(TransportError::from(TransportErrorKind::Unavailable).into())
}

/// The other side: `wpa_supplicant` at its control socket.
struct Peer(UnixDatagram);

impl Peer {
    fn at(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        Self(socket)
    }

    fn receive(&self) -> (String, SocketAddr) {
        let mut buffer = [0; 512];
        let (size, from) = self.0.recv_from(&mut buffer).unwrap();
        (String::from_utf8(buffer[..size].to_vec()).unwrap(), from)
    }

    fn attach(&self) -> SocketAddr {
        let (command, from) = self.receive();
        assert_eq!(command, "ATTACH");
        self.0.send_to_addr(b"OK\n", &from).unwrap();
        from
    }

    /// Asks, and waits for what is no `PING`.
    fn ask(&self, request: &str, bridge: &SocketAddr) -> String {
        self.0.send_to_addr(request.as_bytes(), bridge).unwrap();
        loop {
            match self.receive() {
                (command, _) if command == "PING" => {}
                (answer, _) => return answer,
            }
        }
    }
}

fn bridge(
    folder: &TempDir,
    mut answers: Vec<fn() -> Result<Authentication, Error>>,
) -> Bridge<impl FnMut() -> Result<Box<dyn Subscriber>, Error>> {
    answers.reverse();
    let control = Control::bind(Some(folder.path())).unwrap();
    let path = folder.path().join("wlan0");
    Bridge::new(path, control, Method::Aka, move || {
        let answer = answers.pop().expect("opened as often as expected");
        let subscriber: Box<dyn Subscriber> = Box::new(Always(answer));
        Ok(subscriber)
    })
}

/// Steps until `last` is what happened, and returns all that did.
fn run(
    bridge: &mut Bridge<impl FnMut() -> Result<Box<dyn Subscriber>, Error>>,
    last: &str,
) -> Vec<String> {
    let mut events = Vec::new();
    for _ in 0..100 {
        if let Some(event) = bridge.step().unwrap() {
            events.push(event.to_string());
        }
        if events.last().is_some_and(|event| event == last) {
            break;
        }
    }
    events
}

#[test]
fn challenges_and_the_identity_are_answered() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::at(&folder.path().join("wlan0"));
    let mut bridge = bridge(&folder, vec![success]);
    let asked = thread::spawn(move || {
        let to = peer.attach();
        let identity = peer.ask("<3>CTRL-REQ-IDENTITY-7:Identity needed for SSID x", &to);
        let umts = peer.ask(CHALLENGE, &to);
        let gsm = format!("<3>CTRL-REQ-SIM-7:GSM-AUTH:{0}:{0} x", "ab".repeat(16));
        let gsm = peer.ask(&gsm, &to);
        peer.0
            .send_to_addr(b"<3>CTRL-EVENT-TERMINATING ", &to)
            .unwrap();
        (identity, umts, gsm)
    });

    let events = run(&mut bridge, "wpa_supplicant went away");
    let (identity, umts, gsm) = asked.join().unwrap();
    assert_eq!(
        identity,
        "CTRL-RSP-IDENTITY-7:0001010000000001@wlan.mnc001.mcc001.3gppnetwork.org"
    );
    let keys = ["03".repeat(16), "02".repeat(16), "01".repeat(8)].join(":");
    assert_eq!(umts, format!("CTRL-RSP-SIM-7:UMTS-AUTH:{keys}"));
    let one = format!(":{}:{}", "02".repeat(8), "01".repeat(4));
    assert_eq!(gsm, format!("CTRL-RSP-SIM-7:GSM-AUTH{one}{one}"));
    assert_eq!(
        events,
        [
            "attached to wpa_supplicant",
            "identity sent",
            "challenge answered",
            "challenge answered",
            "wpa_supplicant went away",
        ]
    );
}

#[test]
fn nobody_but_the_supplicant_is_answered() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::at(&folder.path().join("wlan0"));
    let mut bridge = bridge(&folder, vec![]);
    let stranger = UnixDatagram::unbound().unwrap();
    let mut names = std::fs::read_dir(folder.path()).unwrap();
    let ours = names.find_map(|entry| {
        let path = entry.unwrap().path();
        (!path.ends_with("wlan0")).then_some(path)
    });
    let ours = ours.unwrap();
    for early in ["OK\n", CHALLENGE] {
        stranger.send_to(early.as_bytes(), &ours).unwrap();
    }
    let asked = thread::spawn(move || {
        let to = peer.attach();
        let late = stranger.send_to(CHALLENGE.as_bytes(), &ours);
        peer.0
            .send_to_addr(b"<3>CTRL-EVENT-TERMINATING ", &to)
            .unwrap();
        late.unwrap_err().kind()
    });

    let events = run(&mut bridge, "wpa_supplicant went away");
    assert_eq!(asked.join().unwrap(), io::ErrorKind::PermissionDenied);
    let expected = ["attached to wpa_supplicant", "wpa_supplicant went away"];
    assert_eq!(events, expected);
}

#[test]
fn without_an_answer_the_login_fails_at_once() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::at(&folder.path().join("wlan0"));
    let mut bridge = bridge(&folder, vec![wrong_mac]);
    let asked = thread::spawn(move || {
        let to = peer.attach();
        peer.ask(CHALLENGE, &to)
    });

    let last = "the SIM has no answer: the challenge has a wrong MAC";
    let events = run(&mut bridge, last);
    assert_eq!(asked.join().unwrap(), "CTRL-RSP-SIM-7:UMTS-FAIL");
    assert_eq!(events, ["attached to wpa_supplicant", last]);
}

#[test]
fn a_broken_way_is_opened_anew_for_the_next_challenge() {
    let folder = TempDir::new().unwrap();
    let peer = Peer::at(&folder.path().join("wlan0"));
    let mut bridge = bridge(&folder, vec![reader_gone, success]);
    let asked = thread::spawn(move || {
        let to = peer.attach();
        [(); 2].map(|()| peer.ask(CHALLENGE, &to))
    });

    run(&mut bridge, "challenge answered");
    let [first, second] = asked.join().unwrap();
    assert_eq!(first, "CTRL-RSP-SIM-7:UMTS-FAIL");
    assert!(second.starts_with("CTRL-RSP-SIM-7:UMTS-AUTH:"));
}

#[test]
fn it_waits_for_wpa_supplicant_and_comes_back_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("wlan0");
    let mut bridge = bridge(&folder, vec![success]);
    assert_eq!(
        run(&mut bridge, "waiting for wpa_supplicant"),
        ["waiting for wpa_supplicant"]
    );

    for round in 0..2 {
        let peer = Peer::at(&path);
        let asked = thread::spawn(move || {
            let to = peer.attach();
            peer.ask(CHALLENGE, &to)
        });
        let events = run(&mut bridge, "challenge answered");
        assert_eq!(
            events,
            ["attached to wpa_supplicant", "challenge answered"],
            "{round}"
        );
        asked.join().unwrap();
        // killed: no word of parting, and its name stays
        assert!(path.exists());
        let gone = run(&mut bridge, "wpa_supplicant went away");
        assert_eq!(gone, ["wpa_supplicant went away"]);
        std::fs::remove_file(&path).unwrap();
        run(&mut bridge, "waiting for wpa_supplicant");
    }
}
