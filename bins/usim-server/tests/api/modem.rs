//! A modem on a pseudo terminal, with the software card in it.

use std::{path::PathBuf, sync::mpsc, thread};

use tempfile::TempDir;
use usim::{
    soft::{
        Quirks, Stop,
        modem::{self, Event},
    },
    transport::{
        TransportKind,
        replay::Recording,
        serial::{Options, SerialTransport},
    },
};

use crate::{
    cards,
    home::{CK, Centre, IK, RES},
    server::{Server, Setup},
};

/// A modem that is there as long as this is.
struct Modem {
    stop: Stop,
    recording: Recording,
    link: PathBuf,
    _folder: TempDir,
}

impl Modem {
    fn plug_in() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("ttySIM");
        let (mut card, recording) = cards::recorded();
        let (stop, (ready, is_ready)) = (Stop::new(), mpsc::channel());
        let (other, port) = (stop.clone(), link.clone());
        thread::spawn(move || {
            modem::run(&mut card, &port, &Quirks::default(), &other, |event| {
                if matches!(event, Event::Ready) {
                    ready.send(()).unwrap_or_default();
                }
            })
        });
        is_ready.recv().unwrap();
        Self {
            stop,
            recording,
            link,
            _folder: folder,
        }
    }

    async fn shared(&self) -> Server {
        let port = self.link.to_str().unwrap();
        let transport = SerialTransport::open(port, Options::default()).unwrap();
        let setup = Setup::new();
        let setup = setup.labelled(TransportKind::Serial, None, transport).await;
        setup.build()
    }
}

impl Drop for Modem {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

#[tokio::test]
async fn a_sim_in_a_modem_answers_as_one_in_a_reader_does() {
    let modem = Modem::plug_in();
    let (server, centre) = (modem.shared().await, Centre::new());
    let imsi = server.get("/?type=imsi").await;
    assert_eq!(imsi.body, "{\n\t\"imsi\": \"001010000000001\"\n}");
    let (res, ck, ik) = (RES.to_uppercase(), CK.to_uppercase(), IK.to_uppercase());
    let keys = server.get(&centre.challenge()).await;
    assert_eq!(
        keys.body,
        format!("{{\n\t\"res\": \"{res}\",\n\t\"ck\": \"{ck}\",\n\t\"ik\": \"{ik}\"\n}}")
    );
    let imei = server.get("/?type=imei").await;
    assert_eq!(imei.status, 200);
    assert_eq!(imei.json()["imei"].as_str().unwrap().len(), 15);
    assert_eq!(server.get("/v1/sims/0").await.json()["kind"], "serial");
}

#[tokio::test]
async fn an_injected_command_is_never_written_to_the_modem() {
    let modem = Modem::plug_in();
    let server = modem.shared().await;
    let before = modem.recording.danger_to_text();
    for injection in [
        "00%22%0D%0AATD%2B1555;%0D%0A",
        "00A40004023F00%0D%0AAT%2BCFUN=0%0D",
    ] {
        let answer = server.get(&format!("/?type=apdu&hex={injection}")).await;
        assert_eq!(answer.status, 400, "{injection}");
    }
    assert_eq!(modem.recording.danger_to_text(), before);
    assert_eq!(server.get("/?type=imsi").await.status, 200);
}
