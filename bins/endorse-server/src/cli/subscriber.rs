//! `endorse-server subscriber`: whose SIMs can be proven.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, stdin};
use std::path::PathBuf;

use aka::{Imsi, K, Opc};
use anyhow::{Context as _, Result, ensure};
use auc::{OnConflict, SqlDirectory, Subscriber, Subscribers};
use clap::{Args, Subcommand};
use server_kit::config::Place;
use zeroize::Zeroizing;

use crate::config::beside;
use crate::source::is_decoy;

/// What to do with subscribers.
#[derive(Args, Debug)]
#[non_exhaustive]
pub struct SubscriberCommand {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add one subscriber, whose K and OPc are read from two lines of standard input, in hexadecimal
    Add {
        /// Who
        imsi: Imsi,
    },
    /// Add all subscribers of a file, in any form that `auc subscriber import` reads
    Import {
        /// The file
        file: PathBuf,
        /// Give subscribers that are there already the keys of the file; the higher sequence
        /// number stays
        #[arg(long)]
        replace: bool,
    },
    /// List IMSI, AMF and SQN, without keys
    List {
        /// Begin after this IMSI
        #[arg(long, value_name = "IMSI", default_value = "")]
        after: String,
        /// So many at most
        #[arg(long, value_name = "N", default_value = "100")]
        limit: u32,
    },
    /// Take a subscriber out
    Remove {
        /// Who
        imsi: Imsi,
    },
}

impl SubscriberCommand {
    /// Does it, and tells what came of it.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub(super) async fn run(self) -> Result<String> {
        let database = beside(&self.place)?.subscribers().await?;
        let told = match self.action {
            Action::Add { imsi } => add(&database, imsi).await?,
            Action::Import { file, replace } => import(&database, &file, replace).await?,
            Action::List { after, limit } => list(&database, &after, limit).await?,
            Action::Remove { imsi } => {
                ensure!(database.remove(&imsi).await?, "unknown subscriber");
                "removed 1\n".to_owned()
            }
        };
        database.close().await;
        Ok(told)
    }
}

async fn add(database: &SqlDirectory, imsi: Imsi) -> Result<String> {
    let mut lines = stdin().lock().lines();
    let mut line = |name: &'static str| -> Result<Zeroizing<String>> {
        let line = lines
            .next()
            .with_context(|| format!("no line with {name}"))?;
        Ok(Zeroizing::new(line?))
    };
    let k: K = line("K")?.trim().parse()?;
    let opc: Opc = line("OPc")?.trim().parse()?;
    let subscriber = Subscriber::new(imsi, k, opc);
    let added = database
        .add([&subscriber].into_iter(), OnConflict::Keep)
        .await?;
    ensure!(
        added.new == 1,
        "this IMSI is there already: import with --replace gives it new keys"
    );
    Ok("added 1\n".to_owned())
}

async fn import(database: &SqlDirectory, file: &PathBuf, replace: bool) -> Result<String> {
    let text = fs::read_to_string(file);
    let text = Zeroizing::new(text.with_context(|| format!("cannot read {}", file.display()))?);
    let subscribers = Subscribers::parse(&text)?;
    let (conflict, known) = if replace {
        (OnConflict::Replace, "given new keys")
    } else {
        (OnConflict::Keep, "kept")
    };
    let added = database.add(subscribers.iter(), conflict).await?;
    Ok(format!("added {}, {known} {}\n", added.new, added.known))
}

async fn list(database: &SqlDirectory, after: &str, limit: u32) -> Result<String> {
    let mut text = String::new();
    let after = after.max(LAST_DECOY);
    for subscriber in database.list(after, limit).await? {
        if is_decoy(&subscriber.imsi) {
            continue;
        }
        let (imsi, amf, sqn) = (subscriber.imsi, subscriber.amf, subscriber.sqn);
        writeln!(text, "{}  AMF {:x}  SQN {sqn:x}", imsi.as_str(), amf.hex())?;
    }
    Ok(text)
}

/// Decoys come first, and are nobody's business.
const LAST_DECOY: &str = "000000000000999";
