//! `passkey-server user`: the users who approve.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, value_parser};
use passkey_idp::account;
use passkey_idp::id::UserId;
use passkey_idp::order::Placement;
use passkey_idp::store::{List, PageSize, Store, StoreExt as _};
use passkey_idp::user::{Name, User};
use passkey_idp::webauthn::Origin;
use passkey_idp::{Duration, application::ApplicationId};
use server_kit::config::Place;
use strict_jws::SystemRandom;

use crate::config::{Kept, beside};
use crate::state::{OWN, now};

/// What to do with users.
#[derive(Args, Debug)]
#[non_exhaustive]
pub struct UserCommand {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Invite somebody: prints the address where they make their passkey
    Add {
        /// Their name on their device, of 1 to 64 characters
        name: Name,
        #[command(flatten)]
        link: Link,
    },
    /// List them
    List,
    /// Print an address where a user makes another passkey, such as after the loss of a device
    RecoveryLink {
        /// The user's identifier
        id: UserId,
        #[command(flatten)]
        link: Link,
    },
    /// Remove a user with all their passkeys, sessions and consents
    Remove {
        /// The user's identifier
        id: UserId,
    },
}

#[derive(Args, Debug)]
struct Link {
    /// The server's origin, as `serve --origin` has it
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://localhost:8445",
        env = "PASSKEY_SERVER_ORIGIN"
    )]
    origin: Origin,
    /// Seconds for which the address is good, 1 to 2592000 (30 days)
    #[arg(long, value_name = "S", default_value_t = 60 * 60, value_parser = value_parser!(u64).range(1..=30 * 24 * 60 * 60))]
    timeout: u64,
}

impl UserCommand {
    /// Does it, and tells how it went.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub(super) async fn run(self) -> Result<String> {
        let kept = beside(&self.place).await?;
        match self.action {
            Action::Add { name, link } => link.make(&kept, None, name.into()).await,
            Action::List => list(&*kept.store).await,
            Action::RecoveryLink { id, link } => {
                let user = kept.store.find::<User>(&User::row_id(&id)).await?;
                let user = user.context("no user has this identifier")?;
                link.make(&kept, Some(id), user.body.name).await
            }
            Action::Remove { id } => {
                account::remove_user(&*kept.store, &id, now()).await?;
                Ok(format!("{id} is removed\n"))
            }
        }
    }
}

impl Link {
    async fn make(self, kept: &Kept, user: Option<UserId>, name: String) -> Result<String> {
        let (random, own) = (SystemRandom::new(), OWN.parse::<ApplicationId>()?);
        let mut placement = Placement::registering(own, user, name, &random)?;
        placement.timeout = Duration::from_seconds(self.timeout);
        let placed = placement.place(&kept.sealer, &random, now())?;
        kept.store.commit(vec![placed.change], now()).await?;
        Ok(format!("{}/o/{}\n", self.origin, placed.id))
    }
}

/// One line a user: identifier, number of passkeys, name.
async fn list(store: &dyn Store) -> Result<String> {
    let (mut text, mut after) = (String::new(), None);
    loop {
        let list = List::of::<User>().after(after.as_ref());
        let page = store.page::<User>(list.limit(PageSize::MAX)).await?;
        for user in &page.items {
            let user = &user.body;
            let passkeys = match user.passkeys {
                1 => "1 passkey".to_owned(),
                many => format!("{many} passkeys"),
            };
            writeln!(text, "{}  {passkeys}  {:?}", user.id, user.name)?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(text);
        }
    }
}
