//! A card that sits elsewhere.

use crate::{
    CardError, Error, Imei,
    apdu::Channel,
    transport::{
        Transport, TransportError, TransportErrorKind, TransportInfo, TransportKind, answer,
        remote::{
            Dialect, Server,
            client::Client,
            dialect::{original, typed},
            leases::Leases,
        },
    },
};

/// The way to a card that sits elsewhere, for servers that let commands through: usim-server
/// by [`Dialect::Typed`], where a transaction is an exclusive lease, and `type=apdu` of
/// [`Dialect::Original`], where there are no transactions.
///
/// ```no_run
/// use usim::{Card, transport::remote::{Dialect, RemoteTransport, Server}};
///
/// let server = Server::new("sim.example.org:8443")?.with_token("s3cret")?;
/// let mut card = Card::open(RemoteTransport::new(&server, Dialect::Typed)?)?;
/// println!("{}", card.usim()?.imsi()?.as_str());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RemoteTransport {
    client: Client,
    speech: Speech,
}

#[derive(Debug)]
enum Speech {
    Original,
    Typed(Leases),
}

impl RemoteTransport {
    /// Does not ask the server yet.
    ///
    /// # Errors
    /// [`TransportErrorKind::Unsupported`] for [`Dialect::PySim`], which carries no commands.
    pub fn new(server: &Server, dialect: Dialect) -> Result<Self, TransportError> {
        let speech = match dialect {
            Dialect::Original => Speech::Original,
            Dialect::Typed => Speech::Typed(Leases::default()),
            Dialect::PySim => return Err(TransportErrorKind::Unsupported.into()),
        };
        Ok(Self {
            client: Client::new(server),
            speech,
        })
    }
}

impl Transport for RemoteTransport {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        let client = &self.client;
        let octets = match &mut self.speech {
            Speech::Original => original::apdu(client, command).map_err(transport_error)?,
            Speech::Typed(leases) => transmit(client, leases, command)?,
        };
        answer(&zeroize::Zeroizing::new(octets), response)
    }

    fn begin(&mut self) -> Result<(), TransportError> {
        match &mut self.speech {
            Speech::Original => Ok(()),
            Speech::Typed(leases) => leases.begin(&self.client),
        }
    }

    fn end(&mut self) -> Result<(), TransportError> {
        match &mut self.speech {
            Speech::Original => Ok(()),
            Speech::Typed(leases) => leases.end(&self.client),
        }
    }

    /// Gives back what is leased; the card itself is not reset, others use it too.
    fn reset(&mut self) -> Result<(), TransportError> {
        if let Speech::Typed(leases) = &mut self.speech {
            leases.release_all(&self.client);
        }
        Ok(())
    }

    fn info(&self) -> TransportInfo {
        TransportInfo::new(TransportKind::Remote, self.client.server().base.as_str())
    }

    fn imei(&mut self) -> Result<Imei, TransportError> {
        original::imei(&self.client).map_err(transport_error)
    }

    fn open_channel(&mut self, aid: &[u8]) -> Result<Option<Channel>, TransportError> {
        match &mut self.speech {
            Speech::Original => Ok(None),
            Speech::Typed(leases) => leases.open(&self.client, aid).map(Some),
        }
    }

    fn close_channel(&mut self, channel: Channel) -> Result<(), TransportError> {
        match &mut self.speech {
            Speech::Original => Ok(()),
            Speech::Typed(leases) => leases.close(&self.client, channel),
        }
    }
}

impl Drop for RemoteTransport {
    fn drop(&mut self) {
        if let Speech::Typed(leases) = &mut self.speech {
            leases.release_all(&self.client);
        }
    }
}

/// The server puts the channel of the lease into the class octet, so it gets the basic one.
fn transmit(
    client: &Client,
    leases: &mut Leases,
    command: &[u8],
) -> Result<Vec<u8>, TransportError> {
    leases.hold(client)?;
    let class = command.first().copied().unwrap_or_default();
    let channel = Channel::of_class(class).unwrap_or_default();
    let lease = leases.of(channel);
    let mut command = zeroize::Zeroizing::new(command.to_vec());
    if lease.is_some()
        && let Some(first) = command.first_mut()
    {
        *first = Channel::BASIC.apply(class);
    }
    let answered = typed::apdu(client, &command, lease).map_err(transport_error);
    if let Err(error) = &answered
        && error.kind() == TransportErrorKind::CardReset
    {
        leases.lost();
    }
    answered
}

/// What a server says of the card, said of the way to it: a transport knows nothing of PINs.
pub(super) fn transport_error(error: Error) -> TransportError {
    match error {
        Error::Transport(error) => error,
        Error::Card(error @ (CardError::PinRequired | CardError::PinBlocked)) => {
            TransportError::new(TransportErrorKind::PinRequired, error)
        }
        other @ (Error::Caller(_) | Error::Card(_)) => {
            TransportError::new(TransportErrorKind::Protocol, other)
        }
    }
}
