//! `usimctl wpa-bridge`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use usim::{Error, Subscriber};

use crate::{
    bridge::{Bridge, Control, Method},
    cli::{Exit, Failure, source::SourceArgs},
};

/// In wpa_supplicant.conf: ctrl_interface=PATH, external_sim=1, and in the network eap=AKA,
/// AKA' or SIM, with identity="..." or without.
#[derive(Args)]
pub(crate) struct WpaBridge {
    /// The control interface: the folder, or the socket of one network interface in it
    #[arg(long, value_name = "PATH")]
    ctrl: PathBuf,
    /// The method whose identity is sent when wpa_supplicant asks for one
    #[arg(long, default_value = "aka")]
    identity: Method,
    /// Where the bridge's own socket goes; wpa_supplicant must see it [default: the system's
    /// folder for temporary files]
    #[arg(long, value_name = "FOLDER")]
    client_folder: Option<PathBuf>,
}

impl WpaBridge {
    /// Until it is killed: `wpa_supplicant` may come and go.
    pub(crate) fn run(self, source: SourceArgs) -> Result<Exit, Failure> {
        // a wrong way to the SIM shows now, not at the first login
        let mut first = Some(source.subscriber()?);
        let opener = move || -> Result<Box<dyn Subscriber>, Error> {
            match first.take() {
                Some(subscriber) => Ok(subscriber),
                None => source.subscriber().map_err(Failure::into_sim),
            }
        };
        let control = Control::bind(self.client_folder.as_deref())
            .context("cannot make a socket for the answers")
            .map_err(Failure::System)?;
        let mut bridge = Bridge::new(self.ctrl, control, self.identity, opener);
        loop {
            if let Some(event) = bridge.step().map_err(Failure::System)? {
                eprintln!("usimctl: {event}");
            }
        }
    }
}
