//! Where a SIM is, as a command line or a configuration names it.

use std::{fmt, str::FromStr};

use crate::{CallerError, Card, Error, Subscriber};

use remote::Dialect;

/// Text names no place where a SIM could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected soft, reader:NAME, modem:PORT, https://HOST, original:HOST or pysim:HOST")]
#[non_exhaustive]
pub struct InvalidPlace;

/// Where a SIM is: for programs that take whichever their command line names.
///
/// | text | what | feature |
/// |---|---|---|
/// | `soft` | the software card, with its default profile | `soft` |
/// | `reader:0`, `reader:NAME` | a PC/SC reader, by its place in the list or (part of) its name | `pcsc` |
/// | `modem:/dev/ttyUSB2` | a modem's serial port | `serial` |
/// | `https://HOST` | a server, in its typed dialect | `remote` |
/// | `original:HOST`, `pysim:HOST` | a server that speaks one of the older dialects | `remote` |
///
/// ```
/// use usim::{Place, Subscriber};
///
/// # #[cfg(feature = "soft")] {
/// let place: Place = "soft".parse()?;
/// let identity = place.subscriber()?.identity()?;
/// assert_eq!(identity.imsi.as_str(), "001010000000001");
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// In software, with the default profile.
    Soft,
    /// In a PC/SC reader: its name, a part of it, or its place in the list, from 0.
    Reader(String),
    /// In a modem at this serial port.
    Modem(String),
    /// Behind a server in its typed dialect.
    Server(String),
    /// Behind a server that speaks as the first ones did.
    Original(String),
    /// Behind pySim's server.
    PySim(String),
}

impl Place {
    /// Opens the card there. A server is asked without a token, and trusted by the roots of the
    /// web; `transport::remote::Server` says otherwise.
    ///
    /// # Errors
    /// [`CallerError::NotBuiltIn`] without the place's feature, [`CallerError::InvalidAddress`];
    /// otherwise as [`Card::open`].
    pub fn card(&self) -> Result<Card, Error> {
        match self {
            Self::Soft => soft(),
            Self::Reader(reader) => pcsc(reader),
            Self::Modem(port) => serial(port),
            Self::Server(address) => remote::card(address, Dialect::Typed),
            Self::Original(address) => remote::card(address, Dialect::Original),
            Self::PySim(address) => remote::card(address, Dialect::PySim),
        }
    }

    /// Reaches the subscriber there: through the card, or by asking the server.
    ///
    /// # Errors
    /// As [`card`](Place::card).
    pub fn subscriber(&self) -> Result<Box<dyn Subscriber>, Error> {
        match self {
            Self::Soft | Self::Reader(_) | Self::Modem(_) => Ok(Box::new(self.card()?)),
            Self::Server(address) => remote::subscriber(address, Dialect::Typed),
            Self::Original(address) => remote::subscriber(address, Dialect::Original),
            Self::PySim(address) => remote::subscriber(address, Dialect::PySim),
        }
    }
}

impl FromStr for Place {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "soft" {
            return Ok(Self::Soft);
        }
        let (kind, name) = text.split_once(':').ok_or(InvalidPlace)?;
        if name.is_empty() {
            return Err(InvalidPlace);
        }
        let name = || name.to_owned();
        match kind {
            "reader" => Ok(Self::Reader(name())),
            "modem" => Ok(Self::Modem(name())),
            "http" | "https" => Ok(Self::Server(text.to_owned())),
            "original" => Ok(Self::Original(name())),
            "pysim" => Ok(Self::PySim(name())),
            _ => Err(InvalidPlace),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Soft => f.write_str("soft"),
            Self::Reader(name) => write!(f, "reader:{name}"),
            Self::Modem(port) => write!(f, "modem:{port}"),
            Self::Server(address) => f.write_str(address),
            Self::Original(address) => write!(f, "original:{address}"),
            Self::PySim(address) => write!(f, "pysim:{address}"),
        }
    }
}

#[cfg(feature = "soft")]
fn soft() -> Result<Card, Error> {
    use crate::soft::{Profile, SoftCard};

    Card::open(SoftCard::new(Profile::default()))
}

