//! Clients that ask at once for a few seconds.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use passkey_idp::webauthn::{Ask, Quirks, TestAuthenticator};
use serde_json::{Value, json};

use crate::client::{Client, text};
use crate::server::{ORIGIN, Told};

const SECONDS: Duration = Duration::from_secs(5);
pub(crate) const CLIENTS: usize = 16;

/// Clients of one server.
pub(crate) struct Load<'a> {
    address: &'a str,
}

impl<'a> Load<'a> {
    pub(crate) const fn new(address: &'a str) -> Self {
        Self { address }
    }

    /// How many times a second a page is fetched.
    pub(crate) fn get(&self, path: &str) -> Result<f64> {
        self.rate(
            |_| Ok(()),
            |client, ()| {
                let (status, body) = client.get(path)?;
                ensure!(status == 200, "{status} {body}");
                Ok(())
            },
        )
    }

    /// How many orders a second are placed.
    pub(crate) fn placed(&self, told: &Told) -> Result<f64> {
        self.rate(|_| Ok(()), |client, ()| place(client, told).map(drop))
    }

    /// How many times a second a client asks for an order that nobody has answered.
    pub(crate) fn asked(&self, told: &Told) -> Result<f64> {
        self.rate(
            |client| place(client, told),
            |client, id| {
                let (status, body) = collect(client, told, id)?;
                ensure!(status == 400, "{status} {body}");
                Ok(())
            },
        )
    }

    /// How many orders a second go all the way.
    pub(crate) fn orders(&self, told: &Told) -> Result<f64> {
        self.rate(
            |client| register(client, told),
            |client, user| {
                let id = place(client, told)?;
                let ask = Ask::of_options(&view(client, &id)?, ORIGIN).context("options")?;
                let answer = json!(user.sign(&ask, &Quirks::default()));
                approve(client, &id, &answer)?;
                let (status, body) = collect(client, told, &id)?;
                ensure!(status == 200, "{status} {body}");
                Ok(())
            },
        )
    }

    /// How many times a second a token is refreshed, each once by whoever holds it.
    pub(crate) fn refreshed(&self, told: &Told) -> Result<f64> {
        let tokens = Mutex::new(told.tokens()?);
        self.rate(
            |_| {
                let mut tokens = tokens.lock().ok().context("poisoned")?;
                tokens.pop().context("a token for each client")
            },
            |client, token| {
                let form = format!("grant_type=refresh_token&refresh_token={token}");
                let (status, body) = client.form("/token", &told.basic, &form)?;
                ensure!(status == 200, "{status} {body}");
                *token = text(&body, "refresh_token")?;
                Ok(())
            },
        )
    }

    fn rate<T>(
        &self,
        prepare: impl Fn(&mut Client) -> Result<T> + Sync,
        ask: impl Fn(&mut Client, &mut T) -> Result<()> + Sync,
    ) -> Result<f64> {
        let work = || {
            let mut client = Client::connect(self.address)?;
            let mut with = prepare(&mut client)?;
            let (begun, mut done) = (Instant::now(), 0_u32);
            while begun.elapsed() < SECONDS {
                ask(&mut client, &mut with)?;
                done += 1;
            }
            Ok::<_, anyhow::Error>(f64::from(done) / begun.elapsed().as_secs_f64())
        };
        thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(work)).collect();
            let rates = clients.into_iter().map(|client| match client.join() {
                Ok(rate) => rate,
                Err(_panicked) => anyhow::bail!("a client panicked"),
            });
            rates.sum()
        })
    }
}

fn place(client: &mut Client, told: &Told) -> Result<String> {
    let wanted = json!({ "text": "I agree", "userVerification": "required" });
    let (status, placed) = client.post("/api/v1/sign", &told.basic, &wanted)?;
    ensure!(status == 200, "{status} {placed}");
    text(&placed, "challengeId")
}

pub(crate) fn view(client: &mut Client, id: &str) -> Result<Value> {
    let (status, body) = client.get(&format!("/api/v1/challenge/{id}"))?;
    ensure!(status == 200, "{status} {body}");
    let viewed: Value = serde_json::from_str(body)?;
    Ok(viewed.get("publicKey").context("options")?.clone())
}

pub(crate) fn approve(client: &mut Client, id: &str, answer: &Value) -> Result<Value> {
    let path = format!("/api/v1/challenge/{id}");
    let (status, told) = client.post(&path, "", answer)?;
    ensure!(status == 200, "{status} {told}");
    Ok(told)
}

fn collect(client: &mut Client, told: &Told, id: &str) -> Result<(u16, Value)> {
    client.post(
        "/api/v1/collect",
        &told.basic,
        &json!({ "challengeId": id }),
    )
}

/// A user with a passkey.
pub(crate) fn register(client: &mut Client, told: &Told) -> Result<TestAuthenticator> {
    let invitation = json!({ "suggestedName": "Kim" });
    let (status, placed) = client.post("/api/v1/service/create/user", &told.basic, &invitation)?;
    ensure!(status == 200, "{status} {placed}");
    let id = text(&placed, "challengeId")?;
    let options = view(client, &id)?;
    let ask = Ask::of_options(&options, ORIGIN).context("options")?;
    let user = text(options.get("user").context("a user")?, "id")?;
    let mut passkey = TestAuthenticator::es256(user.parse()?);
    approve(
        client,
        &id,
        &json!(passkey.register(&ask, &Quirks::default())),
    )?;
    Ok(passkey)
}
