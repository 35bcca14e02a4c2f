//! The engine, put together as the settings say.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aka::Ind;
use anyhow::{Context as _, Result, ensure};
use auc::{Centre, Journal, Kept, OnConflict, Subscribers};
use endorse::PairwiseSubjects;
use strict_jws::Algorithm;
use zeroize::Zeroizing;

use crate::app::now;
use crate::config::{Database, Options, SubscriberOptions, locate, store};
use crate::keys::rotation::{self, Timing};
use crate::keys::{KeyUse, Keys, StoredKey};
use crate::source::{Embedded, Upstream, VectorSource, decoys};
use crate::store::{Secret, Store};
use crate::{Pseudonyms, Server, Settings};

pub(super) async fn server(options: &Options) -> Result<Server> {
    let database = locate(&options.database, options.listen.state_dir.as_deref())?;
    let store = store(database.as_ref()).await?;
    if let Some(path) = &options.tokens.key {
        ensure!(
            database.is_none(),
            "--key goes with --database memory; `endorse-server key new --pem FILE` puts a key into a database"
        );
        let key = StoredKey::announced(read(path)?, KeyUse::Native, now())?;
        store.add_key(key.signing_from(now())).await?;
    }
    rotation::prepare(&*store, Algorithm::Es256, now()).await?;
    let keys = Keys::load(&*store, now()).await?;
    let settings = settings(options, &*store).await?;
    let source = source(&options.subscribers, database.as_ref()).await?;
    Ok(Server::new(settings, source, store, keys)?)
}

async fn settings(options: &Options, store: &dyn Store) -> Result<Settings> {
    let tokens = &options.tokens;
    ensure!(!tokens.audience.is_empty(), "--audience AUD is needed");
    let lifetime = tokens.lifetime.unwrap_or(300);
    ensure!(
        (1..=Timing::LONGEST_LIFE).contains(&lifetime),
        "--lifetime is a number from 1 to {}",
        Timing::LONGEST_LIFE
    );
    let dialects = options.dialects.dialects();
    ensure!(
        (1..=Timing::LONGEST_LIFE).contains(&dialects.soracom.token_timeout_seconds),
        "tokenTimeoutSeconds is a number from 1 to {}: no key is published for longer",
        Timing::LONGEST_LIFE
    );
    let audiences = tokens.audience.iter().map(|audience| audience.parse());
    Ok(Settings {
        origin: tokens.origin.clone().context("--origin URL is needed")?,
        audiences: audiences.collect::<Result<_, _>>()?,
        subjects: subjects(tokens.subject_secret.as_deref(), store).await?,
        pseudonyms: Pseudonyms::new(*secret(store, "pseudonyms").await?),
        tells_imsi: tokens.tell_imsi == Some(true),
        lifetime,
        budget: options.rules.budget(),
        dialects,
    })
}

async fn subjects(path: Option<&Path>, store: &dyn Store) -> Result<PairwiseSubjects> {
    let secret = match path {
        Some(path) => {
            let octets = fs::read(path);
            let octets = octets.with_context(|| format!("cannot read {}", path.display()))?;
            sized(&Secret::new(octets))?
        }
        None => secret(store, "subjects").await?,
    };
    Ok(PairwiseSubjects::new(&secret))
}

/// The secret of this name that all instances share, made by the first.
async fn secret(store: &dyn Store, name: &'static str) -> Result<Zeroizing<[u8; 32]>> {
    let mut fresh = Secret::new(vec![0; 32]);
    getrandom::fill(&mut fresh)?;
    sized(&store.secret(name, fresh).await?)
}

fn sized(secret: &Secret) -> Result<Zeroizing<[u8; 32]>> {
    let octets = secret.as_slice().try_into();
    Ok(Zeroizing::new(
        octets.ok().context("the secret has not 32 octets")?,
    ))
}

async fn source(
    options: &SubscriberOptions,
    database: Option<&Database>,
) -> Result<Arc<dyn VectorSource>> {
    let ind = Ind::new(options.ind.unwrap_or_default());
    let ind = ind.context("--ind is a number from 0 to 31")?;
    if let Some(url) = &options.auc_url {
        return upstream(url, options, ind);
    }
    if let Some(path) = &options.subscribers {
        let kept = kept(path, options.state.clone())?;
        return Ok(Arc::new(Embedded::new(Centre::new(kept).with_ind(ind))));
    }
    let database = database.context("--subscribers FILE or --auc-url URL is needed")?;
    let directory = database.subscribers().await?;
    let decoys = decoys()?;
    directory.add(decoys.iter(), OnConflict::Keep).await?;
    let centre = Centre::new(directory).with_ind(ind);
    Ok(Arc::new(Embedded::new(centre)))
}

fn kept(path: &Path, state: Option<PathBuf>) -> Result<Kept<Journal>> {
    let mut subscribers = Subscribers::parse(&read(path)?)?;
    for decoy in decoys()?.iter() {
        ensure!(
            subscribers.insert(decoy.clone()),
            "IMSIs that begin with 000 are nobody's"
        );
    }
    let state = state.unwrap_or_else(|| {
        let mut name = path.as_os_str().to_owned();
        name.push(".sqn");
        name.into()
    });
    let journal = Journal::open(&state, subscribers.numbers());
    let journal = journal.with_context(|| state.display().to_string())?;
    Ok(Kept::new(subscribers, journal))
}

fn upstream(url: &str, options: &SubscriberOptions, ind: Ind) -> Result<Arc<dyn VectorSource>> {
    let token = options.auc_token_file.as_deref();
    let token = read(token.context("--auc-token-file FILE is needed")?)?;
    let authorities = options.auc_ca.as_deref().map(read).transpose()?;
    let authorities = authorities.as_ref().map(|text| text.as_str());
    Ok(Arc::new(Upstream::new(
        url,
        &token,
        authorities,
        Some(ind),
    )?))
}

fn read(path: &Path) -> Result<Zeroizing<String>> {
    let text = fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Zeroizing::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[tokio::test]
    async fn no_token_outlives_the_publication_of_its_key() {
        for (lifetime, timeout, is_fine) in [
            (3600, 3600, true),
            (3601, 600, false),
            (0, 600, false),
            (300, 3601, false),
            (300, 0, false),
        ] {
            let mut options = Options::default();
            options.tokens.origin = Some("https://endorse.example".to_owned());
            options.tokens.audience = vec!["https://api.example".to_owned()];
            options.tokens.lifetime = Some(lifetime);
            let soracom = format!("{{ tokenTimeoutSeconds = {timeout} }}");
            options.dialects.soracom = Some(soracom.parse().unwrap());
            let settings = settings(&options, &MemoryStore::default()).await;
            assert_eq!(settings.is_ok(), is_fine, "{lifetime} {timeout}");
        }
    }
}
