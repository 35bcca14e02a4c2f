//! The SIM behind a server, as its flags describe it.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use usim::transport::remote::{self, RemoteSubscriber, RemoteTransport, Server};

use zeroize::Zeroizing;

use crate::cli::{Failure, endorse::DeviceKey, secret::Secrets};

#[derive(Args)]
pub(crate) struct RemoteArgs {
    /// What that server speaks
    #[arg(long, global = true, default_value = "v1")]
    dialect: Dialect,
    /// One of its SIMs, by ICCID, name, alias or number; the first one without
    #[arg(long, global = true, value_name = "SIM")]
    sim: Option<String>,
    /// Where the token for it stands; - is standard input
    #[arg(long, global = true, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The private key that this token is bound to (DPoP), in PEM form
    #[arg(long, global = true, value_name = "FILE", requires = "token_file")]
    token_key: Option<PathBuf>,
    /// Trust that server by this certificate, its own or an authority's, in PEM form
    #[arg(long, visible_alias = "ca", global = true, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Our own certificate and key for that server, in one PEM file
    #[arg(long, global = true, value_name = "FILE")]
    client_pem: Option<PathBuf>,
    /// Take whoever answers for it: anyone on the way can read keys and change answers
    #[arg(long, global = true, conflicts_with = "certificate")]
    danger_accept_any_certificate: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Dialect {
    /// usim-server's own: every outcome by its name
    #[value(name = "v1", alias = "typed")]
    Typed,
    /// `GET /?type=...`, as the first servers of this kind spoke
    Original,
    /// pySim's SIM REST server, which carries no commands
    Pysim,
}

impl RemoteArgs {
    pub(crate) fn subscriber(&self, url: &str) -> Result<RemoteSubscriber, Failure> {
        Ok(RemoteSubscriber::new(
            &self.server(url)?,
            self.dialect.into(),
        ))
    }

    pub(crate) fn transport(&self, url: &str) -> Result<RemoteTransport, Failure> {
        let opened = RemoteTransport::new(&self.server(url)?, self.dialect.into());
        Ok(opened.map_err(usim::Error::from)?)
    }

    /// Whether it speaks usim-server's own dialect.
    pub(crate) const fn is_typed(&self) -> bool {
        matches!(self.dialect, Dialect::Typed)
    }

    pub(crate) fn server(&self, url: &str) -> Result<Server, Failure> {
        let server = Server::new(url).with_context(|| format!("--remote {url}"));
        let mut server = server.map_err(Failure::Usage)?;
        if let Some(sim) = &self.sim {
            server = server.with_sim(sim);
        }
        if let Some(file) = &self.token_file {
            let token = Secrets::open(Some(file))?.next("the token")?;
            let known = self.known(server, &token);
            server = known.map_err(Failure::Usage)?;
        }
        if let Some(file) = &self.certificate {
            let pem = fs::read(file).with_context(|| file.display().to_string());
            let pem = pem.map_err(Failure::Usage)?;
            let trusted = server.with_certificates(&pem).context("--certificate");
            server = trusted.map_err(Failure::Usage)?;
        }
        if let Some(file) = &self.client_pem {
            let pem = fs::read(file).with_context(|| file.display().to_string());
            let pem = Zeroizing::new(pem.map_err(Failure::Usage)?);
            let known = server.with_client_certificate(&pem).context("--client-pem");
            server = known.map_err(Failure::Usage)?;
        }
        if self.danger_accept_any_certificate {
            server = server.danger_accept_any_certificate();
        }
        Ok(server)
    }
}

impl RemoteArgs {
    fn known(&self, server: Server, token: &Zeroizing<String>) -> anyhow::Result<Server> {
        let known = match &self.token_key {
            None => server.with_token(token),
            Some(file) => {
                let key = DeviceKey::open(file).context("--token-key")?;
                let bound = token.clone();
                server.with_bound_token(token, move |method, url| key.prove(&bound, method, url))
            }
        };
        known.context("--token-file")
    }
}

impl From<Dialect> for remote::Dialect {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Typed => Self::Typed,
            Dialect::Original => Self::Original,
            Dialect::Pysim => Self::PySim,
        }
    }
}
