//! Callers as the settings write them down.

use std::{fs, io, path::PathBuf, str::FromStr};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Caller, Certificates, IssuerError, Tokens};

/// One `[[caller]]` of the settings: a name, one proof of identity, and what it allows.
///
/// ```
/// use server_kit::caller::Entry;
///
/// let entry: Entry = r#"{ name = "lab", certificate-subject = "CN=lab", scopes = ["sim:read"] }"#.parse()?;
/// assert_eq!(entry.name(), "lab");
/// # Ok::<(), server_kit::caller::EntryError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Entry {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_subject: Option<String>,
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    only: Option<Vec<String>>,
}

/// Why a caller's entry is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// The file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It is not TOML, or lacks a key, or has one too many.
    #[error("a caller's entry is wrong")]
    Syntax(#[from] toml::de::Error),
    /// A digest is not 64 hex digits.
    #[error("{key} of caller {name} is not a SHA-256 digest in hex")]
    Digest {
        /// The caller's name.
        name: String,
        /// The key with the wrong value.
        key: &'static str,
        /// What is wrong about it.
        #[source]
        source: hex::FromHexError,
    },
    /// The entry proves nothing.
    #[error(
        "caller {name} has neither token-sha256 nor certificate-sha256 nor certificate-subject"
    )]
    NoProof {
        /// The caller's name.
        name: String,
    },
    /// A trusted issuer's tokens cannot be verified.
    #[error("token-issuer {name}")]
    Issuer {
        /// The issuer's name.
        name: String,
        /// What is wrong about it.
        #[source]
        source: IssuerError,
    },
    /// The server knows no such scope.
    #[error("caller {name} has the unknown scope {scope}; known are {known}")]
    UnknownScope {
        /// The caller's name.
        name: String,
        /// The scope.
        scope: String,
        /// The scopes of this server.
        known: String,
    },
}

/// Reads a file of `[[caller]]` tables.
///
/// # Errors
/// The file cannot be read or is not such a file.
pub fn read_entries(path: PathBuf) -> Result<Vec<Entry>, EntryError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        caller: Vec<Entry>,
    }
    match fs::read_to_string(&path) {
        Ok(text) => Ok(toml::from_str::<File>(&text)?.caller),
        Err(source) => Err(EntryError::Read { path, source }),
    }
}

impl Entry {
    /// An entry for the bearer token with this SHA-256 digest.
    pub fn for_token(name: &str, sha256: [u8; 32], scopes: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            token_sha256: Some(hex::encode(sha256)),
            certificate_sha256: None,
            certificate_subject: None,
            scopes,
            only: None,
        }
    }

    /// The same entry, for these resources only.
    #[must_use]
    pub fn only(self, resources: Vec<String>) -> Self {
        Self {
            only: Some(resources),
            ..self
        }
    }

    /// The caller's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The entry as a `[[caller]]` table of the settings file.
    ///
    /// # Errors
    /// The entry cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        Ok(format!("[[caller]]\n{}", toml::to_string(self)?))
    }

    /// Adds the caller to those known by token and those known by certificate.
    ///
    /// # Errors
    /// A digest is malformed, a scope is not one of `known_scopes`, or nothing proves the caller.
    pub fn register(
        &self,
        known_scopes: &[&str],
        tokens: &mut Tokens,
        certificates: &mut Certificates,
    ) -> Result<(), EntryError> {
        let caller = self.caller(known_scopes)?;
        if let Some(text) = &self.token_sha256 {
            tokens.insert(self.digest("token-sha256", text)?, caller.clone());
        }
        if let Some(text) = &self.certificate_sha256 {
            let digest = self.digest("certificate-sha256", text)?;
            certificates.insert_fingerprint(digest, caller.clone());
        }
        if let Some(subject) = &self.certificate_subject {
            certificates.insert_subject(subject.clone(), caller);
        }
        Ok(())
    }

    fn caller(&self, known_scopes: &[&str]) -> Result<Caller, EntryError> {
        let proofs = [
            &self.token_sha256,
            &self.certificate_sha256,
            &self.certificate_subject,
        ];
        if proofs.iter().all(|proof| proof.is_none()) {
            let name = self.name.clone();
            return Err(EntryError::NoProof { name });
        }
        check_scopes(&self.name, &self.scopes, known_scopes)?;
        let caller = Caller::new(&self.name, self.scopes.iter().cloned());
        Ok(match &self.only {
            Some(only) => caller.only(only.iter().cloned()),
            None => caller,
        })
    }

    fn digest(&self, key: &'static str, text: &str) -> Result<[u8; 32], EntryError> {
        let mut digest = [0; 32];
        match hex::decode_to_slice(text.replace(':', ""), &mut digest) {
            Ok(()) => Ok(digest),
            Err(source) => Err(EntryError::Digest {
                name: self.name.clone(),
                key,
                source,
            }),
        }
    }
}

