//! Clients that ask at once for a few seconds: one thread for all of them, which asks for each in turn
//! before it hears the first, so that the server has always something to do.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use passkey_idp::webauthn::{Ask, Quirks, TestAuthenticator};
use serde_json::{Value, json};

use crate::client::{Client, Request, text};
use crate::server::{ORIGIN, Told};

const SECONDS: Duration = Duration::from_secs(5);
pub(crate) const CLIENTS: usize = 16;

/// Clients of one server.
pub(crate) struct Load<'a> {
    told: &'a Told,
}

/// Something that clients ask, and what they make of the answer.
type Step<'a, T> = (
    &'a dyn Fn(&mut T) -> Result<Request>,
    &'a dyn Fn(&mut T, u16, &str) -> Result<()>,
);

impl<'a> Load<'a> {
    pub(crate) const fn new(told: &'a Told) -> Self {
        Self { told }
    }

    /// How many times a second a page is fetched.
    pub(crate) fn get(&self, path: &str) -> Result<f64> {
        let asked = |(): &mut ()| Ok(Request::get(path));
        self.rate(&[(&asked, &is_ok)], |_| Ok(()))
    }

    /// How many orders a second are placed.
    pub(crate) fn placed(&self) -> Result<f64> {
        let asked = |(): &mut ()| Ok(self.order());
        self.rate(&[(&asked, &is_ok)], |_| Ok(()))
    }

    /// How many times a second a client asks for an order that nobody has answered.
    pub(crate) fn pending(&self) -> Result<f64> {
        let asked = |id: &mut String| Ok(self.collect(id));
        let heard = |_: &mut String, status, body: &str| {
            ensure!(status == 400, "{status} {body}");
            Ok(())
        };
        self.rate(&[(&asked, &heard)], |client| {
            text(&client.told(&self.order())?, "challengeId")
        })
    }

    /// How many orders a second go all the way.
    pub(crate) fn orders(&self) -> Result<f64> {
        let place = |_: &mut Person| Ok(self.order());
        let placed = |person: &mut Person, status, body: &str| {
            person.order = text(&told(status, body)?, "challengeId")?;
            Ok(())
        };
        let view = |person: &mut Person| Ok(viewed(&person.order));
        let seen = |person: &mut Person, status, body: &str| {
            person.asked = Some(options(&told(status, body)?)?);
            Ok(())
        };
        let sign = |person: &mut Person| {
            let ask = person.asked.take().context("viewed")?;
            let answer = json!(person.passkey.sign(&ask, &Quirks::default()));
            Ok(answered(&person.order, &answer))
        };
        let collect = |person: &mut Person| Ok(self.collect(&person.order));
        self.rate(
            &[
                (&place, &placed),
                (&view, &seen),
                (&sign, &is_ok),
                (&collect, &is_ok),
            ],
            |client| {
                Ok(Person {
                    passkey: register(client, self.told)?,
                    order: String::new(),
                    asked: None,
                })
            },
        )
    }

    /// How many times a second a token is refreshed, each once by whoever holds it.
    pub(crate) fn refreshed(&self) -> Result<f64> {
        let mut tokens = self.told.tokens()?;
        let asked = |token: &mut String| {
            let form = format!("grant_type=refresh_token&refresh_token={token}");
            Ok(Request::form("/token", &self.told.basic, &form))
        };
        let heard = |token: &mut String, status, body: &str| {
            *token = text(&told(status, body)?, "refresh_token")?;
            Ok(())
        };
        self.rate(&[(&asked, &heard)], |_| {
            tokens.pop().context("a token for each client")
        })
    }

    fn order(&self) -> Request {
        let wanted = json!({ "text": "I agree", "userVerification": "required" });
        Request::json("/api/v1/sign", &self.told.basic, &wanted)
    }

    fn collect(&self, id: &str) -> Request {
        let which = json!({ "challengeId": id });
        Request::json("/api/v1/collect", &self.told.basic, &which)
    }

    /// How many times a second all `steps` are done.
    fn rate<T>(
        &self,
        steps: &[Step<'_, T>],
        mut prepare: impl FnMut(&mut Client) -> Result<T>,
    ) -> Result<f64> {
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            let mut client = Client::connect(&self.told.address)?;
            let with = prepare(&mut client)?;
            clients.push((client, with));
        }
        let (begun, mut done) = (Instant::now(), 0_u32);
        while begun.elapsed() < SECONDS {
            for step in steps {
                round(&mut clients, *step)?;
            }
            done += u32::try_from(CLIENTS)?;
        }
        Ok(f64::from(done) / begun.elapsed().as_secs_f64())
    }
}

fn round<T>(clients: &mut [(Client, T)], (ask, take): Step<'_, T>) -> Result<()> {
    for (client, with) in &mut *clients {
        client.ask(&ask(with)?)?;
    }
    for (client, with) in &mut *clients {
        let (status, body) = client.heard()?;
        take(with, status, body)?;
    }
    Ok(())
}

/// Who answers an order.
struct Person {
    passkey: TestAuthenticator,
    order: String,
    asked: Option<Ask>,
}

fn is_ok<T>(_: &mut T, status: u16, body: &str) -> Result<()> {
    ensure!(status == 200, "{status} {body}");
    Ok(())
}

fn told(status: u16, body: &str) -> Result<Value> {
    is_ok(&mut (), status, body)?;
    Ok(serde_json::from_str(body)?)
}

/// A browser asks what is to be answered.
pub(crate) fn viewed(order: &str) -> Request {
    Request::get(&format!("/api/v1/challenge/{order}"))
}

/// What an authenticator is asked in it.
pub(crate) fn options(viewed: &Value) -> Result<Ask> {
    let options = viewed.get("publicKey").context("publicKey")?;
    Ask::of_options(options, ORIGIN).context("options")
}

/// A browser answers.
pub(crate) fn answered(order: &str, answer: &Value) -> Request {
    Request::json(&format!("/api/v1/challenge/{order}"), "", answer)
}

/// A user with a passkey.
pub(crate) fn register(client: &mut Client, told: &Told) -> Result<TestAuthenticator> {
    let invitation = json!({ "suggestedName": "Kim" });
    let invitation = Request::json("/api/v1/service/create/user", &told.basic, &invitation);
    let order = text(&client.told(&invitation)?, "challengeId")?;
    let seen = client.told(&viewed(&order))?;
    let user = seen.pointer("/publicKey/user").context("a user")?;
    let mut passkey = TestAuthenticator::es256(text(user, "id")?.parse()?);
    let registered = json!(passkey.register(&options(&seen)?, &Quirks::default()));
    client.told(&answered(&order, &registered))?;
    Ok(passkey)
}
