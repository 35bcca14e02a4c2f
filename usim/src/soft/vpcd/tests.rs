//! The card's side of the protocol, against a reader made of a listening socket.

use std::{net::TcpListener, sync::mpsc, thread};

use super::*;
use crate::soft::{Profile, SoftCard};

/// A reader, and the card that looks for it until the reader is dropped.
struct Reader {
    listener: TcpListener,
    stop: Stop,
    events: mpsc::Receiver<Event>,
    card: Option<thread::JoinHandle<()>>,
}

impl Reader {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, events) = mpsc::channel();
        let stop = Stop::new();
        let stopped = stop.clone();
        let card = thread::spawn(move || {
            let mut card = SoftCard::new(Profile::default());
            run(&mut card, address, &stopped, |event| {
                sender.send(event).unwrap_or_default();
            });
        });
        Self {
            listener,
            stop,
            events,
            card: Some(card),
        }
    }

    fn insert(&self) -> TcpStream {
        let (stream, _) = self.listener.accept().unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(card) = self.card.take() {
            card.join().unwrap();
        }
    }
}

/// Sends a frame as Debian's reader does: the length first, then the payload.
fn tell(mut stream: &TcpStream, payload: &[u8]) {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    stream.write_all(&length).unwrap();
    stream.write_all(payload).unwrap();
}

fn ask(mut stream: &TcpStream, payload: &[u8]) -> Vec<u8> {
    tell(stream, payload);
    let mut length = [0; 2];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut answer).unwrap();
    answer
}

#[test]
fn the_card_shows_its_atr_and_answers() {
    let reader = Reader::new();
    let stream = reader.insert();
    assert_eq!(ask(&stream, &[0x04]), atr::of(Protocol::T0));
    tell(&stream, &[0x01]);
    assert_eq!(
        ask(&stream, &[0x00, 0xa4, 0x00, 0x0c, 0x02, 0x2f, 0xe2]),
        [0x90, 0x00]
    );
    assert_eq!(
        ask(&stream, &[0x00, 0xb0, 0x00, 0x00, 0x01]),
        [0x98, 0x90, 0x00]
    );
}

#[test]
fn a_reset_loses_the_selection() {
    let reader = Reader::new();
    let stream = reader.insert();
    ask(&stream, &[0x00, 0xa4, 0x00, 0x0c, 0x02, 0x2f, 0xe2]);
    tell(&stream, &[0x02]);
    assert_eq!(ask(&stream, &[0x00, 0xb0, 0x00, 0x00, 0x01]), [0x69, 0x86]);
}

#[test]
fn the_card_comes_back_when_the_reader_does() {
    let reader = Reader::new();
    drop(reader.insert());
    let stream = reader.insert();
    assert_eq!(ask(&stream, &[0x04])[..2], [0x3b, 0x8e]);
    let events: Vec<_> = reader
        .events
        .try_iter()
        .map(|event| format!("{event:?}"))
        .collect();
    assert!(events[0].starts_with("Connected"), "{events:?}");
    assert!(events[1].starts_with("Disconnected"), "{events:?}");
    assert!(events[2].starts_with("Connected"), "{events:?}");
}

#[test]
fn the_pauses_grow_up_to_two_seconds() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let stop = Stop::new();
    let mut pauses = Vec::new();
    let mut card = SoftCard::new(Profile::default());
    run(&mut card, free, &stop, |event| {
        let Event::Absent(_, pause) = event else {
            panic!("{event:?}")
        };
        pauses.push(pause);
        if pauses.len() == 3 {
            stop.stop();
        }
    });
    assert_eq!(pauses, [50, 100, 200].map(Duration::from_millis));
}

#[test]
fn a_card_that_is_gone_leaves_the_reader() {
    struct Gone;
    impl Transport for Gone {
        fn transmit(&mut self, _: &[u8], _: &mut [u8]) -> Result<usize, TransportError> {
            Err(TransportErrorKind::CardRemoved.into())
        }
        fn reset(&mut self) -> Result<(), TransportError> {
            Ok(())
        }
        fn info(&self) -> crate::transport::TransportInfo {
            crate::transport::TransportInfo::new(crate::transport::TransportKind::Remote, "gone")
        }
    }
    let mut frame = [0; 300];
    let atr = respond(&mut Gone, Request::Atr, &mut frame)
        .unwrap()
        .unwrap();
    assert_eq!(frame[2..atr], atr::of(Protocol::T0));
    let error = respond(&mut Gone, Request::Command(&[0, 0xa4, 0, 0]), &mut frame).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::CardRemoved);
}