impl FromStr for Entry {
    type Err = EntryError;

    /// Reads an inline table: `{ name = "lab", token-sha256 = "...", scopes = ["..."] }`.
    fn from_str(text: &str) -> Result<Self, EntryError> {
        Ok(inline_table(text)?)
    }
}

/// Reads what stands in one inline table.
pub(super) fn inline_table<T: DeserializeOwned>(text: &str) -> Result<T, toml::de::Error> {
    #[derive(Deserialize)]
    struct Line<T> {
        table: T,
    }
    Ok(toml::from_str::<Line<T>>(&format!("table = {text}"))?.table)
}

/// Whether the server knows all of these scopes.
pub(super) fn check_scopes(
    name: &str,
    scopes: &[String],
    known: &[&str],
) -> Result<(), EntryError> {
    let is_known = |scope: &&String| known.contains(&scope.as_str());
    match scopes.iter().find(|scope| !is_known(scope)) {
        None => Ok(()),
        Some(scope) => Err(EntryError::UnknownScope {
            name: name.to_owned(),
            scope: scope.clone(),
            known: known.join(", "),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::caller::{Authenticator as _, Credential, Token};

    const SCOPES: &[&str] = &["sim:read", "sim:apdu"];

    fn register(text: &str) -> Result<(Tokens, Certificates), EntryError> {
        let (mut tokens, mut certificates) = (Tokens::default(), Certificates::default());
        let entry: Entry = text.parse()?;
        entry.register(SCOPES, &mut tokens, &mut certificates)?;
        Ok((tokens, certificates))
    }

    #[test]
    fn a_new_tokens_table_is_read_back_and_knows_the_token() {
        let token = Token::generate("t").unwrap();
        let entry = Entry::for_token("lab", token.digest(), vec!["sim:read".into()]);
        let text = entry.only(vec!["soft:0".into()]).to_toml().unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let entries = read_entries(file.path().to_owned()).unwrap();
        let (mut tokens, mut certificates) = (Tokens::default(), Certificates::default());
        entries[0]
            .register(SCOPES, &mut tokens, &mut certificates)
            .unwrap();
        let caller = tokens
            .identify(&Credential::Bearer(token.expose()))
            .unwrap();
        assert_eq!(caller, Caller::new("lab", ["sim:read"]).only(["soft:0"]));
        assert!(certificates.is_empty());
    }

    #[test]
    fn a_fingerprint_may_have_colons() {
        let pairs = ["AB"; 32].join(":");
        let (tokens, certificates) = register(&format!(
            "{{ name = 'c', certificate-sha256 = '{pairs}', scopes = [] }}"
        ))
        .unwrap();
        assert!(tokens.is_empty());
        assert!(!certificates.is_empty());
    }

    #[test]
    fn an_entry_that_proves_nothing_is_refused() {
        let error = register("{ name = 'c', scopes = [] }").unwrap_err();
        assert!(matches!(error, EntryError::NoProof { name } if name == "c"));
    }

    #[test]
    fn a_malformed_digest_an_unknown_scope_and_an_unknown_key_are_refused() {
        let digest = register("{ name = 'c', token-sha256 = 'xy', scopes = [] }").unwrap_err();
        assert!(matches!(
            digest,
            EntryError::Digest {
                key: "token-sha256",
                ..
            }
        ));
        let scope =
            register("{ name = 'c', certificate-subject = 'CN=c', scopes = ['all'] }").unwrap_err();
        assert!(matches!(scope, EntryError::UnknownScope { scope, .. } if scope == "all"));
        let key = register("{ name = 'c', token = 'x', scopes = [] }").unwrap_err();
        assert!(matches!(key, EntryError::Syntax(_)));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read_entries("/nonexistent/tokens.toml".into()).unwrap_err();
        assert_eq!(error.to_string(), "cannot read /nonexistent/tokens.toml");
    }
}
