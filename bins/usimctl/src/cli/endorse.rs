//! `usimctl endorse`: a token that says which SIM this is, from a server that asks it.

mod key;

use std::{fs, path::PathBuf};

use aka::{Autn, Rand};
use anyhow::{Context, anyhow};
use clap::Args;
use endorse::{
    Audience, Imei,
    client::{Answer, Card, Client, ClientError, SessionKeys, Wish},
    keys::{Https, Trust},
};
use serde_json::json;
use usim::{ApplicationKind, Authentication, Subscriber};

use crate::cli::{Failure, Report, report::Text};
pub(crate) use key::DeviceKey;

#[derive(Args)]
pub(crate) struct Endorse {
    /// The server, as it calls itself: https://HOST or https://HOST:PORT
    #[arg(long, value_name = "URL")]
    server: String,
    /// For whom the token is to be
    #[arg(long, visible_alias = "aud")]
    audience: Audience,
    /// What the audience gave, to have it in the token
    #[arg(long)]
    nonce: Option<String>,
    /// The number of this device, as the request parameter imei
    #[arg(long)]
    imei: Option<Imei>,
    /// A request parameter, which the token repeats; may be given again
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    param: Vec<(String, String)>,
    /// Bind the token to the private key in this file (PEM), which is made if it is not there
    #[arg(long, value_name = "FILE")]
    dpop_key: Option<PathBuf>,
    /// Trust that server by this certificate, its own or an authority's, in PEM form
    #[arg(long, visible_alias = "server-ca", value_name = "FILE")]
    server_certificate: Option<PathBuf>,
}

impl Endorse {
    pub(crate) fn run(&self, subscriber: &mut dyn Subscriber) -> Result<Report, Failure> {
        let key = self.dpop_key.as_deref().map(DeviceKey::open_or_make);
        let key = key.transpose().map_err(Failure::Usage)?;
        let client = self.client().map_err(Failure::Usage)?;
        let wish = self.wish(key.as_ref()).map_err(Failure::Usage)?;
        let token = client.endorse(&mut Sim(subscriber), &wish);
        let token = token.map_err(failure)?;
        let mut human = Text::default();
        human.line(format_args!("{}", token.expose()));
        let told = json!({
            "token": token.expose(),
            "expires_in": token.expires_in(),
            "jkt": key.map(|key| key.thumbprint().to_string()),
        });
        Ok(Report::new(human, told))
    }

    fn client(&self) -> anyhow::Result<Client> {
        let pem = self.server_certificate.as_ref().map(|path| {
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
        });
        let pem = pem.transpose()?;
        let trust = pem.as_deref().map_or(Trust::Public, Trust::Only);
        let https = Https::new(trust).context("--server-certificate")?;
        Client::new(&self.server, https).with_context(|| format!("--server {}", self.server))
    }

    fn wish(&self, key: Option<&DeviceKey>) -> anyhow::Result<Wish> {
        let mut wish = Wish::new(self.audience.clone()).with_parameters(self.param.clone())?;
        if let Some(imei) = &self.imei {
            wish = wish.with_imei(imei)?;
        }
        if let Some(nonce) = &self.nonce {
            wish = wish.with_nonce(nonce);
        }
        Ok(match key {
            Some(key) => wish.bound_to(key.thumbprint()),
            None => wish,
        })
    }
}

/// The SIM, as `endorse` asks for it.
struct Sim<'a>(&'a mut dyn Subscriber);

impl Card for Sim<'_> {
    type Error = usim::Error;

    fn imsi(&mut self) -> Result<endorse::Imsi, usim::Error> {
        let imsi = self.0.identity()?.imsi;
        Ok(imsi
            .as_str()
            .parse()
            .expect("6 to 15 digits in both crates"))
    }

    fn authenticate(&mut self, rand: &[u8; 16], autn: &[u8; 16]) -> Result<Answer, usim::Error> {
        let (rand, autn) = (Rand::new(*rand), Autn::new(*autn));
        let answer = self.0.authenticate(ApplicationKind::Usim, &rand, &autn)?;
        Ok(match answer {
            Authentication::Success(keys) => {
                Answer::Success(SessionKeys::new(*keys.ck.expose(), *keys.ik.expose()))
            }
            Authentication::SyncFailure(auts) => Answer::SyncFailure(*auts.as_bytes()),
        })
    }
}

fn failure(error: ClientError<usim::Error>) -> Failure {
    match error {
        ClientError::Card(error) => Failure::Sim(error),
        ClientError::Unreachable(_) | ClientError::Untrusted(_) | ClientError::Exchange(_) | _ => {
            Failure::System(error.into())
        }
    }
}

/// What a person can do about it.
pub(crate) fn hint(error: &anyhow::Error) -> Option<&'static str> {
    let error = error.downcast_ref::<ClientError<usim::Error>>()?;
    let hint = "--server-certificate FILE trusts the server by its own certificate (the one in server.pem \
                of its state folder) or by its authority's; --server must be a name that stands in it";
    matches!(error, ClientError::Untrusted(_)).then_some(hint)
}

fn pair(text: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| anyhow!("it is NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}
