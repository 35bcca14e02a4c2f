//! The port with a modem at its other end.

use std::{
    fmt,
    io::{self, ErrorKind, Read, Write},
    time::{Duration, Instant},
};

use serialport::{ClearBuffer, FlowControl, SerialPort};
use zeroize::Zeroizing;

use crate::{
    at::{Dialogue, Reply, Request},
    transport::{TransportError, TransportErrorKind, serial::Options},
};

pub(super) struct Line {
    port: Box<dyn SerialPort>,
    dialogue: Dialogue,
    timeout: Duration,
    step: Step,
}

/// Whether what the modem writes next belongs to what it is asked next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    In,
    /// An answer did not come in time, and may still come.
    Out,
}

impl Line {
    pub(super) fn open(port: &str, options: &Options) -> Result<Self, TransportError> {
        let builder = serialport::new(port, options.baud_rate).flow_control(FlowControl::None);
        let port = builder.timeout(options.timeout).open();
        let port =
            port.map_err(|error| TransportError::new(TransportErrorKind::Unavailable, error));
        let mut line = Self {
            port: port?,
            dialogue: Dialogue::new(),
            timeout: options.timeout,
            step: Step::In,
        };
        line.greet()?;
        Ok(line)
    }

    /// Asks the modem, and waits for its answer.
    pub(super) fn ask(&mut self, request: &Request) -> Result<Reply, TransportError> {
        let deadline = Instant::now() + self.timeout;
        if self.step == Step::Out {
            self.fall_into_step(deadline)?;
        }
        self.exchange(request, deadline)
    }

    /// Whether the port is still there.
    pub(super) fn check(&self) -> Result<(), TransportError> {
        let waiting = self.port.bytes_to_read();
        waiting.map_err(|error| TransportError::new(TransportErrorKind::Unavailable, error))?;
        Ok(())
    }

    /// Wakes the modem, whatever it was in the middle of, and makes it speak as is best.
    fn greet(&mut self) -> Result<(), TransportError> {
        let deadline = Instant::now() + self.timeout;
        let first = self.timeout / GREETINGS;
        let mut greeting = Err(TransportErrorKind::Timeout.into());
        for _ in 0..GREETINGS {
            greeting = self.exchange(&Request::attention(), Instant::now() + first);
            if !is_timeout(&greeting) {
                break;
            }
        }
        tolerate_refusal(greeting)?;
        for request in [Request::echo_off(), Request::numeric_errors()] {
            tolerate_refusal(self.exchange(&request, deadline.max(Instant::now() + first)))?;
        }
        Ok(())
    }

    /// Lets a late answer pass: the modem is heard out, and then has to answer something else.
    fn fall_into_step(&mut self, deadline: Instant) -> Result<(), TransportError> {
        let mut buffer = Zeroizing::new([0; CHUNK]);
        while !is_timeout(&self.read(&mut *buffer, deadline.min(Instant::now() + QUIET))) {
            if Instant::now() >= deadline {
                return Err(TransportErrorKind::Timeout.into());
            }
        }
        tolerate_refusal(self.exchange(&Request::attention(), deadline))?;
        // What was taken for this answer may have been the late one.
        self.dialogue.expect_stray();
        self.step = Step::In;
        Ok(())
    }

    fn exchange(&mut self, request: &Request, deadline: Instant) -> Result<Reply, TransportError> {
        // Nothing that was said before concerns this request; nothing unread shall pile up.
        self.port.clear(ClearBuffer::All).map_err(io_error)?;
        let line = Zeroizing::new(self.dialogue.ask(request));
        let exchanged = self
            .write(&line, deadline)
            .and_then(|()| self.listen(deadline));
        if is_timeout(&exchanged) {
            self.step = Step::Out;
        }
        exchanged
    }

    fn write(&mut self, line: &[u8], deadline: Instant) -> Result<(), TransportError> {
        self.port
            .set_timeout(remaining(deadline))
            .map_err(io_error)?;
        self.port.write_all(line).map_err(io_error)
    }

    fn listen(&mut self, deadline: Instant) -> Result<Reply, TransportError> {
        let mut buffer = Zeroizing::new([0; CHUNK]);
        loop {
            let size = self.read(&mut *buffer, deadline)?;
            let heard = buffer.get(..size).unwrap_or_default();
            if let Some(outcome) = self.dialogue.hear(heard) {
                return Ok(outcome?);
            }
            if Instant::now() >= deadline {
                return Err(TransportErrorKind::Timeout.into());
            }
        }
    }

    fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> Result<usize, TransportError> {
        self.port
            .set_timeout(remaining(deadline))
            .map_err(io_error)?;
        match self.port.read(buffer) {
            Ok(0) => Err(TransportErrorKind::Unavailable.into()),
            Ok(size) => Ok(size),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(0),
            Err(error) => Err(io_error(error)),
        }
    }
}

/// How often a modem is greeted before it counts as absent.
const GREETINGS: u32 = 3;
/// After this long without a word, a modem has nothing more to say.
const QUIET: Duration = Duration::from_millis(100);
const CHUNK: usize = 1024;

fn remaining(deadline: Instant) -> Duration {
    // A limit of zero would mean none on some systems.
    let left = deadline.saturating_duration_since(Instant::now());
    left.max(Duration::from_millis(1))
}

fn is_timeout<T>(outcome: &Result<T, TransportError>) -> bool {
    matches!(outcome, Err(error) if error.kind() == TransportErrorKind::Timeout)
}

/// A modem that refuses is there, and that is all that was asked.
fn tolerate_refusal(outcome: Result<Reply, TransportError>) -> Result<(), TransportError> {
    match outcome {
        Err(error) if is_fatal(&error) => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn is_fatal(error: &TransportError) -> bool {
    matches!(
        error.kind(),
        TransportErrorKind::Timeout
            | TransportErrorKind::Unavailable
            | TransportErrorKind::Protocol
    )
}

fn io_error(error: impl Into<io::Error>) -> TransportError {
    let error = error.into();
    let kind = if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) {
        TransportErrorKind::Timeout
    } else {
        TransportErrorKind::Unavailable
    };
    TransportError::new(kind, error)
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("port", &self.port.name())
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}
