//! How applications are told something: pings and pushes of CIBA, logout tokens.

use std::path::PathBuf;

use clap::Args;
use passkey_idp::delivery::Reach;
use serde::{Deserialize, Serialize};
use server_kit::tls::TlsError;

use crate::notify::Outbound;

/// Where messages to applications may go.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct NotifyOptions {
    /// Send messages to applications on loopback and in private networks, too: whoever registers an
    /// application makes the server speak to its neighbours then
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "Messages")]
    pub danger_notify_anywhere: Option<bool>,
    /// The authorities whose certificates applications show, in PEM [default: those that browsers know]
    #[arg(long, value_name = "FILE", help_heading = "Messages")]
    pub notify_ca: Option<PathBuf>,
}

impl NotifyOptions {
    /// What sends.
    pub(crate) fn outbound(&self) -> Result<Outbound, TlsError> {
        let reach = if self.danger_notify_anywhere == Some(true) {
            Reach::DangerAnywhere
        } else {
            Reach::Public
        };
        Outbound::new(reach, self.notify_ca.as_deref())
    }
}
