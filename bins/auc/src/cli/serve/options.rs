//! The settings of the server, by the same names as flags, in the environment and in a file.

use std::path::{Path, PathBuf};

use aka::{Ind, kdf::gsm::SresFunction};
use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use server_kit::{
    audit::AuditOptions, caller::CallerOptions, config::Settings, listen::ListenOptions,
    observe::LogOptions,
};

use super::bsf::BsfOptions;
use crate::cli::directory::Database;

/// Everything that can be set; what is not given has its default.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(crate) struct Options {
    /// The unix datagram socket for hostapd to ask on
    #[arg(long, value_name = "PATH", help_heading = "hostapd")]
    pub(super) hostapd_socket: Option<PathBuf>,
    /// Permissions of that socket; 660 lets a group ask for keys
    #[arg(long, value_name = "OCTAL", help_heading = "hostapd")]
    socket_mode: Option<String>,
    /// Do not log each request of hostapd (never with an identity or a key) to standard error
    #[arg(long, short, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "hostapd")]
    quiet: Option<bool>,
    /// The subscribers and their keys, in a file
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "database",
        help_heading = "Subscribers"
    )]
    subscribers: Option<PathBuf>,
    /// The sequence numbers of that file's subscribers, made at the first start [default: the
    /// subscribers' file with .sqn behind its name]
    #[arg(long, value_name = "FILE", help_heading = "Subscribers")]
    state: Option<PathBuf>,
    #[command(flatten)]
    #[serde(flatten)]
    database: Database,
    /// The slot of the cards' SQN arrays that this home uses, 0 to 31
    #[arg(long, value_name = "N", help_heading = "Subscribers")]
    ind: Option<u8>,
    /// How the operator makes SRES of RES, for EAP-SIM
    #[arg(long, help_heading = "Subscribers")]
    sres: Option<Sres>,
    #[command(flatten)]
    #[serde(flatten)]
    pub(super) listen: ListenOptions,
    #[command(flatten)]
    #[serde(flatten)]
    pub(super) bsf: BsfOptions,
    #[command(flatten)]
    #[serde(flatten)]
    pub(super) callers: CallerOptions,
    /// Requests a second from one caller, with bursts of twice that; 0 for no limit
    #[arg(long, value_name = "N", help_heading = "Callers")]
    pub(super) rate_per_caller: Option<u32>,
    #[command(flatten)]
    #[serde(flatten)]
    pub(super) log: LogOptions,
    #[command(flatten)]
    #[serde(flatten)]
    pub(super) audit: AuditOptions,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Sres {
    /// c2: all of RES, folded (GSM-MILENAGE function 1)
    Folded,
    /// The first 4 octets of RES (function 2)
    Truncated,
}

/// Where the subscribers are.
pub(super) enum Source<'a> {
    File {
        subscribers: &'a Path,
        state: PathBuf,
    },
    Database(&'a Database),
}

impl Settings for Options {
    const PROGRAM: &'static str = "auc";
    const SECRETS: &'static [&'static str] = &["token-sha256", "database"];

    fn defaults() -> Self {
        Self {
            socket_mode: Some("600".to_owned()),
            ind: Some(0),
            sres: Some(Sres::Folded),
            rate_per_caller: Some(1000),
            audit: AuditOptions::standard_error(),
            ..Self::default()
        }
    }

    fn log(&self) -> &LogOptions {
        &self.log
    }
}

impl Options {
    /// Where the subscribers are, once the other settings are found to make sense.
    pub(super) fn source(&self) -> anyhow::Result<Source<'_>> {
        ensure!(
            self.hostapd_socket.is_some() || self.listens(),
            "nobody could ask: give --hostapd-socket PATH, --listen ADDR with --token-file FILE, or --bsf ADDR"
        );
        ensure!(
            self.listen.listen.is_empty() || self.knows_callers(),
            "nobody may ask at --listen: give --token-file FILE, which `auc token new` makes"
        );
        self.socket_mode()?;
        self.ind()?;
        self.bsf.settings()?;
        match (&self.subscribers, self.database.is_given()) {
            (Some(subscribers), false) => Ok(Source::File {
                subscribers,
                state: self.state_path(subscribers),
            }),
            (None, true) => Ok(Source::Database(&self.database)),
            _ => bail!("give the subscribers: --subscribers FILE, or --database URL"),
        }
    }

    pub(super) const fn database(&self) -> &Database {
        &self.database
    }

    pub(super) fn listens(&self) -> bool {
        !self.listen.listen.is_empty() || self.bsf.is_given()
    }

    fn knows_callers(&self) -> bool {
        let callers = &self.callers;
        callers.token_file.is_some()
            || !callers.caller.is_empty()
            || !callers.token_issuer.is_empty()
    }

    pub(super) fn ind(&self) -> anyhow::Result<Ind> {
        Ind::new(self.ind.unwrap_or_default()).context("--ind is a number from 0 to 31")
    }

    pub(super) fn sres(&self) -> SresFunction {
        match self.sres {
            Some(Sres::Truncated) => SresFunction::Truncated,
            Some(Sres::Folded) | None => SresFunction::Folded,
        }
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.quiet == Some(true)
    }

    /// Whoever may write to the socket gets keys.
    pub(super) fn socket_mode(&self) -> anyhow::Result<u32> {
        let text = self.socket_mode.as_deref().unwrap_or("600");
        let mode = u32::from_str_radix(text, 8).ok();
        mode.filter(|mode| mode & !0o660 == 0)
            .context("--socket-mode: expected 600 or 660: nobody else may ask for keys")
    }

    fn state_path(&self, subscribers: &Path) -> PathBuf {
        self.state.clone().unwrap_or_else(|| {
            let mut name = subscribers.as_os_str().to_owned();
            name.push(".sqn");
            name.into()
        })
    }
}
