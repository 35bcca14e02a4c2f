//! The settings of the server, by the same names as flags, in the environment and in a file.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};
use server_kit::audit::AuditOptions;
use server_kit::caller::CallerOptions;
use server_kit::config::{DatabaseOptions, Settings};
use server_kit::listen::ListenOptions;
use server_kit::observe::LogOptions;

use crate::dialects::{Dialects, KeysApi, Soracom, Ts43};
use crate::store::Budget;

mod database;

pub(crate) use database::{Database, beside, locate, store};

/// Everything that can be set; what is not given has its default.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Options {
    /// What tokens say.
    #[command(flatten)]
    #[serde(flatten)]
    pub tokens: TokenOptions,
    /// Where everything is kept.
    #[command(flatten)]
    #[serde(flatten)]
    pub database: DatabaseOptions,
    /// Whose SIMs.
    #[command(flatten)]
    #[serde(flatten)]
    pub subscribers: SubscriberOptions,
    /// How often.
    #[command(flatten)]
    #[serde(flatten)]
    pub rules: RuleOptions,
    /// Where and how.
    #[command(flatten)]
    #[serde(flatten)]
    pub listen: ListenOptions,
    /// Who may ask what is not for devices.
    #[command(flatten)]
    #[serde(flatten)]
    pub callers: CallerOptions,
    /// What is written down.
    #[command(flatten)]
    #[serde(flatten)]
    pub log: LogOptions,
    /// The dialects beside our own.
    #[command(flatten)]
    #[serde(flatten)]
    pub dialects: DialectOptions,
    /// Where the audit trail goes.
    #[command(flatten)]
    #[serde(flatten)]
    pub audit: AuditOptions,
}

/// What tokens say, and who signs them.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct TokenOptions {
    /// The server's origin, as devices know it, such as `https://endorse.example`
    #[arg(long, value_name = "URL", help_heading = "Tokens")]
    pub origin: Option<String>,
    /// For whom tokens are issued; may be given again
    #[arg(long, value_name = "AUD", help_heading = "Tokens")]
    pub audience: Vec<String>,
    /// Seconds that a token lives
    #[arg(long, value_name = "S", help_heading = "Tokens")]
    pub lifetime: Option<u64>,
    /// Tell the IMSI in tokens
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "Tokens")]
    pub tell_imsi: Option<bool>,
    /// 32 octets that make the tokens' subjects, and must never change [default: made at the first
    /// start, and kept in the database]
    #[arg(long, value_name = "FILE", help_heading = "Tokens")]
    pub subject_secret: Option<PathBuf>,
    /// The private key that signs, in PEM, where there is no database
    #[arg(long, value_name = "FILE", help_heading = "Tokens")]
    pub key: Option<PathBuf>,
}

/// Whose SIMs are proven.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct SubscriberOptions {
    /// The subscribers and their keys, in a file as `auc serve` reads it [default: those in the
    /// database]
    #[arg(long, value_name = "FILE", help_heading = "Subscribers")]
    pub subscribers: Option<PathBuf>,
    /// The sequence numbers of that file's subscribers, made at the first start [default: the
    /// subscribers' file with .sqn behind its name]
    #[arg(long, value_name = "FILE", help_heading = "Subscribers")]
    pub state: Option<PathBuf>,
    /// Ask the authentication centre at this URL (`auc serve`)
    #[arg(
        long,
        value_name = "URL",
        requires = "auc_token_file",
        conflicts_with = "subscribers",
        help_heading = "Subscribers"
    )]
    pub auc_url: Option<String>,
    /// The token by which it knows us, with the scopes auc:vectors and auc:resync
    #[arg(long, value_name = "FILE", help_heading = "Subscribers")]
    pub auc_token_file: Option<PathBuf>,
    /// The authorities that its certificate may come from, in PEM [default: those that browsers trust]
    #[arg(long, value_name = "FILE", help_heading = "Subscribers")]
    pub auc_ca: Option<PathBuf>,
    /// The slot of the cards' SQN arrays that this server uses, 0 to 31
    #[arg(long, value_name = "N", help_heading = "Subscribers")]
    pub ind: Option<u8>,
}

/// The dialects beside our own, each a table in the file.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct DialectOptions {
    /// Tokens in the format of SORACOM Endorse, as `{ enabled = true, ... }`
    #[arg(long, value_name = "TABLE", help_heading = "Dialects")]
    pub soracom: Option<Soracom>,
    /// SORACOM's Keys API, as `{ challenge-status = 401, ... }`
    #[arg(long, value_name = "TABLE", help_heading = "Dialects")]
    pub keys_api: Option<KeysApi>,
    /// GSMA TS.43, as `{ apps = { ap2004 = "AUD" } }`
    #[arg(long, value_name = "TABLE", help_heading = "Dialects")]
    pub ts43: Option<Ts43>,
}

impl DialectOptions {
    /// All of them; what is not given has its default.
    pub fn dialects(&self) -> Dialects {
        Dialects {
            soracom: self.soracom.clone().unwrap_or_default(),
            keys_api: self.keys_api.clone().unwrap_or_default(),
            ts43: self.ts43.clone().unwrap_or_default(),
        }
    }
}

/// How often devices may ask.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct RuleOptions {
    /// New vectors for one SIM within a minute
    #[arg(long, value_name = "N", help_heading = "Rules")]
    pub vectors_per_minute: Option<u32>,
    /// Challenges for one SIM within a minute, those that are told again included
    #[arg(long, value_name = "N", help_heading = "Rules")]
    pub challenges_per_minute: Option<u32>,
    /// Requests a second from one network address, with bursts of twice that; 0 for no limit
    #[arg(long, value_name = "N", help_heading = "Rules")]
    pub rate_per_peer: Option<u32>,
    /// Requests a second from one caller, with bursts of twice that; 0 for no limit
    #[arg(long, value_name = "N", help_heading = "Rules")]
    pub rate_per_caller: Option<u32>,
}

impl Settings for Options {
    const PROGRAM: &'static str = "endorse-server";
    const SECRETS: &'static [&'static str] = &["token-sha256", "database"];

    fn defaults() -> Self {
        let mut options = Self::default();
        options.listen.listen = "127.0.0.1:8480".parse().into_iter().collect();
        options.tokens.lifetime = Some(300);
        options.subscribers.ind = Some(5);
        options.audit = AuditOptions::standard_error();
        options.rules = RuleOptions {
            vectors_per_minute: Some(Budget::default().vectors),
            challenges_per_minute: Some(Budget::default().challenges),
            rate_per_peer: Some(50),
            rate_per_caller: Some(200),
        };
        options
    }

    fn log(&self) -> &LogOptions {
        &self.log
    }
}

impl RuleOptions {
    /// How often a SIM may be asked.
    pub fn budget(&self) -> Budget {
        let or = Budget::default();
        Budget {
            vectors: self.vectors_per_minute.unwrap_or(or.vectors),
            challenges: self.challenges_per_minute.unwrap_or(or.challenges),
        }
    }
}
