//! Any octets from a virtual reader, in pieces of any size.
//!
//! Holds: however they are cut, the requests are those of the whole; none is longer than what
//! came; there is always room for the next octet.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usim::soft::vpcd::{Frames, Request};

fuzz_target!(|data: &[u8]| {
    let Some((sizes, octets)) = data.split_at_checked(data.len().min(8)) else {
        return;
    };
    let mut expected = model(octets).into_iter();
    let mut frames = Frames::new();
    let mut rest = octets;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = sizes.next().map_or(1, |size| usize::from(*size) + 1);
        let space = frames.space();
        assert!(!space.is_empty(), "stuck");
        let size = size.min(space.len()).min(rest.len());
        let (now, later) = rest.split_at(size);
        for (to, from) in space.iter_mut().zip(now) {
            *to = *from;
        }
        frames.received(size);
        rest = later;
        while let Some(request) = frames.next_request() {
            assert_eq!(Some(Owned::of(request)), expected.next());
        }
    }
    assert_eq!(expected.next(), None, "a request was lost");
});

#[derive(Debug, PartialEq, Eq)]
enum Owned {
    Control(u8),
    Command(Vec<u8>),
}

impl Owned {
    fn of(request: Request<'_>) -> Self {
        match request {
            Request::PowerOff => Self::Control(0),
            Request::PowerOn => Self::Control(1),
            Request::Reset => Self::Control(2),
            Request::Atr => Self::Control(4),
            Request::Command(command) => Self::Command(command.to_vec()),
        }
    }
}

/// All whole frames of the octets; empty ones and controls that nobody knows mean nothing.
fn model(mut octets: &[u8]) -> Vec<Owned> {
    let mut requests = Vec::new();
    while let [high, low, rest @ ..] = octets {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((frame, behind)) = rest.split_at_checked(length) else {
            break;
        };
        match frame {
            [control @ (0 | 1 | 2 | 4)] => requests.push(Owned::Control(*control)),
            [] | [_] => {}
            command => requests.push(Owned::Command(command.to_vec())),
        }
        octets = behind;
    }
    requests
}
