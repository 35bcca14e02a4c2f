//! The settings of this server, by the same names as flags, in the environment and in a file.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use serde::{Deserialize, Serialize};
use server_kit::{
    audit::AuditOptions, caller::CallerOptions, config::Settings, listen::ListenOptions,
    observe::LogOptions,
};

use crate::allow::AllowList;

pub use words::{Alias, AllowedCommand, ErrorStatus, PinFile};

mod words;

/// Everything that can be set; what is not given has its default.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Options {
    /// Which SIMs.
    #[command(flatten)]
    #[serde(flatten)]
    pub sims: SimOptions,
    /// Where and how.
    #[command(flatten)]
    #[serde(flatten)]
    pub listen: ListenOptions,
    /// Who.
    #[command(flatten)]
    #[serde(flatten)]
    pub callers: CallerOptions,
    /// What, and how often.
    #[command(flatten)]
    #[serde(flatten)]
    pub rules: RuleOptions,
    /// What is written down.
    #[command(flatten)]
    #[serde(flatten)]
    pub log: LogOptions,
}

/// Which SIMs are shared; they are numbered from 0, modems first, then readers, then software.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct SimOptions {
    /// Share the SIM in this PC/SC reader, by name or index; may be given again
    #[arg(short, long, value_name = "NAME|INDEX", help_heading = "SIMs")]
    pub reader: Vec<String>,
    /// Share the SIM in the modem at this serial port; may be given again
    #[arg(short, long, value_name = "PORT", help_heading = "SIMs")]
    pub modem: Vec<String>,
    /// Share the SIMs of all PC/SC readers, also of those that come later
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "SIMs")]
    pub all_readers: Option<bool>,
    /// Share a software SIM, by this alias if one is given; may be given again
    #[arg(long, value_name = "ALIAS", num_args = 0..=1, require_equals = true, default_missing_value = "", help_heading = "SIMs")]
    pub soft: Vec<String>,
    /// The profile of the first, second, ... software SIM, in TOML
    #[arg(long, value_name = "FILE", help_heading = "SIMs")]
    pub soft_profile: Vec<PathBuf>,
    /// Where the first, second, ... software SIM keeps its sequence numbers and files
    #[arg(long, value_name = "FILE", help_heading = "SIMs")]
    pub soft_state: Vec<PathBuf>,
    /// The file with PIN1 of a SIM, by its name or alias: verified once if the card asks for it, and
    /// never with the last try; may be given again
    #[arg(long, value_name = "NAME=FILE", help_heading = "SIMs")]
    pub pin_file: Vec<PinFile>,
    /// Another name for a SIM: ALIAS=NAME; may be given again
    #[arg(long, value_name = "ALIAS=NAME", help_heading = "SIMs")]
    pub alias: Vec<Alias>,
}

/// What callers may do, and how often.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct RuleOptions {
    /// Let this command through beside those that only read and authenticate: a name such as
    /// verify or update-binary, or CLA and INS in hex; may be given again
    #[arg(long, value_name = "COMMAND", help_heading = "Rules")]
    pub allow_apdu: Vec<AllowedCommand>,
    /// Milliseconds within which a SIM answers, or the request fails
    #[arg(long, value_name = "MS", help_heading = "Rules")]
    pub deadline_ms: Option<u64>,
    /// Requests a second from one caller, with bursts of twice that; 0 for no limit
    #[arg(long, value_name = "N", help_heading = "Rules")]
    pub rate_per_caller: Option<u32>,
    /// Requests a second to one SIM, with bursts of twice that; 0 for no limit
    #[arg(long, value_name = "N", help_heading = "Rules")]
    pub rate_per_sim: Option<u32>,
    /// Seconds that a lease may last
    #[arg(long, value_name = "S", help_heading = "Rules")]
    pub longest_lease: Option<u64>,
    /// Answer every error of the compatible dialect with status 501, as the original did
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "Rules")]
    pub compat_501: Option<bool>,
    /// Where the audit trail goes.
    #[command(flatten)]
    #[serde(flatten)]
    pub audit: AuditOptions,
}

impl Settings for Options {
    const PROGRAM: &'static str = "usim-server";

    fn defaults() -> Self {
        let mut options = Self::default();
        options.listen.listen = "127.0.0.1:8443".parse().into_iter().collect();
        options.rules = RuleOptions {
            deadline_ms: Some(4500),
            rate_per_caller: Some(200),
            rate_per_sim: Some(100),
            longest_lease: Some(300),
            audit: AuditOptions::standard_error(),
            ..RuleOptions::default()
        };
        options
    }

    fn log(&self) -> &LogOptions {
        &self.log
    }
}

impl RuleOptions {
    /// How long a SIM has to answer.
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms.unwrap_or(4500))
    }

    /// The commands that may be sent as they are.
    pub fn allow_list(&self) -> AllowList {
        AllowList::default().with(&self.allow_apdu)
    }

    /// The status of errors in the compatible dialect.
    pub fn errors(&self) -> ErrorStatus {
        match self.compat_501 {
            Some(true) => ErrorStatus::Always501,
            Some(false) | None => ErrorStatus::Telling,
        }
    }
}
