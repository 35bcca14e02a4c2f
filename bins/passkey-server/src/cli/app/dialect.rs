//! Which APIs an application may place orders with.

use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum;
use passkey_idp::application::{Application, ApplicationId, Dialect, Rights};
use passkey_idp::store::{Store, StoreExt as _};

use super::known;
use crate::state::now;

/// An API, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Spoken {
    /// `/api/v1`: orders, users and keys
    Uyulala,
    /// `/rp/v6.0`
    Bankid,
    /// OAuth and CIBA alone
    None,
}

impl Spoken {
    const fn dialect(self) -> Option<Dialect> {
        match self {
            Self::Uyulala => Some(Dialect::Uyulala),
            Self::Bankid => Some(Dialect::BankId),
            Self::None => None,
        }
    }
}

/// Lets the application use these and no other.
pub(super) fn restrict(application: &mut Application, spoken: &[Spoken]) -> Result<()> {
    let named = |dialect: &Dialect| spoken.iter().any(|one| one.dialect() == Some(*dialect));
    let dialects: Vec<_> = Dialect::ALL.into_iter().filter(named).collect();
    if !dialects.is_empty() && spoken.contains(&Spoken::None) {
        bail!("none goes with no other dialect");
    }
    application.dialects = dialects;
    let is_admin = application.rights == Rights::Admin;
    ensure!(
        !is_admin || application.speaks(Dialect::Uyulala),
        "an admin manages users with the dialect uyulala"
    );
    Ok(())
}

/// The same for one that is there.
pub(super) async fn choose(
    store: &dyn Store,
    id: &ApplicationId,
    spoken: &[Spoken],
) -> Result<String> {
    let stored = known(store, id).await?;
    let mut changed = stored.body.clone();
    restrict(&mut changed, spoken)?;
    let replaced = store.apply::<Application>(stored.replace(&changed), now());
    replaced
        .await?
        .context("somebody else has changed it just now")?;
    Ok(format!("{id}  {}\n", listed(&changed)))
}

/// The names, for a list.
pub(super) fn listed(application: &Application) -> String {
    let names: Vec<_> = application
        .dialects
        .iter()
        .map(|dialect| dialect.name())
        .collect();
    if names.is_empty() {
        return "-".to_owned();
    }
    names.join(",")
}