#[cfg(not(feature = "soft"))]
fn soft() -> Result<Card, Error> {
    Err(CallerError::NotBuiltIn { feature: "soft" }.into())
}

#[cfg(feature = "pcsc")]
fn pcsc(reader: &str) -> Result<Card, Error> {
    use crate::transport::pcsc::PcscTransport;

    let transport = match reader.parse::<usize>() {
        Ok(index) => PcscTransport::connect(index)?,
        Err(_) => PcscTransport::connect(reader)?,
    };
    Card::open(transport)
}

#[cfg(not(feature = "pcsc"))]
fn pcsc(_reader: &str) -> Result<Card, Error> {
    Err(CallerError::NotBuiltIn { feature: "pcsc" }.into())
}

#[cfg(feature = "serial")]
fn serial(port: &str) -> Result<Card, Error> {
    use crate::transport::serial::{Options, SerialTransport};

    Card::open(SerialTransport::open(port, Options::default())?)
}

#[cfg(not(feature = "serial"))]
fn serial(_port: &str) -> Result<Card, Error> {
    Err(CallerError::NotBuiltIn { feature: "serial" }.into())
}

#[cfg(feature = "remote")]
mod remote {
    use super::{CallerError, Card, Error, Subscriber};
    pub(super) use crate::transport::remote::Dialect;
    use crate::transport::remote::{RemoteSubscriber, RemoteTransport, Server};

    pub(super) fn card(address: &str, dialect: Dialect) -> Result<Card, Error> {
        Card::open(RemoteTransport::new(&server(address)?, dialect)?)
    }

    pub(super) fn subscriber(
        address: &str,
        dialect: Dialect,
    ) -> Result<Box<dyn Subscriber>, Error> {
        Ok(Box::new(RemoteSubscriber::new(&server(address)?, dialect)))
    }

    fn server(address: &str) -> Result<Server, CallerError> {
        Ok(Server::new(address)?)
    }
}

#[cfg(not(feature = "remote"))]
mod remote {
    use super::{CallerError, Card, Error, Subscriber};

    #[derive(Clone, Copy)]
    pub(super) enum Dialect {
        Typed,
        Original,
        PySim,
    }

    pub(super) fn card(_address: &str, _dialect: Dialect) -> Result<Card, Error> {
        Err(CallerError::NotBuiltIn { feature: "remote" }.into())
    }

    pub(super) fn subscriber(
        _address: &str,
        _dialect: Dialect,
    ) -> Result<Box<dyn Subscriber>, Error> {
        Err(CallerError::NotBuiltIn { feature: "remote" }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_written_as_it_is_read() {
        for text in [
            "soft",
            "reader:0",
            "reader:Virtual PCD 00 00",
            "modem:/dev/ttyUSB2",
            "https://sim.example:8443/office",
            "http://127.0.0.1:18080",
            "original:sim.example",
            "pysim:127.0.0.1:8000",
        ] {
            assert_eq!(
                text.parse::<Place>().map(|place| place.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn other_text_is_no_place() {
        for text in ["", "hard", "reader", "reader:", "ftp://sim.example", ":0"] {
            assert_eq!(text.parse::<Place>(), Err(InvalidPlace), "{text}");
        }
    }

    #[cfg(feature = "remote")]
    #[test]
    fn a_server_in_plain_text_elsewhere_is_refused() {
        let place: Place = "http://sim.example".parse().unwrap();
        let error = place.subscriber().map(drop).unwrap_err();
        assert!(matches!(
            error,
            Error::Caller(CallerError::InvalidAddress(_))
        ));
    }

    #[cfg(not(feature = "serial"))]
    #[test]
    fn a_place_without_its_feature_says_which() {
        let error = Place::Modem("/dev/ttyUSB2".to_owned()).card().unwrap_err();
        let feature = "serial";
        assert!(
            matches!(error, Error::Caller(CallerError::NotBuiltIn { feature: f }) if f == feature)
        );
    }
}
