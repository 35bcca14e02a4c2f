//! `token new`: a caller to be.

use std::{
    fmt,
    io::{self, Write as _},
    marker::PhantomData,
};

use clap::{
    Args, Subcommand,
    builder::{NonEmptyStringValueParser, PossibleValuesParser},
};

use super::{Entry, Token};

/// The scopes that a server gives to callers.
pub trait CallerScopes: Clone + fmt::Debug + Send + Sync + 'static {
    /// What a token begins with, before an underscore: it tells whose it is.
    const PREFIX: &'static str;

    /// Every scope.
    fn all() -> Vec<&'static str>;
}

/// What is done with tokens of callers.
#[derive(Debug, Clone, Subcommand)]
#[expect(clippy::exhaustive_enums, reason = "taken apart by the servers")]
pub enum TokenCommand<S: CallerScopes> {
    /// Make a token: it is shown once, on standard error; what the server needs to know of it goes
    /// to standard output, for the file of `serve --token-file`
    New(NewToken<S>),
}

/// A token to be made.
#[derive(Debug, Clone, Args)]
pub struct NewToken<S: CallerScopes> {
    /// The caller's name, for the audit trail
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// What it allows; may be given again
    #[arg(long, required = true, value_parser = PossibleValuesParser::new(S::all()))]
    scope: Vec<String>,
    #[arg(skip)]
    of: PhantomData<S>,
}

/// Why no token is made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoToken {
    /// The system has no randomness to give.
    #[error("the system has no random numbers")]
    Random(#[from] getrandom::Error),
    /// The table cannot be written.
    #[error("the name cannot be written")]
    Name(#[from] toml::ser::Error),
    /// Nothing can be printed.
    #[error("cannot print")]
    Print(#[from] io::Error),
}

impl<S: CallerScopes> TokenCommand<S> {
    /// Does it, for every resource.
    ///
    /// # Errors
    /// [`NoToken`].
    pub fn run(&self) -> Result<(), NoToken> {
        let Self::New(new) = self;
        new.run(&[])
    }
}

impl<S: CallerScopes> NewToken<S> {
    /// Shows the token on standard error, and on standard output the `[[caller]]` table by which the
    /// server knows it; for the resources in `only`, or for all if there are none.
    ///
    /// # Errors
    /// [`NoToken`].
    pub fn run(&self, only: &[String]) -> Result<(), NoToken> {
        let (token, table) = self.make(only)?;
        let (name, token) = (&self.name, token.expose());
        writeln!(
            io::stderr(),
            "The token of {name}, which is not shown again:\n{token}"
        )?;
        Ok(io::stdout().write_all(table.as_bytes())?)
    }

    fn make(&self, only: &[String]) -> Result<(Token, String), NoToken> {
        let token = Token::generate(S::PREFIX)?;
        let entry = Entry::for_token(&self.name, token.digest(), self.scope.clone());
        let entry = match only {
            [] => entry,
            some => entry.only(some.to_vec()),
        };
        Ok((token, entry.to_toml()?))
    }
}

#[cfg(test)]
mod tests {
    use clap::{Parser, error::ErrorKind};

    use super::*;

    #[derive(Debug, Clone)]
    struct Demo;

    impl CallerScopes for Demo {
        const PREFIX: &'static str = "demo";
        fn all() -> Vec<&'static str> {
            vec!["demo:read", "demo:write"]
        }
    }

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(subcommand)]
        command: TokenCommand<Demo>,
    }

    fn parsed(arguments: &[&str]) -> Result<NewToken<Demo>, ErrorKind> {
        let parsed = Cli::try_parse_from([&["demo", "new"], arguments].concat());
        let TokenCommand::New(new) = parsed.map_err(|error| error.kind())?.command;
        Ok(new)
    }

    #[test]
    fn a_token_comes_with_the_table_that_knows_it() {
        let new = parsed(&["lab", "--scope", "demo:read"]).unwrap();
        let (token, table) = new.make(&["a".to_owned()]).unwrap();
        assert!(token.expose().starts_with("demo_"));
        let digest = hex::encode(token.digest());
        assert_eq!(
            table,
            format!(
                "[[caller]]\nname = \"lab\"\ntoken-sha256 = \"{digest}\"\n\
                 scopes = [\"demo:read\"]\nonly = [\"a\"]\n"
            )
        );
        let (_, table) = new.make(&[]).unwrap();
        assert!(!table.contains("only"), "{table}");
    }

    #[test]
    fn an_unknown_scope_none_and_no_name_are_refused() {
        for (arguments, kind) in [
            (&["lab", "--scope", "all"][..], ErrorKind::InvalidValue),
            (&["lab"], ErrorKind::MissingRequiredArgument),
            (&["", "--scope", "demo:read"], ErrorKind::InvalidValue),
        ] {
            assert_eq!(parsed(arguments).unwrap_err(), kind, "{arguments:?}");
        }
    }
}
