//! `auc subscriber`: who is in a database.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
};

use aka::{Amf, Imsi};
use anyhow::{Context, anyhow};
use auc::{OnConflict, SqlDirectory, Subscriber, Subscribers, XorForTests, export::Format};
use clap::{Args, Subcommand};
use tokio::runtime::Runtime;

use crate::cli::{Failure, Report, directory::Database, keys::Keys, number::Number};

#[derive(Args)]
pub(crate) struct SubscriberCommand {
    #[command(flatten)]
    database: Database,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Add one subscriber
    Add(Box<Add>),
    /// Add all subscribers of a file: CSV, hlr_auc_gw's lines, Open5GS's documents in JSON, or TOML
    Import {
        /// The file
        file: PathBuf,
        /// Give subscribers that are there already the keys of the file; the higher sequence
        /// number stays
        #[arg(long)]
        replace: bool,
    },
    /// Write all subscribers with their keys to a new file that nobody else may read
    Export {
        /// The file; it must not be there yet
        file: PathBuf,
        /// Its form
        #[arg(long, default_value = "csv")]
        format: Format,
    },
    /// List IMSI, algorithm, AMF and SQN, without keys
    List {
        /// Begin after this IMSI
        #[arg(long, value_name = "IMSI", default_value = "")]
        after: String,
        /// So many at most
        #[arg(long, value_name = "N", default_value = "100")]
        limit: u32,
        /// endorse-server's decoys too, who are nobody: IMSIs that begin with 000000000000
        #[arg(long)]
        decoys: bool,
    },
    /// Take a subscriber out
    Remove {
        /// Who
        imsi: Imsi,
    },
}

#[derive(Args)]
struct Add {
    /// Who
    #[arg(long)]
    imsi: Imsi,
    #[command(flatten)]
    keys: Keys,
    /// The authentication management field
    #[arg(long, value_name = "HEX", default_value = "8000")]
    amf: Amf,
    /// The last sequence number that was used: 12 hexadecimal digits, or a decimal number of fewer
    #[arg(long, default_value = "0")]
    sqn: Number,
}

impl SubscriberCommand {
    pub(crate) fn run(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Report, Failure> {
        let runtime = Runtime::new()
            .context("cannot start")
            .map_err(Failure::Failed)?;
        runtime.block_on(self.act(input))
    }

    async fn act(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Report, Failure> {
        let database = self.database.open().await?;
        // no vector is made here
        let database = match self.action {
            Action::Import { .. } => database,
            Action::Add(_)
            | Action::Export { .. }
            | Action::List { .. }
            | Action::Remove { .. } => database.with_xor(XorForTests::DangerAllowed),
        };
        let done = match &self.action {
            Action::Add(add) => {
                // the flag that names the algorithm is the word that allows it
                self::add(&database, &add.subscriber(input)?).await
            }
            Action::Import { file, replace } => {
                let conflict = if *replace {
                    OnConflict::Replace
                } else {
                    OnConflict::Keep
                };
                import(&database, &self.database.read(file)?, conflict).await
            }
            Action::Export { file, format } => export(&database, file, *format).await,
            Action::List {
                after,
                limit,
                decoys,
            } => {
                let begin = if *decoys { "" } else { LAST_DECOY };
                list(&database, begin.max(after), *limit).await
            }
            Action::Remove { imsi } => remove(&database, imsi).await,
        };
        done.map_err(Failure::Failed)
    }
}

impl Add {
    fn subscriber(
        &self,
        input: &mut impl Iterator<Item = io::Result<String>>,
    ) -> Result<Subscriber, Failure> {
        let keys = self.keys.subscribed(input)?;
        if keys.is_zero() {
            eprintln!("auc: warning: K is all zeros");
        }
        let length = self.keys.res_length(&keys)?;
        let subscriber = Subscriber::with_keys(self.imsi, keys);
        Ok(subscriber
            .with_amf(self.amf)
            .with_sqn(self.sqn.0)
            .with_res_length(length))
    }
}

async fn add(database: &SqlDirectory, subscriber: &Subscriber) -> anyhow::Result<Report> {
    let added = database
        .add([subscriber].into_iter(), OnConflict::Keep)
        .await?;
    if added.known > 0 {
        return Err(anyhow!(
            "this IMSI is there already; import with --replace gives it new keys"
        ));
    }
    Ok(Report::default().with("ADDED", format_args!("1")))
}

async fn import(
    database: &SqlDirectory,
    subscribers: &Subscribers,
    conflict: OnConflict,
) -> anyhow::Result<Report> {
    let added = database.add(subscribers.iter(), conflict).await?;
    let known = match conflict {
        OnConflict::Keep => "KEPT",
        OnConflict::Replace => "GIVEN",
    };
    Ok(Report::default()
        .with("ADDED", format_args!("{}", added.new))
        .with(known, format_args!("{}", added.known)))
}

async fn export(database: &SqlDirectory, file: &PathBuf, format: Format) -> anyhow::Result<Report> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(file);
    let mut out = opened.with_context(|| format!("cannot make {}", file.display()))?;
    match write_all(database, &mut out, format).await {
        Ok(count) => Ok(Report::default().with("WRITTEN", format_args!("{count}"))),
        Err(error) => {
            // a part of the subscribers would pass for all of them
            drop(fs::remove_file(file));
            Err(error)
        }
    }
}

/// Writes every subscriber, and says how many there are.
async fn write_all(
    database: &SqlDirectory,
    out: &mut File,
    format: Format,
) -> anyhow::Result<usize> {
    out.write_all(format.begin().as_bytes())?;
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let page = database.list(&after, PAGE).await?;
        let Some(last) = page.last() else { break };
        last.imsi.as_str().clone_into(&mut after);
        for subscriber in &page {
            out.write_all(format.line(subscriber)?.as_bytes())?;
            count += 1;
        }
    }
    out.sync_all()?;
    Ok(count)
}

async fn list(database: &SqlDirectory, after: &str, limit: u32) -> anyhow::Result<Report> {
    let found = database.list(after, limit).await?;
    let mut report = Report::default();
    for subscriber in found {
        let (amf, sqn) = (subscriber.amf, subscriber.sqn);
        let algorithm = subscriber.keys.algorithm().name();
        let line = format_args!("{algorithm:<8}  AMF {:x}  SQN {sqn:x}", amf.hex());
        report = report.with_name(subscriber.imsi.as_str(), line);
    }
    Ok(report)
}

async fn remove(database: &SqlDirectory, imsi: &Imsi) -> anyhow::Result<Report> {
    if database.remove(imsi).await? {
        Ok(Report::default().with("REMOVED", format_args!("1")))
    } else {
        Err(anyhow!("unknown subscriber"))
    }
}

const PAGE: u32 = 1000;

const LAST_DECOY: &str = "000000000000999";
