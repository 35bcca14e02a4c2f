//! `endorse-server token verify`: what a token says, or why it is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use endorse::keys::{Cached, Https, JwksFile, JwksUrl, KeySource, PemFolder, PemRepository, Trust};
use endorse::{Audience, IssuerId, Subject, UnixTime, Verifier};

/// Reads a token from standard input; prints its claims, or the reason of its refusal.
#[derive(Args, Debug)]
#[non_exhaustive]
pub struct Verify {
    /// Who must have issued it
    #[arg(long)]
    pub issuer: String,
    /// For whom it must be
    #[arg(long)]
    pub audience: String,
    /// The issuer's keys: a JWK set (file or URL), or a folder or URL of PEM files
    #[arg(long, value_name = "DIR|FILE|URL")]
    pub keys: String,
    /// The authorities that the certificate of a URL may come from, in PEM [default: those that browsers trust]
    #[arg(long, value_name = "FILE")]
    pub keys_ca: Option<PathBuf>,
    /// Which kind of token
    #[arg(long, value_enum, default_value = "native")]
    pub profile: Profile,
    /// About whom a SORACOM token must be
    #[arg(long, default_value = "soracom-endorse")]
    pub subject: String,
    /// For how many seconds it may live
    #[arg(long, value_name = "S")]
    pub max_lifetime: Option<u64>,
}

/// A kind of token.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[non_exhaustive]
pub enum Profile {
    /// Ours
    Native,
    /// SORACOM Endorse's
    Soracom,
}

impl Verify {
    /// The payload of `token`, as it was signed.
    ///
    /// # Errors
    /// Why it is refused, or why there are no keys.
    pub fn run(&self, token: &str) -> Result<String> {
        let token = token.trim();
        let verifier = self.verifier()?;
        let now = now();
        verifier.refresh(token.as_bytes(), now).context("no keys")?;
        verifier.verify(token, now)?;
        let payload = token.split('.').nth(1).unwrap_or_default();
        let payload = strict_jws::base64::decode(payload.as_bytes())?;
        Ok(String::from_utf8(payload)?)
    }

    fn verifier(&self) -> Result<Verifier> {
        let issuer: IssuerId = self.issuer.parse()?;
        let audience: Audience = self.audience.parse()?;
        let keys = self.keys()?;
        let verifier = match self.profile {
            Profile::Native => Verifier::native(issuer, audience, keys),
            Profile::Soracom => {
                let subject: Subject = self.subject.parse()?;
                Verifier::soracom(issuer, audience, subject, keys)
            }
        };
        Ok(match self.max_lifetime {
            Some(seconds) => verifier.with_max_lifetime(seconds),
            None => verifier,
        })
    }

    fn keys(&self) -> Result<Arc<dyn KeySource>> {
        let (keys, path) = (&self.keys, Path::new(&self.keys));
        if keys.contains("://") {
            let https = self.https()?;
            if is_json(path) {
                return Ok(Arc::new(Cached::new(JwksUrl::new(keys, https)?)));
            }
            return Ok(Arc::new(Cached::new(PemRepository::new(keys, https)?)));
        }
        if path.is_dir() {
            return Ok(Arc::new(Cached::new(PemFolder::new(path))));
        }
        if path.is_file() {
            return Ok(Arc::new(Cached::new(JwksFile::new(PathBuf::from(path)))));
        }
        bail!("{keys} is no folder, file or URL")
    }

    fn https(&self) -> Result<Https> {
        let Some(path) = &self.keys_ca else {
            return Ok(Https::new(Trust::Public)?);
        };
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Https::new(Trust::Only(&text))?)
    }
}

fn is_json(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "json")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge where the clock is read"
)]
fn now() -> UnixTime {
    SystemTime::now().into()
}
