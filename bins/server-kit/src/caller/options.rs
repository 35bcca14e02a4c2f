//! Callers as the settings name them.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use serde::{Deserialize, Serialize};

use super::{
    Authenticator, Caller, Certificates, Entry, EntryError, Guard, TokenIssuer, Tokens,
    read_entries,
};
use crate::listen::Authentication;

/// Who may call.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct CallerOptions {
    /// A caller as an inline TOML table with name, token-sha256 or certificate-sha256, and scopes;
    /// may be given again
    #[arg(long, value_name = "TABLE", help_heading = "Callers")]
    pub caller: Vec<Entry>,
    /// A file of `[[caller]]` tables, as `token new` prints them
    #[arg(long, value_name = "FILE", help_heading = "Callers")]
    pub token_file: Option<PathBuf>,
    /// Whose tokens are taken, as an inline TOML table with name, issuer, audience, keys and
    /// scopes; may be given again
    #[arg(long, value_name = "TABLE", help_heading = "Callers")]
    pub token_issuer: Vec<TokenIssuer>,
    /// What callers call this server in the proofs of their keys (DPoP): https://HOST; what they
    /// ask for without it
    #[arg(long, value_name = "URL", help_heading = "Callers")]
    pub proof_origin: Option<String>,
}

impl CallerOptions {
    /// The gate for these callers; without any, one that is open with the scopes in `open`.
    ///
    /// # Errors
    /// The file cannot be read, or a caller's entry is wrong.
    pub fn guard(
        &self,
        scopes: &[&str],
        open: &[&str],
    ) -> Result<(Guard, Authentication), EntryError> {
        let mut entries = self.caller.clone();
        if let Some(path) = &self.token_file {
            entries.extend(read_entries(path.clone())?);
        }
        let nobody = entries.is_empty() && self.token_issuer.is_empty();
        if nobody && self.token_file.is_none() {
            let anonymous = Caller::new("anonymous", open.iter().copied());
            let guard = Guard::of([]).open_to(anonymous);
            return Ok((guard, Authentication::Absent));
        }
        let (mut tokens, mut certificates) = (Tokens::default(), Certificates::default());
        for entry in &entries {
            entry.register(scopes, &mut tokens, &mut certificates)?;
        }
        let mut ways: Vec<Arc<dyn Authenticator>> = vec![Arc::new(tokens), Arc::new(certificates)];
        for issuer in &self.token_issuer {
            ways.push(Arc::new(issuer.authenticator(scopes)?));
        }
        let guard = Guard::of(ways).called(self.proof_origin.clone());
        Ok((guard, Authentication::Required))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;
    use crate::{
        caller::{
            Denied,
            guard::tests::{from_nobody, identify},
        },
        listen::Peer,
    };

    const SCOPES: &[&str] = &["a", "b"];

    #[test]
    fn without_callers_the_gate_is_open_with_the_given_scopes() {
        let options = CallerOptions::default();
        let (guard, authentication) = options.guard(SCOPES, &["a"]).unwrap();
        assert_eq!(authentication, Authentication::Absent);
        let caller = from_nobody(&guard, &Peer::unix()).unwrap();
        assert_eq!(caller, Caller::new("anonymous", ["a"]));
    }

    #[test]
    fn without_callers_nobody_is_turned_away_for_credentials_that_nobody_could_know() {
        let (guard, _) = CallerOptions::default().guard(SCOPES, &["a"]).unwrap();
        for value in ["Bearer anything", "Basic eDp5", "DPoP x"] {
            let mut headers = HeaderMap::new();
            headers.insert("authorization", value.parse().unwrap());
            let caller = identify(&guard, &headers, &Peer::unix());
            assert_eq!(caller, Ok(Caller::new("anonymous", ["a"])), "{value}");
        }
    }

    #[test]
    fn with_a_caller_the_gate_is_closed() {
        let entry = "{ name = 'c', certificate-subject = 'CN=c', scopes = ['a'] }";
        let options = CallerOptions {
            caller: vec![entry.parse().unwrap()],
            ..CallerOptions::default()
        };
        let (guard, authentication) = options.guard(SCOPES, &["a"]).unwrap();
        assert_eq!(authentication, Authentication::Required);
        let refused = from_nobody(&guard, &Peer::unix());
        assert_eq!(refused, Err(Denied::Missing));
    }

    #[test]
    fn a_missing_token_file_is_an_error_and_not_an_open_gate() {
        let options = CallerOptions {
            token_file: Some("/nonexistent/tokens.toml".into()),
            ..CallerOptions::default()
        };
        let refused = options.guard(SCOPES, &["a"]);
        assert!(matches!(refused, Err(EntryError::Read { .. })));
    }

    #[test]
    fn an_empty_token_file_is_no_open_gate_either() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let options = CallerOptions {
            token_file: Some(file.path().to_owned()),
            ..CallerOptions::default()
        };
        let (_, authentication) = options.guard(SCOPES, &["a"]).unwrap();
        assert_eq!(authentication, Authentication::Required);
    }
}
