//! Whether what is kept can be read, and by nobody else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use passkey_idp::application::Application;
use passkey_idp::evidence::Evidence;
use passkey_idp::store::{List, PageSize, Store, StoreError, StoreExt as _};
use passkey_idp::user::User;
use passkey_idp::{Duration, Instant};
use server_kit::config::Settings as _;
use strict_jws::SystemRandom;

use super::Finding;
use super::network::described;
use crate::config::{FILE, Kept, Options, open};
use crate::keys::{Current, KeyError};
use crate::state::now;

pub(super) async fn findings(options: &Options) -> Vec<Finding> {
    let state_dir = options.listen.state_dir.as_deref();
    if options.database.is_memory() {
        let mend = "--database sqlite:PATH, or postgres://USER@HOST/NAME";
        let said = "in memory: nothing outlives the process";
        return vec![Finding::note("database", said, mend)];
    }
    let missing = options.database.missing(Options::PROGRAM, state_dir, FILE);
    if let Some(path) = missing {
        let said = format!("{} is not there yet", path.display());
        return vec![Finding::note(
            "database",
            said,
            "`passkey-server serve` makes it",
        )];
    }
    match open(&options.database, state_dir).await {
        Ok(kept) => looked_into(options, &kept).await,
        Err(error) => vec![Finding::wrong(
            "database",
            format!("{error:#}"),
            "--database URL and --sealing-key FILE as the server has them",
        )],
    }
}

async fn looked_into(options: &Options, kept: &Kept) -> Vec<Finding> {
    let store = &*kept.store;
    let mut findings = vec![Finding::fine("database", format!("{store:?}"))];
    findings.extend(permissions(options));
    findings.push(keys(kept).await);
    let looked = async {
        Ok::<_, StoreError>([
            clock(store).await?,
            clients(store).await?,
            users(store).await?,
        ])
    };
    match looked.await {
        Ok(found) => findings.extend(found),
        Err(error) => findings.push(Finding::wrong(
            "rows",
            described(&error),
            "restore the database from a backup",
        )),
    }
    findings
}

/// Files that others may read: the sealing key opens what the database holds.
fn permissions(options: &Options) -> Option<Finding> {
    let path = options.database.sealing_key.as_deref()?;
    let mode = fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        let said = format!("others may read {}", path.display());
        Finding::wrong("sealing key", said, format!("chmod 600 {}", path.display()))
    })
}

async fn keys(kept: &Kept) -> Finding {
    let random = SystemRandom::new();
    match Current::load(&*kept.store, &kept.sealer, &random, now()).await {
        Ok(current) => {
            let signer = current.signer().key_id();
            Finding::fine("keys", format!("{signer} signs"))
        }
        Err(error @ KeyError::Seal(_)) => Finding::wrong(
            "keys",
            described(&error),
            "--sealing-key FILE, or --earlier-sealing-key FILE, with the key that sealed them",
        ),
        Err(KeyError::None) => Finding::note(
            "keys",
            "no key signs",
            "the next start makes one; `passkey-server key new` makes one that is announced first",
        ),
        Err(error) => Finding::wrong("keys", described(&error), "`passkey-server key new`"),
    }
}

/// Whether the clock stands before something that has been.
async fn clock(store: &dyn Store) -> Result<Finding, StoreError> {
    let now = now();
    let newest = List::of::<Evidence>()
        .reversed()
        .limit(PageSize::nearest(1));
    let newest = store.page::<Evidence>(newest).await?.items;
    let signed = newest.first().map(|evidence| evidence.created_at);
    let is_before = now < BUILT || signed.is_some_and(|signed| signed.since(now) > TOLERANCE);
    Ok(if is_before {
        let said = "it stands before what has been signed already, or before this program";
        Finding::wrong(
            "clock",
            said,
            "set it, by NTP: orders would not expire in time",
        )
    } else {
        Finding::fine("clock", "after everything that was signed")
    })
}

async fn clients(store: &dyn Store) -> Result<Finding, StoreError> {
    let (mut count, mut mute, mut after) = (0, Vec::new(), None);
    loop {
        let list = List::of::<Application>().after(after.as_ref());
        let page = store.page::<Application>(list.limit(PageSize::MAX)).await?;
        for application in &page.items {
            let body = &application.body;
            count += 1;
            if body.secrets.is_empty() && !body.client.is_public() {
                mute.push(body.id.to_string());
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(match (count, mute.as_slice()) {
        (0, _) => Finding::note("clients", "none", "`passkey-server app add NAME`"),
        (_, []) => Finding::fine("clients", format!("{count}")),
        (_, mute) => Finding::wrong(
            "clients",
            format!("without a secret: {}", mute.join(" ")),
            "`passkey-server app rotate-secret NAME`",
        ),
    })
}

async fn users(store: &dyn Store) -> Result<Finding, StoreError> {
    let list = List::of::<User>().limit(PageSize::nearest(1));
    let users = store.page::<User>(list).await?.items;
    Ok(if users.is_empty() {
        Finding::note("users", "none", "`passkey-server user add NAME`")
    } else {
        Finding::fine("users", "there are some")
    })
}

/// 2026-01-01: no clock stood before that when this was written.
const BUILT: Instant = Instant::from_unix_seconds(1_767_225_600);

const TOLERANCE: Duration = Duration::from_seconds(60);
