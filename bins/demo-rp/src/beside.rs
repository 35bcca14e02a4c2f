//! `demo-rp try`: an identity provider and this service, in one command.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use server_kit::cli::{block_on, print};
use server_kit::config::Settings as _;
use server_kit::listen::default_state_dir;

use crate::config::Options;
use crate::run;

mod provider;
mod secret;

use provider::Provider;

/// What `try` can be told.
#[derive(Args, Debug)]
#[non_exhaustive]
pub struct Try {
    /// Where this service listens
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8446")]
    listen: SocketAddr,
    /// Where the identity provider listens
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8445")]
    provider: SocketAddr,
    /// Where both keep what they have to keep
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// Who is invited to make a passkey
    #[arg(long, value_name = "NAME", default_value = "Kim")]
    invite: String,
}

impl Try {
    /// Starts both, and says where to go; ends with this process.
    ///
    /// # Errors
    /// There is no program `passkey-server`, or it does not start.
    pub(crate) fn run(self) -> Result<()> {
        let folder = self.state_dir.clone();
        let folder = folder.unwrap_or_else(|| default_state_dir(Options::PROGRAM));
        let origin = format!("http://{}", self.listen);
        let mut provider = Provider::new(self.provider, folder.join("passkey-server"))?;
        let client = format!("demo-{}", self.listen.port());
        let secret_file = folder.join(format!("{client}.secret"));
        if !secret_file.exists() {
            let secret = provider.add(&client, &origin)?;
            secret::write(&secret_file, &secret)
                .with_context(|| secret_file.display().to_string())?;
        }
        provider.start()?;
        let invitation = provider.invite(&self.invite)?;
        print(&format!(
            "identity provider  {}\nmake a passkey     {invitation}\nthen open          {origin}/\n",
            provider.origin()
        ))?;
        let mut options = Options::defaults();
        options.listen.listen = vec![self.listen.to_string().parse()?];
        options.provider.issuer = Some(provider.origin().to_owned());
        options.provider.client_id = Some(client);
        options.provider.client_secret_file = Some(secret_file);
        options.log.start()?;
        block_on(run(options))
    }
}
