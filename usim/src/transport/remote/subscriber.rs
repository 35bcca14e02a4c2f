//! A subscriber whose SIM sits elsewhere.

use aka::{Autn, Rand};

use crate::{
    ApplicationKind, Authentication, Error, Fault, GbaBootstrapping, GsmAuthentication, Identity,
    ImsIdentity, KsExtNaf, Subscriber, assumed_mnc_length, derive_ims_identity,
    transport::{
        TransportErrorKind,
        remote::{
            Dialect, Server,
            client::Client,
            dialect::{original, pysim, typed},
        },
    },
};

/// A subscriber whose SIM sits elsewhere, behind a server of any dialect.
///
/// What a dialect has no words for is [`TransportErrorKind::Unsupported`]: GSM challenges and GBA
/// need [`Dialect::Typed`].
///
/// ```no_run
/// use usim::{Subscriber, transport::remote::{Dialect, RemoteSubscriber, Server}};
///
/// let server = Server::new("sim.example.org:8443")?.with_token("s3cret")?;
/// let mut subscriber = RemoteSubscriber::new(&server, Dialect::Typed);
/// println!("{}", subscriber.identity()?.imsi.as_str());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RemoteSubscriber {
    client: Client,
    dialect: Dialect,
}

impl RemoteSubscriber {
    /// Does not ask the server yet.
    pub fn new(server: &Server, dialect: Dialect) -> Self {
        Self {
            client: Client::new(server),
            dialect,
        }
    }
}

impl Subscriber for RemoteSubscriber {
    fn identity(&mut self) -> Result<Identity, Error> {
        match self.dialect {
            Dialect::Original => Ok(Identity::new(original::imsi(&self.client)?, None)),
            Dialect::PySim => Ok(Identity::new(pysim::imsi(&self.client)?, None)),
            Dialect::Typed => typed::identity(&self.client),
        }
    }

    fn authenticate(
        &mut self,
        application: ApplicationKind,
        rand: &Rand,
        autn: &Autn,
    ) -> Result<Authentication, Error> {
        let client = &self.client;
        match (self.dialect, application) {
            (Dialect::Original, _) => original::authenticate(client, application, rand, autn),
            (Dialect::PySim, ApplicationKind::Usim) => pysim::authenticate(client, rand, autn),
            (Dialect::PySim, ApplicationKind::Isim) => Err(unsupported()),
            (Dialect::Typed, _) => typed::authenticate(client, application, rand, autn),
        }
    }

    fn authenticate_gsm(&mut self, rand: &Rand) -> Result<GsmAuthentication, Error> {
        self.only_typed()?;
        typed::authenticate_gsm(&self.client, rand)
    }

    /// Asks for `type=isim`, which usim-server knows beside its own dialect; where the server does
    /// not, the identities are derived from the IMSI.
    fn ims_identity(&mut self) -> Result<ImsIdentity, Error> {
        if self.dialect != Dialect::PySim {
            match original::ims_identity(&self.client) {
                Err(error) if is_unknown(&error) => {}
                known => return known,
            }
        }
        let Identity { imsi, mnc_length } = self.identity()?;
        let mnc_length = mnc_length.unwrap_or_else(|| assumed_mnc_length(&imsi));
        Ok(derive_ims_identity(&imsi, mnc_length))
    }

    fn gba_bootstrap(&mut self, rand: &Rand, autn: &Autn) -> Result<GbaBootstrapping, Error> {
        self.only_typed()?;
        typed::gba_bootstrap(&self.client, rand, autn)
    }

    fn gba_naf(&mut self, naf_id: &[u8], impi: &str) -> Result<KsExtNaf, Error> {
        self.only_typed()?;
        typed::gba_naf(&self.client, naf_id, impi)
    }
}

impl RemoteSubscriber {
    fn only_typed(&self) -> Result<(), Error> {
        match self.dialect {
            Dialect::Typed => Ok(()),
            Dialect::Original | Dialect::PySim => Err(unsupported()),
        }
    }
}

fn unsupported() -> Error {
    TransportErrorKind::Unsupported.into_error()
}

/// Whether the server does not know the question: 400 and 501 of older ones.
fn is_unknown(error: &Error) -> bool {
    use TransportErrorKind as Kind;
    let kind = error
        .transport()
        .map(crate::transport::TransportError::kind);
    error.fault() == Fault::Transport && matches!(kind, Some(Kind::Unsupported | Kind::Refused))
}
