//! Where the SIMs come from: modems, readers, software.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use usim::{
    CallerError, Error, Pin,
    soft::{Profile, ProfileError, SoftCard, StateError, StateFile},
    transport::{Transport, TransportError, TransportInfo, TransportKind},
};

#[cfg(feature = "serial")]
use usim::transport::serial::{self, SerialTransport};

use zeroize::Zeroizing;

use crate::{
    config::SimOptions,
    sim::{Changes, Label, Sim},
    sims::Sims,
};

#[cfg(feature = "pcsc")]
mod readers;

/// Why a SIM cannot be shared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The settings name none.
    #[error("there is no SIM to share: give --soft, --reader, --modem or --all-readers")]
    None,
    /// This program was built without readers or without modems.
    #[error("this program was built without the feature {feature}")]
    NotBuilt {
        /// The feature.
        feature: &'static str,
    },
    /// A profile cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A profile is wrong.
    #[error("{path} is no profile of a software SIM")]
    Profile {
        /// The file.
        path: PathBuf,
        /// What is wrong about it.
        #[source]
        source: ProfileError,
    },
    /// A file holds no PIN.
    #[error("{path} holds no PIN")]
    Pin {
        /// The file.
        path: PathBuf,
        /// What is wrong about it.
        #[source]
        source: CallerError,
    },
    /// The state of a software SIM cannot be kept.
    #[error("{path} cannot keep the state of a software SIM")]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong about it.
        #[source]
        source: StateError,
    },
    /// The system has no thread to give.
    #[error("no thread could be started for {name}")]
    Thread {
        /// The SIM's name.
        name: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Starts SIMs, all with the same deadline and the same ear for changes.
#[derive(Clone, Debug)]
pub struct Starter {
    options: SimOptions,
    deadline: Duration,
    changes: Changes,
}

impl Starter {
    /// For the SIMs that `options` name.
    pub fn new(options: SimOptions, deadline: Duration, changes: Changes) -> Self {
        Self {
            options,
            deadline,
            changes,
        }
    }

    /// Starts all of them: modems, then readers, then software. A modem or reader that is not
    /// there yet is waited for.
    ///
    /// # Errors
    /// None is named, a profile is wrong, or the system has no threads.
    pub fn start(&self) -> Result<Arc<Sims>, SourceError> {
        let sims = Arc::new(Sims::default());
        self.start_modems(&sims)?;
        self.start_readers(&sims)?;
        self.start_software(&sims)?;
        if sims.all().is_empty() && self.options.all_readers != Some(true) {
            return Err(SourceError::None);
        }
        Ok(sims)
    }

    fn start_software(&self, sims: &Sims) -> Result<(), SourceError> {
        let (aliases, profiles) = (&self.options.soft, &self.options.soft_profile);
        let states = &self.options.soft_state;
        for index in 0..aliases.len().max(profiles.len()).max(states.len()) {
            let profile = match profiles.get(index) {
                Some(path) => read_profile(path)?,
                None => Profile::numbered(index),
            };
            let card = match states.get(index) {
                Some(path) => resume(profile, path)?,
                None => SoftCard::new(profile),
            };
            let alias = aliases.get(index).filter(|alias| !alias.is_empty());
            let card = Kept::new(card);
            let name = format!("soft:{index}");
            self.push(
                sims,
                (name, alias.cloned(), TransportKind::Soft),
                move || Ok(Box::new(card.clone())),
            )?;
        }
        Ok(())
    }

    #[cfg(not(feature = "pcsc"))]
    fn start_readers(&self, _sims: &Arc<Sims>) -> Result<(), SourceError> {
        if self.options.reader.is_empty() && self.options.all_readers != Some(true) {
            return Ok(());
        }
        Err(SourceError::NotBuilt { feature: "pcsc" })
    }

    /// A modem gives up first, so that it is known by its own word and not by the deadline's.
    #[cfg(feature = "serial")]
    fn start_modems(&self, sims: &Sims) -> Result<(), SourceError> {
        let patience = self.deadline.saturating_sub(self.deadline / 10);
        for port in &self.options.modem {
            let options = serial::Options::default().with_timeout(patience);
            let (name, opened) = (port.clone(), port.clone());
            self.push(sims, (name, None, TransportKind::Serial), move || {
                let transport = SerialTransport::open(opened.clone(), options)?;
                Ok(Box::new(transport))
            })?;
        }
        Ok(())
    }

    #[cfg(not(feature = "serial"))]
    fn start_modems(&self, _sims: &Sims) -> Result<(), SourceError> {
        if self.options.modem.is_empty() {
            return Ok(());
        }
        Err(SourceError::NotBuilt { feature: "serial" })
    }

    fn push<O>(
        &self,
        sims: &Sims,
        (name, alias, kind): (String, Option<String>, TransportKind),
        open: O,
    ) -> Result<(), SourceError>
    where
        O: FnMut() -> Result<Box<dyn Transport>, Error> + Send + 'static,
    {
        let named = self.options.alias.iter().find_map(|alias| alias.of(&name));
        let alias = alias.or_else(|| named.map(str::to_owned));
        let pin = self.pin(&name, alias.as_deref())?;
        let label = Label::new(&name, kind).with_alias(alias).with_pin(pin);
        let started = Sim::start(label, self.deadline, self.changes.clone(), open);
        sims.push(started.map_err(|source| SourceError::Thread { name, source })?);
        Ok(())
    }
}

impl Starter {
    /// The PIN of the SIM that goes by `name` or `alias`, if the settings say where it stands.
    fn pin(&self, name: &str, alias: Option<&str>) -> Result<Option<Pin>, SourceError> {
        let mut files = self.options.pin_file.iter();
        let file = files.find_map(|pin| pin.of(name).or_else(|| pin.of(alias?)));
        file.map(read_pin).transpose()
    }
}

fn read_pin(path: &Path) -> Result<Pin, SourceError> {
    let text = fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|source| SourceError::Read {
        path: path.to_owned(),
        source,
    })?;
    Pin::new(text.trim()).map_err(|source| SourceError::Pin {
        path: path.to_owned(),
        source,
    })
}

fn read_profile(path: &Path) -> Result<Profile, SourceError> {
    let text = fs::read_to_string(path).map_err(|source| SourceError::Read {
        path: path.to_owned(),
        source,
    })?;
    Profile::from_toml(&text).map_err(|source| SourceError::Profile {
        path: path.to_owned(),
        source,
    })
}

fn resume(profile: Profile, path: &Path) -> Result<SoftCard, SourceError> {
    let state = StateFile::open(path).and_then(|state| SoftCard::with_state(profile, state));
    state.map_err(|source| SourceError::State {
        path: path.to_owned(),
        source,
    })
}

/// A software card that outlives its session, as a real one does: its SQN must not go back.
#[derive(Clone, Debug)]
struct Kept {
    card: Arc<Mutex<SoftCard>>,
}

impl Kept {
    fn new(card: SoftCard) -> Self {
        Self {
            card: Arc::new(Mutex::new(card)),
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut SoftCard) -> T) -> T {
        work(&mut self.card.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Transport for Kept {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        self.with(|card| card.transmit(command, response))
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.with(SoftCard::reset)
    }

    fn info(&self) -> TransportInfo {
        self.with(|card| card.info())
    }
}
