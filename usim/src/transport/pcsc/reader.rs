//! Which readers there are.

use std::{
    ffi::{CStr, CString},
    str::FromStr,
    time::Duration,
};

use pcsc::{Context, ReaderState, Scope, State};

use crate::transport::{TransportError, TransportErrorKind};

/// A reader, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reader {
    /// The name that PC/SC gives it.
    pub name: String,
    /// What is in it.
    pub presence: Presence,
}

/// What is in a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Presence {
    /// Nothing.
    Empty,
    /// A card, with its answer to reset.
    Card {
        /// The answer to reset.
        atr: Vec<u8>,
    },
    /// A card that does not answer.
    Mute,
    /// The reader cannot be asked.
    Unknown,
}

/// The readers of this machine, in the order of their indices.
///
/// # Errors
/// [`Unavailable`](TransportErrorKind::Unavailable) without the PC/SC daemon.
///
/// ```no_run
/// for (index, reader) in usim::transport::pcsc::readers()?.iter().enumerate() {
///     println!("{index}: {} {:?}", reader.name, reader.presence);
/// }
/// # Ok::<(), usim::transport::TransportError>(())
/// ```
pub fn readers() -> Result<Vec<Reader>, TransportError> {
    let context = context()?;
    let names = names(&context)?.into_iter();
    let mut states: Vec<_> = names
        .map(|name| ReaderState::new(name, State::UNAWARE))
        .collect();
    if !states.is_empty() {
        context.get_status_change(Duration::ZERO, &mut states)?;
    }
    Ok(states.iter().map(Reader::of).collect())
}

impl Reader {
    pub(super) fn of(state: &ReaderState) -> Self {
        Self {
            name: state.name().to_string_lossy().into_owned(),
            presence: Presence::of(state),
        }
    }
}

impl Presence {
    fn of(state: &ReaderState) -> Self {
        let bits = state.event_state();
        if bits.intersects(State::UNKNOWN | State::UNAVAILABLE) {
            Self::Unknown
        } else if bits.contains(State::MUTE) {
            Self::Mute
        } else if bits.contains(State::PRESENT) {
            Self::Card {
                atr: state.atr().to_vec(),
            }
        } else {
            Self::Empty
        }
    }
}

/// Which reader is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReaderSelector {
    /// The reader of this name, or the only one whose name contains it.
    Name(String),
    /// The reader at this place of the list, counted from 0.
    Index(usize),
}

impl ReaderSelector {
    pub(super) fn find(&self, context: &Context) -> Result<CString, TransportError> {
        let position = self.choose(&names(context)?).cloned();
        position.ok_or_else(|| TransportErrorKind::Unavailable.into())
    }

    fn choose<'a>(&self, names: &'a [CString]) -> Option<&'a CString> {
        let wanted = match self {
            Self::Index(index) => return names.get(*index),
            Self::Name(name) => name.as_str(),
        };
        let exact = names
            .iter()
            .find(|name| name.to_bytes() == wanted.as_bytes());
        let mut partial = names
            .iter()
            .filter(|name| name.to_string_lossy().contains(wanted));
        exact.or_else(|| partial.next().filter(|_only| partial.next().is_none()))
    }
}

impl From<&str> for ReaderSelector {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<usize> for ReaderSelector {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl FromStr for ReaderSelector {
    type Err = std::convert::Infallible;

    /// Digits are an index, everything else is a name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let index = text.parse().map(Self::Index);
        Ok(index.unwrap_or_else(|_no_number| Self::Name(text.to_owned())))
    }
}

pub(super) fn context() -> Result<Context, TransportError> {
    Ok(Context::establish(Scope::User)?)
}

/// The names of all readers; none when there is no reader.
pub(super) fn names(context: &Context) -> Result<Vec<CString>, TransportError> {
    match context.list_readers_owned() {
        Ok(names) => Ok(names),
        Err(pcsc::Error::NoReadersAvailable) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Whether this is the pseudo reader that tells of new readers.
pub(super) fn is_plug_and_play(name: &CStr) -> bool {
    name == pcsc::PNP_NOTIFICATION()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(selector: &str) -> Option<String> {
        let names = [
            c"Virtual PCD 00 00",
            c"Virtual PCD 00 01",
            c"Other 1",
            c"Other",
        ];
        let names = names.map(CString::from);
        let selector: ReaderSelector = selector.parse().unwrap();
        selector
            .choose(&names)
            .map(|name| name.to_string_lossy().into_owned())
    }

    #[test]
    fn a_reader_is_chosen_by_index_name_or_a_part_that_fits_no_other() {
        assert_eq!(choose("1").as_deref(), Some("Virtual PCD 00 01"));
        assert_eq!(choose("Other").as_deref(), Some("Other"));
        assert_eq!(choose("00 00").as_deref(), Some("Virtual PCD 00 00"));
    }

    #[test]
    fn an_ambiguous_part_an_unknown_name_and_an_index_beyond_the_list_choose_none() {
        assert_eq!(choose("Virtual"), None);
        assert_eq!(choose("Gemalto"), None);
        assert_eq!(choose("4"), None);
    }
}
