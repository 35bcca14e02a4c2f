//! `wpa_supplicant` logs in with a SIM that sits elsewhere: the bridge answers what it asks of an
//! external SIM (`external_sim=1` in its configuration).

mod control;
mod message;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

use usim::{ApplicationKind, Error, Fault, Subscriber, assumed_mnc_length};
use zeroize::Zeroizing;

pub(crate) use control::Control;
use control::{NoInterface, interface};
pub(crate) use message::Method;
use message::{Challenge, Message};

/// How often a quiet peer is asked whether it is still there, and an absent one looked for.
const PATIENCE: Duration = Duration::from_millis(500);

/// What happened, for the log: no identity, no key.
#[derive(Debug)]
pub(crate) enum Event {
    /// Nobody is at the control interface yet.
    Waiting,
    /// `wpa_supplicant` is there.
    Attached,
    /// It went away.
    Gone,
    /// The identity was asked for, and sent.
    Identified,
    /// A challenge was asked, and answered.
    Answered,
    /// `wpa_supplicant` did not take an answer.
    Refused,
    /// The SIM has no answer.
    NoAnswer(Error),
}

/// A bridge between one control interface and one subscriber.
pub(crate) struct Bridge<O> {
    path: PathBuf,
    control: Control,
    method: Method,
    /// Opens the subscriber, anew after its way broke.
    opener: O,
    subscriber: Option<Box<dyn Subscriber>>,
    peer: Option<PathBuf>,
    waiting: bool,
}

impl<O> Bridge<O>
where
    O: FnMut() -> Result<Box<dyn Subscriber>, Error>,
{
    pub(crate) const fn new(path: PathBuf, control: Control, method: Method, opener: O) -> Self {
        Self {
            path,
            control,
            method,
            opener,
            subscriber: None,
            peer: None,
            waiting: false,
        }
    }

    /// Waits a moment for something to happen; `None` when nothing did.
    ///
    /// # Errors
    /// When our own socket fails, or several interfaces could be meant.
    pub(crate) fn step(&mut self) -> anyhow::Result<Option<Event>> {
        match self.peer.clone() {
            Some(peer) => Ok(self.listen(&peer)?),
            None => self.attach(),
        }
    }

    fn attach(&mut self) -> anyhow::Result<Option<Event>> {
        match interface(&self.path) {
            Ok(peer) if self.ask_to_attach(&peer).is_ok() => {
                let answer = self.control.receive(PATIENCE)?;
                if answer.is_some_and(|answer| answer.as_slice() == b"OK\n") {
                    self.peer = Some(peer);
                    self.waiting = false;
                    return Ok(Some(Event::Attached));
                }
            }
            Ok(_) | Err(NoInterface::NotYet) if self.waiting => {
                // nobody knows our name, so this only lets time pass
                self.control.receive(PATIENCE)?;
            }
            Ok(_) | Err(NoInterface::NotYet) => {}
            Err(error) => return Err(error.into()),
        }
        let first = !self.waiting;
        self.waiting = true;
        Ok(first.then_some(Event::Waiting))
    }

    fn ask_to_attach(&self, peer: &Path) -> io::Result<()> {
        self.control.listen_to(peer)?;
        self.control.send(peer, "ATTACH")
    }

    fn listen(&mut self, peer: &Path) -> io::Result<Option<Event>> {
        let Some(datagram) = self.control.receive(PATIENCE)? else {
            return Ok(self.send(peer, "PING", None));
        };
        match Message::parse(&datagram) {
            Some(Message::Challenge { network, challenge }) => {
                Ok(self.challenge(peer, &network, &challenge))
            }
            Some(Message::Identity { network }) => Ok(self.identity(peer, &network)),
            Some(Message::Terminating) => {
                self.peer = None;
                Ok(Some(Event::Gone))
            }
            Some(Message::Refused) => Ok(Some(Event::Refused)),
            None => Ok(None),
        }
    }

    fn challenge(&mut self, peer: &Path, network: &str, challenge: &Challenge) -> Option<Event> {
        let answer = self.ask(|subscriber| match challenge {
            Challenge::Umts { rand, autn } => {
                let answer = subscriber.authenticate(ApplicationKind::Usim, rand, autn)?;
                Ok(message::umts(&answer))
            }
            Challenge::Gsm { rands } => {
                let answers = rands.iter().map(|rand| subscriber.authenticate_gsm(rand));
                Ok(message::gsm(&answers.collect::<Result<Vec<_>, _>>()?))
            }
        });
        let (answer, event) = match answer {
            Ok(answer) => (answer, Event::Answered),
            Err(error) => {
                let failure = Zeroizing::new(challenge.failure().to_owned());
                (failure, Event::NoAnswer(error))
            }
        };
        let response = message::response("SIM", network, &answer);
        self.send(peer, &response, Some(event))
    }

    fn identity(&mut self, peer: &Path, network: &str) -> Option<Event> {
        let method = self.method;
        let identity = self.ask(|subscriber| {
            let identity = subscriber.identity()?;
            let mnc_length = identity.mnc_length;
            let mnc_length = mnc_length.unwrap_or_else(|| assumed_mnc_length(&identity.imsi));
            Ok(message::identity(method, &identity.imsi, mnc_length))
        });
        match identity {
            Ok(identity) => {
                let response = message::response("IDENTITY", network, &identity);
                self.send(peer, &response, Some(Event::Identified))
            }
            Err(error) => Some(Event::NoAnswer(error)),
        }
    }

    /// Asks the subscriber once; when its way broke, the next question opens it anew.
    fn ask<T>(
        &mut self,
        question: impl FnOnce(&mut dyn Subscriber) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut subscriber = match self.subscriber.take() {
            Some(subscriber) => subscriber,
            None => (self.opener)()?,
        };
        let answer = question(&mut *subscriber);
        let broken = matches!(&answer, Err(error) if error.fault() == Fault::Transport);
        self.subscriber = (!broken).then_some(subscriber);
        answer
    }

    /// `event` when the command is on its way, [`Event::Gone`] when nobody is there any more.
    fn send(&mut self, peer: &Path, command: &str, event: Option<Event>) -> Option<Event> {
        if self.control.send(peer, command).is_ok() {
            return event;
        }
        self.peer = None;
        Some(Event::Gone)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => f.write_str("waiting for wpa_supplicant"),
            Self::Attached => f.write_str("attached to wpa_supplicant"),
            Self::Gone => f.write_str("wpa_supplicant went away"),
            Self::Identified => f.write_str("identity sent"),
            Self::Answered => f.write_str("challenge answered"),
            Self::Refused => f.write_str("wpa_supplicant did not take the answer"),
            Self::NoAnswer(error) => write!(f, "the SIM has no answer: {error}"),
        }
    }
}

#[cfg(test)]
mod tests;
