//! How an application is told what users have answered, as flags.

use clap::Args;
use passkey_idp::ciba::Notification;
use passkey_idp::delivery::Endpoint;
use passkey_idp::oauth::{Client, Flow};

/// What makes an application that asks users directly more than one that polls (`--grant ciba`).
#[derive(Args, Debug)]
pub(super) struct Backchannel {
    /// It asks users directly (CIBA), and is told at that address when there is an answer
    #[arg(long, value_name = "URL", conflicts_with_all = ["public", "ciba_push"])]
    ciba_ping: Option<Endpoint>,
    /// It asks users directly (CIBA), and is sent its tokens there
    #[arg(long, value_name = "URL", conflicts_with = "public")]
    ciba_push: Option<Endpoint>,
}

impl Backchannel {
    /// Registers it.
    pub(super) fn register(self, client: &mut Client) {
        client.notification = match (self.ciba_ping, self.ciba_push) {
            (_, Some(endpoint)) => Notification::Push { endpoint },
            (Some(endpoint), None) => Notification::Ping { endpoint },
            (None, None) => return,
        };
        if !client.may(Flow::Ciba) {
            client.flows.push(Flow::Ciba);
        }
    }
}
