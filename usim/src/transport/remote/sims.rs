//! What a server tells of its SIMs without asking them anything.

use aka::{Imsi, MncLength};
use serde::Deserialize;

use crate::{
    Error, Iccid,
    transport::remote::{
        Server,
        answer::{Secret, malformed},
        client::{Client, escaped},
    },
};

/// A SIM as usim-server describes it. `Debug` shows neither IMSI nor ICCID.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RemoteSim {
    /// Its number.
    pub index: usize,
    /// The reader's or port's name.
    pub name: String,
    /// The name that somebody gave it.
    pub alias: Option<String>,
    /// The way to the card: `pcsc`, `serial`, `soft`, ...
    pub kind: String,
    /// `ready`, `absent`, `failed` or `locked`.
    pub state: String,
    /// The card's own number, once it is known.
    pub iccid: Option<Iccid>,
    /// The subscriber, if the card tells.
    pub imsi: Option<Imsi>,
    /// How long the MNC is, where the card says so.
    pub mnc_length: Option<MncLength>,
    /// The applications of EF_DIR.
    pub applications: Vec<RemoteApplication>,
    /// PIN1, where the card tells how it stands.
    pub pin: Option<RemotePin>,
}

/// An application of a [`RemoteSim`].
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct RemoteApplication {
    /// Its identifier, in hexadecimal.
    pub aid: String,
    /// `usim` or `isim`.
    pub kind: Option<String>,
    /// What the card calls it.
    pub label: Option<String>,
}

/// The PIN of a [`RemoteSim`].
#[derive(Clone, Copy, Debug, Deserialize)]
#[non_exhaustive]
pub struct RemotePin {
    /// Whether the card asks for it.
    pub enabled: bool,
    /// How many tries are left, where the card says so.
    pub tries_left: Option<u8>,
}

#[derive(Deserialize)]
struct List {
    sims: Vec<Sim>,
}

#[derive(Deserialize)]
struct Sim {
    index: usize,
    name: String,
    alias: Option<String>,
    kind: String,
    state: String,
    iccid: Option<Secret>,
    imsi: Option<Secret>,
    mnc_length: Option<u8>,
    applications: Vec<RemoteApplication>,
    pin: Option<RemotePin>,
}

impl Server {
    /// The SIMs that the caller may use, for servers of [`Dialect::Typed`](super::Dialect::Typed).
    /// It takes the scope `sim:read`.
    ///
    /// ```no_run
    /// use usim::transport::remote::Server;
    ///
    /// for sim in Server::new("sim.example.org:8443")?.with_token("s3cret")?.sims()? {
    ///     println!("{} {} {}", sim.index, sim.name, sim.state);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error`]: the server cannot be reached, or refuses.
    pub fn sims(&self) -> Result<Vec<RemoteSim>, Error> {
        let list: List = Client::new(self).get("/v1/sims")?.success()?;
        list.sims.into_iter().map(TryInto::try_into).collect()
    }

    /// The SIM that this server was chosen with, or its first one; as [`sims`](Server::sims).
    ///
    /// # Errors
    /// As [`sims`](Server::sims).
    pub fn describe_sim(&self) -> Result<RemoteSim, Error> {
        let path = format!("/v1/sims/{}", escaped(self.sim.as_deref().unwrap_or("0")));
        let sim: Sim = Client::new(self).get(&path)?.success()?;
        sim.try_into()
    }
}

impl TryFrom<Sim> for RemoteSim {
    type Error = Error;

    fn try_from(sim: Sim) -> Result<Self, Error> {
        let mnc_length = match sim.mnc_length {
            None => None,
            Some(2) => Some(MncLength::Two),
            Some(3) => Some(MncLength::Three),
            Some(_) => return Err(malformed()),
        };
        Ok(Self {
            index: sim.index,
            name: sim.name,
            alias: sim.alias,
            kind: sim.kind,
            state: sim.state,
            iccid: sim.iccid.as_ref().map(Secret::read).transpose()?,
            imsi: sim.imsi.as_ref().map(Secret::read).transpose()?,
            mnc_length,
            applications: sim.applications,
            pin: sim.pin,
        })
    }
}
