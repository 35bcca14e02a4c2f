//! Settings from a file, the environment and the command line, by the same names in all three.
//!
//! A server describes its settings once, as a [`clap::Args`] struct of optional values that serde
//! reads and writes in kebab-case. `--rate-per-caller 20` is then `rate-per-caller = 20` in the
//! file and `PROGRAM_RATE_PER_CALLER=20` in the environment. The command line wins over the
//! environment, that over the file, and the file over the defaults.

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use clap::{ArgAction, Args, Command};
use serde::{Serialize, de::DeserializeOwned};
use toml::{Table, Value};

use crate::observe::LogOptions;

pub use database::{DatabaseOptions, Located, NotLocated};
pub use place::Place;

mod database;
mod place;

/// The settings of one server: every value optional, every name the same everywhere.
pub trait Settings: Args + Serialize + DeserializeOwned {
    /// The program's name; upper-cased and with an underscore it begins its environment variables.
    const PROGRAM: &'static str;

    /// Keys, at any depth, whose values `--print-config` does not show.
    const SECRETS: &'static [&'static str] = &["token-sha256"];

    /// What holds where neither the command line, the environment nor the file says anything.
    fn defaults() -> Self;

    /// What is logged, and how.
    fn log(&self) -> &LogOptions;
}

/// The flags of a server: where its settings file is, and its settings.
#[derive(Debug, Args)]
pub struct Layers<T: Settings> {
    /// Read settings from this TOML file, whose keys are the names of these flags
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the settings in effect, with secrets redacted, and exit
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    given: T,
}

/// What the caller asked for, once all layers are laid over each other.
#[derive(Debug)]
#[non_exhaustive]
pub enum Effective<T> {
    /// Run with these settings.
    Run(T),
    /// Print this TOML text and exit.
    Print(String),
}

/// Why settings are refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("{path} is not TOML")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where it stops being TOML.
        #[source]
        source: toml::de::Error,
    },
    /// The file has a key that is no setting.
    #[error("{path} has the unknown key `{key}`; `--help` lists the names")]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
    },
    /// A value has the wrong type.
    #[error("the setting `{key}` has a wrong value")]
    Value {
        /// The setting.
        key: String,
        /// What should stand there.
        #[source]
        source: toml::de::Error,
    },
    /// The settings do not go together.
    #[error("the settings do not go together")]
    Together(#[source] toml::de::Error),
    /// A value cannot be written as TOML.
    #[error("a setting cannot be written")]
    Write(#[from] toml::ser::Error),
    /// The settings cannot be printed.
    #[error("the settings cannot be printed")]
    Print(#[from] io::Error),
}

impl<T: Settings> Layers<T> {
    /// The settings in effect, or none after they were printed because that was all that was asked.
    ///
    /// # Errors
    /// As [`Layers::effective`], or nothing can be printed.
    pub fn settings(self) -> Result<Option<T>, ConfigError> {
        match self.effective()? {
            Effective::Run(settings) => Ok(Some(settings)),
            Effective::Print(text) => {
                io::stdout().write_all(text.as_bytes())?;
                Ok(None)
            }
        }
    }

    /// Lays command line and environment over the file, and the file over the defaults.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or has an unknown key or a value of the wrong type.
    pub fn effective(self) -> Result<Effective<T>, ConfigError> {
        let mut table = overrides(&T::defaults())?;
        if let Some(path) = self.config {
            table.extend(read::<T>(path)?);
        }
        table.extend(overrides(&self.given)?);
        if self.print_config {
            redact(&mut table, T::SECRETS);
            return Ok(Effective::Print(toml::to_string_pretty(&table)?));
        }
        match table.clone().try_into() {
            Ok(settings) => Ok(Effective::Run(settings)),
            Err(error) => Err(wrong::<T>(table, error)),
        }
    }
}

/// Each setting by itself: what reads them together forgets where it stopped.
fn wrong<T: Settings>(table: Table, together: toml::de::Error) -> ConfigError {
    for (key, value) in table {
        let alone = Table::from_iter([(key.clone(), value)]);
        if let Err(source) = alone.try_into::<T>() {
            return ConfigError::Value { key, source };
        }
    }
    ConfigError::Together(together)
}

/// Says in the help of every flag of `command` what holds without it.
pub fn with_defaults<T: Settings>(command: Command) -> Command {
    let defaults = Table::try_from(T::defaults()).unwrap_or_default();
    command.mut_args(|arg| {
        let default = arg.get_long().and_then(|long| defaults.get(long));
        match (default.map(words), arg.get_help()) {
            (Some(words), Some(help)) if !words.is_empty() => {
                let help = format!("{help} [default: {words}]");
                arg.help(help)
            }
            _ => arg,
        }
    })
}

/// A value as the command line takes it.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join(" "),
        Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Table(_) => value.to_string(),
    }
}

