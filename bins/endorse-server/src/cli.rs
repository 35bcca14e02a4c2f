//! The command line.

use std::fs;
use std::io::{Read as _, Write as _, stdin, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use auc::{Centre, Journal, Kept, Subscribers};
use clap::{Args, Parser, Subcommand};
use endorse::PairwiseSubjects;
use server_kit::listen::{self, Bind, Limits, Listener};
use strict_jws::{Algorithm, KeyRing, Signer, SigningKey, SystemRandom};
use zeroize::Zeroizing;

use crate::token::Verify;
use crate::{Server, Settings, app};

/// Proves a SIM over any network, and answers with a signed token that anyone verifies offline
#[derive(Debug, Parser)]
#[command(name = "endorse-server", version)]
#[non_exhaustive]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Answer devices, behind a proxy that speaks TLS
    Serve(Serve),
    /// The server's keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Tokens
    #[command(subcommand)]
    Token(TokenCommand),
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum KeyCommand {
    /// Print a new private key (ES256) in PEM
    New,
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum TokenCommand {
    /// Verify a token from standard input: print its claims, or the reason and exit with 1
    Verify(Verify),
}

/// What a server needs.
#[derive(Args, Debug)]
#[non_exhaustive]
pub struct Serve {
    /// The server's origin, as devices know it, such as `https://endorse.example`
    #[arg(long)]
    origin: String,
    /// For whom tokens are issued; may come several times
    #[arg(long, required = true)]
    audience: Vec<String>,
    /// The subscribers and their keys, as `auc serve` reads them
    #[arg(long, value_name = "FILE")]
    subscribers: PathBuf,
    /// The sequence numbers, made at the first start
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// The private key that signs, in PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// 32 octets that make the tokens' subjects; they must never change
    #[arg(long, value_name = "FILE")]
    subject_secret: PathBuf,
    /// Tell the IMSI in tokens
    #[arg(long)]
    tell_imsi: bool,
    /// Where to listen: an address of this machine, or unix:PATH
    #[arg(long, default_value = "127.0.0.1:8480")]
    listen: Bind,
}

impl Cli {
    /// Does it.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Serve(serve) => serve.run(),
            Command::Key(KeyCommand::New) => print(&SigningKey::generate_pem(
                Algorithm::Es256,
                &SystemRandom::new(),
            )?),
            Command::Token(TokenCommand::Verify(verify)) => {
                let mut token = String::new();
                stdin().take(1 << 16).read_to_string(&mut token)?;
                print(&format!("{}\n", verify.run(&token)?))
            }
        }
    }
}

impl Serve {
    fn run(self) -> Result<()> {
        ensure!(
            self.listen.is_local(),
            "this version listens on this machine only: put a proxy with TLS before it"
        );
        let server = Arc::new(self.server()?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let listener = Listener::plain(&self.listen).await?;
            eprintln!("endorse-server: listening on {}", listener.url());
            let stop = listen::terminated()?;
            listen::serve(vec![listener], app(server), Limits::default(), stop).await;
            Ok(())
        })
    }

    fn server(&self) -> Result<Server<Kept<Journal>>> {
        let subscribers = Subscribers::parse(&Zeroizing::new(read(&self.subscribers)?))?;
        let journal = Journal::open(&self.state, subscribers.numbers())?;
        let key = SigningKey::from_pem(&Zeroizing::new(read(&self.key)?), &SystemRandom::new())?;
        let secret = fs::read(&self.subject_secret).context("no secret for subjects")?;
        let secret: [u8; 32] = secret
            .try_into()
            .ok()
            .context("the secret has not 32 octets")?;
        let audiences = self.audience.iter().map(|audience| audience.parse());
        let settings = Settings {
            origin: self.origin.clone(),
            audiences: audiences.collect::<Result<_, _>>()?,
            subjects: PairwiseSubjects::new(&secret),
            tells_imsi: self.tell_imsi,
        };
        let ring = KeyRing::new(Signer::certifying(key), 300);
        Ok(Server::new(
            settings,
            Centre::new(Kept::new(subscribers, journal)),
            ring,
        )?)
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn print(text: &str) -> Result<()> {
    Ok(stdout().write_all(text.as_bytes())?)
}
