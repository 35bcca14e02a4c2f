//! Whether what is kept can be read, and by nobody else.

use std::path::Path;

use passkey_idp::application::Application;
use passkey_idp::evidence::Evidence;
use passkey_idp::store::{List, PageSize, Store, StoreError, StoreExt as _};
use passkey_idp::user::User;
use passkey_idp::{Duration, Instant};
use server_kit::config::{Located, NotLocated};
use server_kit::trial;
use strict_jws::SystemRandom;

use super::network::described;
use super::{Finding, models};
use crate::config::{Options, exposed, locate, sealer, store};
use crate::keys::{self, Current, KeyError};
use crate::state::now;

pub(super) async fn findings(options: &Options) -> Vec<Finding> {
    let located = match locate(options) {
        Ok(located) => located,
        Err(error) => return vec![no_key(&error)],
    };
    if located.url().is_none() {
        let mend = "--database sqlite:PATH, or postgres://USER@HOST/NAME";
        let said = "in memory: nothing outlives the process";
        return vec![Finding::note("database", said, mend)];
    }
    let missing = located.file().filter(|path| !path.exists());
    if let Some(path) = missing {
        return vec![not_yet(&path)];
    }
    match store(&located).await {
        Ok((store, place)) => {
            let mut findings = looked_into(&located, &*store, place).await;
            findings.extend(models::replaced(options, &*store).await);
            findings
        }
        Err(error) => vec![Finding::wrong(
            "database",
            described(&error),
            "--database URL as the server has it, of a database that runs",
        )],
    }
}

/// A database that the first start makes.
fn not_yet(path: &Path) -> Finding {
    let parent = path.parent().unwrap_or(path);
    match trial::folder(parent) {
        Ok(()) => Finding::note(
            "database",
            format!("{} is not there yet", path.display()),
            "`passkey-server serve` makes it; if there is one elsewhere: --state-dir or --database",
        ),
        Err(error) => Finding::wrong(
            "database",
            format!("{} cannot be made: {error}", path.display()),
            "--state-dir with a folder that the server may write to",
        ),
    }
}

async fn looked_into(located: &Located, store: &dyn Store, place: String) -> Vec<Finding> {
    let mut findings = permissions(located);
    let looked = async {
        findings.push(keys(located, store).await?);
        findings.extend([
            clock(store).await?,
            clients(store).await?,
            users(store).await?,
        ]);
        Ok::<_, StoreError>(())
    };
    let looked = looked.await;
    findings.push(match looked {
        Ok(()) => Finding::fine("database", place),
        Err(error) => Finding::wrong(
            "database",
            described(&error),
            "restore the database from a backup",
        ),
    });
    findings
}

/// Files that others may read.
fn permissions(located: &Located) -> Vec<Finding> {
    let wrong = exposed(located).into_iter();
    wrong
        .map(|file| Finding::wrong(file.what, file.to_string(), file.mend()))
        .collect()
}

/// Whether the keys that sign are there, and can be opened.
async fn keys(located: &Located, store: &dyn Store) -> Result<Finding, StoreError> {
    let is_sealed = !keys::list(store).await?.is_empty();
    let key = match located.sealing_key() {
        Ok(Some(key)) => key,
        Ok(None) if is_sealed => {
            return Ok(Finding::wrong(
                "sealing key",
                located.lost().to_string(),
                "",
            ));
        }
        Ok(None) => {
            return Ok(Finding::note(
                "sealing key",
                "not there yet, and nothing is sealed yet",
                "the next start makes it",
            ));
        }
        Err(error) => return Ok(no_key(&error)),
    };
    let (sealer, random) = (sealer(located, &key), SystemRandom::new());
    Ok(match Current::load(store, &sealer, &random, now()).await {
        Ok(current) => signing(&current),
        Err(KeyError::Store(error)) => return Err(error),
        Err(KeyError::None) if is_sealed => Finding::wrong(
            "keys",
            "no key is published",
            "`passkey-server key new --lead 0` makes one",
        ),
        Err(KeyError::None) => Finding::note(
            "keys",
            "no key signs",
            "the next start makes one; `passkey-server key new` makes one that is announced first",
        ),
        Err(error @ KeyError::Seal(_)) => Finding::wrong(
            "sealing key",
            described(&error),
            "--sealing-key FILE, or --earlier-sealing-key FILE, with the key that sealed them",
        ),
        Err(error) => Finding::wrong(
            "keys",
            described(&error),
            "restore the database from a backup",
        ),
    })
}

fn signing(current: &Current) -> Finding {
    let signer = current.signer().key_id();
    match current.early() {
        None => Finding::fine("keys", format!("{signer} signs")),
        Some(_) => Finding::wrong(
            "keys",
            format!("{signer} signs before its time: by this clock none has begun"),
            "set the clock, by NTP; if it is right: `passkey-server key new --lead 0`",
        ),
    }
}

fn no_key(error: &NotLocated) -> Finding {
    Finding::wrong(
        "sealing key",
        described(error),
        "--sealing-key FILE and --earlier-sealing-key FILE as the server has them",
    )
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
            if body.secrets.is_empty() && body.client.has_secret() {
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
