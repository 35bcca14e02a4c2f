//! `passkey-server key`: the keys that sign, and their rotation while servers run.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use passkey_idp::store::Commit;
use passkey_idp::{Duration, Instant};
use server_kit::config::Place;
use strict_jws::{Algorithm, KeyId, SystemRandom};
use zeroize::Zeroizing;

use crate::config::{Kept, beside};
use crate::keys::{self, KeyState, StoredKey};
use crate::state::now;

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
    /// Announce another key, which signs once verifiers know it
    New {
        /// Which kind to make
        #[arg(long, default_value = "es256")]
        algorithm: Algorithms,
        /// Seconds for which it is announced before it signs
        #[arg(long, value_name = "S", default_value_t = 600)]
        lead: u64,
    },
    /// Announce a key that was made elsewhere. RSA, such as of `openssl genpkey -algorithm RSA -pkeyopt
    /// rsa_keygen_bits:3072`, signs for clients with `--id-token-alg rs256` only
    Import {
        /// PKCS#8 in PEM
        file: PathBuf,
        /// Seconds for which it is announced before it signs
        #[arg(long, value_name = "S", default_value_t = 600)]
        lead: u64,
    },
    /// Publish a key no more, at once: its tokens are no longer taken
    Retire {
        /// Its name
        key_id: KeyId,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Algorithms {
    Es256,
    Eddsa,
}

impl KeyCommand {
    /// Does it, and tells how the keys are then.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub(super) async fn run(self) -> Result<String> {
        let kept = beside(&self.place).await?;
        let (store, random) = (&*kept.store, SystemRandom::new());
        match self.action {
            Action::List => {}
            Action::New { algorithm, lead } => {
                let algorithm = match algorithm {
                    Algorithms::Es256 => Algorithm::Es256,
                    Algorithms::Eddsa => Algorithm::EdDsa,
                };
                let lead = Duration::from_seconds(lead);
                keys::announce(store, (&kept.sealer, &random), algorithm, lead, now()).await?;
            }
            Action::Import { file, lead } => {
                let pem = std::fs::read_to_string(&file).map(Zeroizing::new);
                let pem = pem.with_context(|| format!("{} cannot be read", file.display()))?;
                let from = now().plus(Duration::from_seconds(lead));
                let (_, change) = StoredKey::seal(&pem, from, &kept.sealer, &random)?;
                if let Commit::Refused { .. } = store.commit(vec![change], now()).await? {
                    bail!("this key is known already");
                }
            }
            Action::Retire { key_id } => keys::retire(store, &key_id, now()).await?,
        }
        list(&kept, now()).await
    }
}

/// One line a key: name, algorithm, stage, from when it signs, and its thumbprint (RFC 7638), by which
/// `passkey-verify` names it.
async fn list(kept: &Kept, now: Instant) -> Result<String> {
    let keys = keys::list(&*kept.store).await?;
    let signing = |algorithm: &str| {
        let published = keys.iter().filter(|key| key.state == KeyState::Published);
        let of_it = published.filter(|key| key.body.algorithm == algorithm);
        let since = of_it.map(|key| key.body.signs_from);
        since.filter(|from| *from <= now).max()
    };
    let mut text = String::new();
    for key in &keys {
        let from = key.body.signs_from;
        let stage = match key.state {
            KeyState::Retired => "retired",
            KeyState::Published if from > now => "next",
            KeyState::Published if Some(from) == signing(&key.body.algorithm) => "active",
            KeyState::Published => "published",
        };
        let (algorithm, from) = (&key.body.algorithm, time(from));
        write!(text, "{}  {algorithm}  {stage}  signs-from={from}", key.id)?;
        // a retired one may have been sealed with a key that nobody has any more
        if let Ok(signer) = key.body.open(&kept.sealer, &SystemRandom::new()) {
            write!(text, "  thumbprint={}", signer.public().thumbprint())?;
        }
        text.push('\n');
    }
    Ok(text)
}

/// RFC 3339.
pub(super) fn time(instant: Instant) -> String {
    let seconds = i64::try_from(instant.unix_seconds()).unwrap_or(i64::MAX);
    let time = Timestamp::from_second(seconds);
    time.map_or_else(|_late| "never".to_owned(), |time| time.to_string())
}