/// Gives every flag of `command` its environment variable; several values are set apart by `;`.
pub fn with_environment(command: Command, program: &str) -> Command {
    let prefix = screaming(program);
    command.mut_args(|arg| {
        let Some(long) = arg.get_long() else {
            return arg;
        };
        let variable = format!("{prefix}_{}", screaming(long));
        let arg = arg.env(variable).hide_env_values(true);
        if matches!(arg.get_action(), ArgAction::Append) {
            arg.value_delimiter(';')
        } else {
            arg
        }
    })
}

fn screaming(name: &str) -> String {
    name.replace('-', "_").to_ascii_uppercase()
}

/// What `layer` says: an absent value and an empty list say nothing.
fn overrides<T: Serialize>(layer: &T) -> Result<Table, ConfigError> {
    let table = Table::try_from(layer)?;
    let says = |value: &Value| value.as_array().is_none_or(|list| !list.is_empty());
    Ok(table.into_iter().filter(|(_, value)| says(value)).collect())
}

fn read<T: Settings>(path: PathBuf) -> Result<Table, ConfigError> {
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) => return Err(ConfigError::Read { path, source }),
    };
    let table: Table = match toml::from_str(&text) {
        Ok(table) => table,
        Err(source) => return Err(ConfigError::Syntax { path, source }),
    };
    let known = T::augment_args(Command::new(T::PROGRAM));
    let is_known = |key: &str| known.get_arguments().any(|arg| arg.get_long() == Some(key));
    match table.keys().find(|key| !is_known(key)) {
        Some(key) => Err(ConfigError::UnknownKey {
            path,
            key: key.clone(),
        }),
        None => Ok(table),
    }
}

fn redact(table: &mut Table, secrets: &[&str]) {
    for (key, value) in table.iter_mut() {
        if secrets.contains(&key.as_str()) {
            *value = Value::from("[redacted]");
        } else {
            redact_value(value, secrets);
        }
    }
}

