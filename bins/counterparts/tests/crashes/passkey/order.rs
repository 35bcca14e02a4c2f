//! Orders: a key that is registered stays, what is signed can be collected, and once.

use anyhow::{Context as _, Result, bail, ensure};
use counterparts::http::{Asked, Sent};
use passkey_idp::id::UserId;
use passkey_idp::webauthn::{Ask, Quirks, TestAuthenticator};
use serde_json::{Value, json};

use super::deployment::ORIGIN;
use super::worker::{Worker, text};

impl Worker<'_> {
    /// Places an order; nothing if the server died meanwhile.
    pub(super) fn place(&mut self, wanted: &Value) -> Result<Option<String>> {
        self.placed(&Asked::post("/api/v1/sign", wanted))
    }

    fn placed(&mut self, asked: &Asked) -> Result<Option<String>> {
        let asked = asked.clone().with("Authorization", self.load.basic);
        match self.once(&asked)? {
            Some((200, placed)) => Ok(Some(text(&placed, "challengeId")?.to_owned())),
            Some((status, answer)) => bail!("no order: {status} {answer}"),
            None => Ok(None),
        }
    }

    /// What a passkey is asked.
    pub(super) fn view(&mut self, id: &str) -> Result<Option<Ask>> {
        let Some(viewed) = self.viewed(id)? else {
            return Ok(None);
        };
        let options = viewed.get("publicKey").context("no options")?;
        Ok(Ask::of_options(options, ORIGIN))
    }

    fn viewed(&mut self, id: &str) -> Result<Option<Value>> {
        let heard = self.insist(&Asked::get(&format!("/api/v1/challenge/{id}")))?;
        match heard.status {
            200 => Ok(Some(heard.body)),
            _ if heard.again => Ok(None),
            status => bail!("an order was lost: {status} {}", heard.body),
        }
    }

    /// Answers an order: what the server says if it has acknowledged that.
    pub(super) fn approve(&mut self, id: &str, answer: &Value) -> Result<Option<Value>> {
        let asked = Asked::post(&format!("/api/v1/challenge/{id}"), answer);
        let heard = self.insist(&asked)?;
        match heard.status {
            200 => Ok(Some(heard.body)),
            // it may have taken the answer and died before it said so
            _ if heard.again => Ok(None),
            status => bail!("an answer was refused: {status} {}", heard.body),
        }
    }

    /// A user whose passkey the server has acknowledged.
    pub(super) fn register(&mut self) -> Result<Option<TestAuthenticator>> {
        let invitation = json!({ "suggestedName": "Kim" });
        let asked = Asked::post("/api/v1/service/create/user", &invitation);
        let Some(id) = self.placed(&asked)? else {
            return Ok(None);
        };
        let Some(viewed) = self.viewed(&id)? else {
            return Ok(None);
        };
        let options = viewed.get("publicKey").context("no options")?;
        let ask = Ask::of_options(options, ORIGIN).context("options")?;
        let user = options.get("user").and_then(|user| user.get("id"));
        let user: UserId = user.and_then(Value::as_str).context("no user")?.parse()?;
        let mut passkey = TestAuthenticator::es256(user);
        let answer = json!(passkey.register(&ask, &Quirks::default()));
        let acknowledged = self.approve(&id, &answer)?;
        if acknowledged.is_some() {
            self.load.count(|tally| &tally.registered);
        }
        Ok(acknowledged.map(|_| passkey))
    }

    /// Signs with a passkey that the server has promised to know.
    pub(super) fn signs_with(&mut self, user: &mut TestAuthenticator) -> Result<()> {
        let id = self.place(&json!({ "text": "still here" }))?;
        let id = id.context("an instance that is not killed")?;
        let ask = self.view(&id)?.context("an order")?;
        let answer = json!(user.sign(&ask, &Quirks::default()));
        self.approve(&id, &answer)?.context("it is acknowledged")?;
        Ok(())
    }

    /// Signs a document, and collects it.
    pub(super) fn signs_a_document(&mut self, user: &mut TestAuthenticator) -> Result<()> {
        let Some(id) = self.place(&json!({ "text": "I agree" }))? else {
            return Ok(());
        };
        let Some(ask) = self.view(&id)? else {
            return Ok(());
        };
        let answer = json!(user.sign(&ask, &Quirks::default()));
        let is_acknowledged = self.approve(&id, &answer)?.is_some();
        if is_acknowledged {
            self.load.count(|tally| &tally.signed);
        }
        if self.draw.below(2) == 0 {
            self.collects_at_once(&id)
        } else {
            self.collects(&id, is_acknowledged)
        }
    }

    /// Two at once: one of them at most is told what was signed.
    fn collects_at_once(&mut self, id: &str) -> Result<()> {
        let told = self.load.race(&self.collecting(id));
        let is_told = |sent: &&Sent| matches!(sent, Sent::Answered(200, _));
        let times = told.iter().filter(is_told).count();
        ensure!(times <= 1, "an order was collected twice");
        if times == 1 {
            self.load.count(|tally| &tally.collected);
            return self.is_collected(id);
        }
        Ok(())
    }

    fn collects(&mut self, id: &str, is_acknowledged: bool) -> Result<()> {
        let asked = self.collecting(id);
        let heard = self.insist(&asked)?;
        let state = heard.body.get("status").and_then(Value::as_str);
        match (heard.status, state) {
            (200, _) => {
                self.load.count(|tally| &tally.collected);
                self.is_collected(id)
            }
            // it told somebody, and died
            (400, Some("collected")) if heard.again => Ok(()),
            (400, Some("pending" | "viewed")) if !is_acknowledged => Ok(()),
            _ => bail!("a signed order was lost: {} {}", heard.status, heard.body),
        }
    }

    fn is_collected(&mut self, id: &str) -> Result<()> {
        let asked = self.collecting(id);
        let heard = self.insist(&asked)?;
        ensure!(heard.status == 400, "collected twice: {}", heard.body);
        ensure!(
            text(&heard.body, "status")? == "collected",
            "{}",
            heard.body
        );
        Ok(())
    }

    fn collecting(&self, id: &str) -> Asked {
        let asked = Asked::post("/api/v1/collect", &json!({ "challengeId": id }));
        asked.with("Authorization", self.load.basic)
    }
}
