//! The modem at a pseudo terminal.

use super::*;

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
