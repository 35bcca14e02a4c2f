//! Cards to put behind the server.

use std::sync::{Arc, Mutex};

use usim::{
    Imei,
    apdu::Channel,
    soft::{Profile, SoftCard},
    transport::{
        Transport, TransportError, TransportInfo,
        fault::{FaultInjector, Faults},
        replay::{Record, Recording},
    },
};

/// A transport that outlives its session, as a card in a reader does.
pub(crate) struct Kept<T>(Arc<Mutex<T>>);

impl<T: Transport> Kept<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self(Arc::new(Mutex::new(inner)))
    }

    /// Connects anew, which resets the card.
    pub(crate) fn connect(&self) -> Result<Box<dyn Transport>, usim::Error>
    where
        T: 'static,
    {
        self.0.lock().unwrap().reset()?;
        Ok(Box::new(Self(Arc::clone(&self.0))))
    }
}

impl<T: Transport> Transport for Kept<T> {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        self.0.lock().unwrap().transmit(command, response)
    }

    fn begin(&mut self) -> Result<(), TransportError> {
        self.0.lock().unwrap().begin()
    }

    fn end(&mut self) -> Result<(), TransportError> {
        self.0.lock().unwrap().end()
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.0.lock().unwrap().reset()
    }

    fn check(&mut self) -> Result<(), TransportError> {
        self.0.lock().unwrap().check()
    }

    fn info(&self) -> TransportInfo {
        self.0.lock().unwrap().info()
    }

    fn imei(&mut self) -> Result<Imei, TransportError> {
        self.0.lock().unwrap().imei()
    }

    fn open_channel(&mut self, aid: &[u8]) -> Result<Option<Channel>, TransportError> {
        self.0.lock().unwrap().open_channel(aid)
    }

    fn close_channel(&mut self, channel: Channel) -> Result<(), TransportError> {
        self.0.lock().unwrap().close_channel(channel)
    }
}

/// A software card that does something else with some commands.
pub(crate) struct Intercept<F> {
    card: SoftCard,
    answer: F,
}

impl<F: Fn(&[u8]) -> Option<Vec<u8>>> Intercept<F> {
    /// Answers with what `answer` says, and asks the card where it says nothing.
    pub(crate) fn new(answer: F) -> Self {
        Self {
            card: soft(),
            answer,
        }
    }
}

impl<F: Fn(&[u8]) -> Option<Vec<u8>> + Send> Transport for Intercept<F> {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        match (self.answer)(command) {
            None => self.card.transmit(command, response),
            Some(answer) => {
                response[..answer.len()].copy_from_slice(&answer);
                Ok(answer.len())
            }
        }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.card.reset()
    }

    fn info(&self) -> TransportInfo {
        self.card.info()
    }
}

/// The card of the default profile.
pub(crate) fn soft() -> SoftCard {
    SoftCard::new(Profile::default())
}

/// A card of a profile in TOML.
pub(crate) fn with_profile(toml: &str) -> SoftCard {
    SoftCard::new(Profile::from_toml(toml).unwrap())
}

/// A card that writes down what reaches it.
pub(crate) fn recorded() -> (Record<SoftCard>, Recording) {
    let card = Record::new(soft());
    let recording = card.recording();
    (card, recording)
}

/// A card to which things happen, and which writes down what reaches it.
pub(crate) fn faulty() -> (FaultInjector<Record<SoftCard>>, Faults, Recording) {
    let (card, recording) = recorded();
    let card = FaultInjector::new(card);
    let faults = card.faults();
    (card, faults, recording)
}

/// How many commands with this instruction a card has seen.
pub(crate) fn seen(recording: &Recording, instruction: &str) -> usize {
    let text = recording.danger_to_text();
    let commands = text.lines().filter_map(|line| line.strip_prefix("> "));
    commands
        .filter(|command| command.get(2..4) == Some(instruction))
        .count()
}