fn redact_value(value: &mut Value, secrets: &[&str]) {
    if let Some(table) = value.as_table_mut() {
        redact(table, secrets);
    } else if let Some(list) = value.as_array_mut() {
        for value in list {
            redact_value(value, secrets);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use clap::{CommandFactory, FromArgMatches, Parser};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Args, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", default)]
    struct Demo {
        /// Where
        #[arg(long)]
        listen: Vec<String>,
        /// How often
        #[arg(long)]
        rate_per_caller: Option<u32>,
        /// In plain text
        #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
        http: Option<bool>,
        #[command(flatten)]
        #[serde(flatten)]
        group: Group,
    }

    static LOG: LogOptions = LogOptions {
        log: None,
        log_format: None,
    };

    #[derive(Debug, Default, PartialEq, Args, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case", default)]
    struct Group {
        #[arg(long)]
        token_sha256: Option<String>,
    }

    impl Settings for Demo {
        const PROGRAM: &'static str = "kit-demo";
        fn defaults() -> Self {
            Self {
                listen: vec!["127.0.0.1:1".into()],
                rate_per_caller: Some(1),
                ..Self::default()
            }
        }
        fn log(&self) -> &LogOptions {
            &LOG
        }
    }

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        layers: Layers<Demo>,
    }

    fn effective(args: &[&str]) -> Result<Effective<Demo>, ConfigError> {
        let cli = Cli::try_parse_from([&["kit-demo"], args].concat()).unwrap();
        cli.layers.effective()
    }

    fn run(args: &[&str]) -> Demo {
        match effective(args).unwrap() {
            Effective::Run(demo) => demo,
            Effective::Print(text) => panic!("{text}"),
        }
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn defaults_hold_where_nothing_is_said() {
        assert_eq!(run(&[]), Demo::defaults());
    }

    #[test]
    fn the_file_wins_over_the_defaults_and_the_command_line_over_the_file() {
        let file = file("listen = ['[::1]:2', 'unix:/x']\nrate-per-caller = 2\nhttp = true\n");
        let path = file.path().to_str().unwrap();
        let demo = run(&["--config", path, "--rate-per-caller", "3"]);
        assert_eq!(demo.listen, ["[::1]:2", "unix:/x"]);
        assert_eq!(demo.rate_per_caller, Some(3));
        assert_eq!(demo.http, Some(true));
        assert_eq!(run(&["--config", path, "--http=false"]).http, Some(false));
    }

    #[test]
    fn a_flattened_group_is_known_in_the_file() {
        let file = file("token-sha256 = 'ab'\n");
        let demo = run(&["--config", file.path().to_str().unwrap()]);
        assert_eq!(demo.group.token_sha256.as_deref(), Some("ab"));
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let file = file("listne = []\n");
        let error = effective(&["--config", file.path().to_str().unwrap()]).unwrap_err();
        assert!(matches!(error, ConfigError::UnknownKey { key, .. } if key == "listne"));
    }

    #[test]
    fn a_missing_file_broken_syntax_and_a_wrong_type_are_told_apart() {
        let missing = effective(&["--config", "/nonexistent/x.toml"]).unwrap_err();
        assert!(matches!(missing, ConfigError::Read { .. }));
        let broken = file("listen = [");
        let broken = effective(&["--config", broken.path().to_str().unwrap()]).unwrap_err();
        assert!(matches!(broken, ConfigError::Syntax { .. }));
        let wrong = file("rate-per-caller = 'many'");
        let wrong = effective(&["--config", wrong.path().to_str().unwrap()]).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "the setting `rate-per-caller` has a wrong value"
        );
    }

    #[test]
    fn the_help_says_what_holds_without_a_flag() {
        let command = with_defaults::<Demo>(Demo::augment_args(Command::new("kit-demo")));
        let help = |long| {
            let arg = command
                .get_arguments()
                .find(|arg| arg.get_long() == Some(long));
            arg.unwrap().get_help().map(ToString::to_string)
        };
        assert_eq!(help("listen").unwrap(), "Where [default: 127.0.0.1:1]");
        assert_eq!(help("rate-per-caller").unwrap(), "How often [default: 1]");
        assert_eq!(help("http").unwrap(), "In plain text");
    }

    #[test]
    fn the_printed_settings_hide_secrets() {
        let Effective::Print(text) =
            effective(&["--print-config", "--token-sha256", "5ec7e7"]).unwrap()
        else {
            panic!("expected text");
        };
        assert_eq!(
            text,
            "listen = [\"127.0.0.1:1\"]\nrate-per-caller = 1\ntoken-sha256 = \"[redacted]\"\n"
        );
    }

    #[test]
    fn every_flag_has_its_environment_variable() {
        let command = with_environment(Cli::command(), "kit-demo");
        let names: Vec<_> = command
            .get_arguments()
            .filter_map(|arg| arg.get_env()?.to_str())
            .collect();
        assert_eq!(
            names,
            [
                "KIT_DEMO_CONFIG",
                "KIT_DEMO_PRINT_CONFIG",
                "KIT_DEMO_LISTEN",
                "KIT_DEMO_RATE_PER_CALLER",
                "KIT_DEMO_HTTP",
                "KIT_DEMO_TOKEN_SHA256"
            ]
        );
        let matches = command
            .try_get_matches_from(["kit-demo", "--listen", "a;b"])
            .unwrap();
        let cli = Cli::from_arg_matches(&matches).unwrap();
        assert_eq!(cli.layers.given.listen, ["a", "b"]);
    }
}
