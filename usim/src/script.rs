//! A transport for tests that answers from a script and refuses anything else.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use crate::transport::{
    Protocol, Transport, TransportError, TransportErrorKind, TransportInfo, TransportKind,
};

type Answer = Result<&'static str, TransportErrorKind>;

/// Plays `(command, answer)` pairs, in hexadecimal with spaces as wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    steps: Arc<Mutex<VecDeque<(&'static str, Answer)>>>,
    calls: Arc<Mutex<Vec<&'static str>>>,
    protocol: Option<Protocol>,
}

impl Script {
    pub(crate) fn new(protocol: Option<Protocol>, steps: &[(&'static str, &'static str)]) -> Self {
        let script = Self {
            protocol,
            ..Self::default()
        };
        for (command, answer) in steps {
            script.then(command, Ok(answer));
        }
        script
    }

    pub(crate) fn then(&self, command: &'static str, answer: Answer) {
        self.steps.lock().unwrap().push_back((command, answer));
    }

    /// Panics unless every step was played.
    pub(crate) fn finish(&self) {
        let left = self.steps.lock().unwrap();
        assert!(left.is_empty(), "not sent: {left:?}");
    }

    /// `begin`, `end` and `reset`, in order.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap().clone()
    }

    fn call(&self, name: &'static str) {
        self.calls.lock().unwrap().push(name);
    }

    fn play(&self, name: &'static str) -> Result<(), TransportError> {
        self.call(name);
        let mut steps = self.steps.lock().unwrap();
        match steps.front() {
            Some((step, Err(kind))) if *step == name => {
                let kind = *kind;
                steps.pop_front();
                Err(kind.into())
            }
            _ => Ok(()),
        }
    }
}

impl Transport for Script {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        let step = self.steps.lock().unwrap().pop_front();
        let (expected, answer) =
            step.unwrap_or_else(|| panic!("unexpected {}", hex::encode(command)));
        assert_eq!(hex::encode(command), hex::encode(octets(expected)));
        let answer = octets(answer?);
        let room = response.get_mut(..answer.len());
        room.ok_or(TransportErrorKind::BufferTooSmall)?
            .copy_from_slice(&answer);
        Ok(answer.len())
    }

    fn begin(&mut self) -> Result<(), TransportError> {
        self.play("begin")
    }

    fn end(&mut self) -> Result<(), TransportError> {
        self.play("end")
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.play("reset")
    }

    fn info(&self) -> TransportInfo {
        let info = TransportInfo::new(TransportKind::Replay, "script");
        match self.protocol {
            Some(protocol) => info.with_protocol(protocol),
            None => info,
        }
    }
}

/// Octets of a hexadecimal text; `XX*n` repeats an octet.
pub(crate) fn octets(text: &str) -> Vec<u8> {
    let words = text.split_whitespace();
    words
        .flat_map(|word| match word.split_once('*') {
            Some((octet, times)) => hex::decode(octet).unwrap().repeat(times.parse().unwrap()),
            None => hex::decode(word).unwrap(),
        })
        .collect()
}
