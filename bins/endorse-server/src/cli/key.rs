//! `endorse-server key`: the keys that sign, and their rotation while servers run.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand, ValueEnum};
use server_kit::config::Place;
use strict_jws::{Algorithm, KeyId};
use zeroize::Zeroizing;

use crate::app::now;
use crate::config::beside;
use crate::keys::rotation::{self, Timing};
use crate::keys::{KeyUse, Stage, StoredKey, stage};
use crate::store::SigningKeys;

/// What to do with keys.
#[derive(Args, Debug)]
#[non_exhaustive]
pub struct KeyCommand {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the keys: which one signs, which is next, which are retired
    List,
    /// Announce another key, made here or brought in PEM (PKCS#8)
    New {
        /// Which kind to make
        #[arg(long, default_value = "es256", conflicts_with = "pem")]
        algorithm: Kind,
        /// Bring this one; RSA keys come only so
        #[arg(long, value_name = "FILE")]
        pem: Option<PathBuf>,
        /// Which tokens it is to sign
        #[arg(long = "for", value_name = "PROFILE", default_value = "native")]
        key_use: Profile,
    },
    /// Let the announced key sign as soon as verifiers know it, and announce another
    Rotate {
        /// Which tokens' key
        #[arg(long = "for", value_name = "PROFILE", default_value = "native")]
        key_use: Profile,
        /// Seconds for which a key is announced before it signs
        #[arg(long, value_name = "S", default_value_t = Timing::default().lead)]
        lead: u64,
        /// Do not wait for verifiers: the key has become known
        #[arg(long, conflicts_with = "lead")]
        at_once: bool,
    },
    /// Publish a key no more, at once: no token of its is taken from then on
    Retire {
        /// Its name
        key_id: KeyId,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Es256,
    Eddsa,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Profile {
    Native,
    Soracom,
}

impl KeyCommand {
    /// Does it, and tells how the keys are then.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub(super) async fn run(self) -> Result<String> {
        let store = beside(&self.place)?.store().await?;
        match self.action {
            Action::List => {}
            Action::New {
                algorithm,
                pem,
                key_use,
            } => add(&store, algorithm.into(), pem, key_use.into()).await?,
            Action::Rotate {
                key_use,
                lead,
                at_once,
            } => {
                let timing = Timing {
                    lead: if at_once { 0 } else { lead },
                    ..Timing::default()
                };
                rotation::rotate(&store, key_use.into(), timing, now()).await?;
            }
            Action::Retire { key_id } => rotation::retire(&store, &key_id, now()).await?,
        }
        let listed = list(&store).await?;
        store.close().await;
        Ok(listed)
    }
}

async fn add(
    store: &impl SigningKeys,
    algorithm: Algorithm,
    pem: Option<PathBuf>,
    key_use: KeyUse,
) -> Result<()> {
    let key = match pem {
        None => StoredKey::generate(algorithm, key_use, now())?,
        Some(path) => {
            let text = fs::read_to_string(&path);
            let text = text.with_context(|| format!("cannot read {}", path.display()))?;
            StoredKey::announced(Zeroizing::new(text), key_use, now())?
        }
    };
    let keys = store.keys().await?;
    // the first of its use has nothing to wait for
    let is_first = keys.iter().all(|known| known.key_use != key_use);
    let key = if is_first {
        key.signing_from(now())
    } else {
        key
    };
    ensure!(store.add_key(key).await?, "this key is there already");
    Ok(())
}

/// One line a key: name, profile, algorithm, stage, and the times that matter.
async fn list(store: &impl SigningKeys) -> Result<String> {
    let (keys, now, mut text) = (store.keys().await?, now(), String::new());
    for key in &keys {
        let stage = match stage(&keys, key, now) {
            Stage::Next => "next",
            Stage::Active => "active",
            Stage::Retired => "retired",
            Stage::Gone => "gone",
        };
        let algorithm = key.algorithm()?.name();
        write!(
            text,
            "{}  {}  {algorithm}  {stage}",
            key.key_id,
            key.key_use.name()
        )?;
        if let Some(from) = key.signs_from {
            write!(text, "  signs-from={}", from.seconds())?;
        }
        if let Some(until) = key.until {
            write!(text, "  published-until={}", until.seconds())?;
        }
        text.push('\n');
    }
    Ok(text)
}

impl From<Kind> for Algorithm {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Es256 => Self::Es256,
            Kind::Eddsa => Self::EdDsa,
        }
    }
}

impl From<Profile> for KeyUse {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Native => Self::Native,
            Profile::Soracom => Self::Soracom,
        }
    }
}
