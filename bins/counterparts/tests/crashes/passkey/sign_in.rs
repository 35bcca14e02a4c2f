//! Sign-ins: a code and a refresh token are good once.

use anyhow::{Context as _, Result, bail, ensure};
use counterparts::http::{Asked, Sent};
use passkey_idp::webauthn::{Quirks, TestAuthenticator};
use serde_json::json;

use super::deployment::{CLIENT, REDIRECT};
use super::worker::{Worker, text};

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

impl Worker<'_> {
    /// Signs in, and uses what that gives.
    pub(super) fn signs_in(&mut self, user: &mut TestAuthenticator) -> Result<()> {
        let Some(code) = self.code(user)? else {
            return Ok(());
        };
        let asked = self.redeeming(&code);
        if self.draw.below(2) == 0 {
            self.is_good_once(&asked, "a code")?;
            return Ok(());
        }
        let heard = self.insist(&asked)?;
        match heard.status {
            200 => {
                self.load.count(|tally| &tally.redeemed);
                let token = text(&heard.body, "refresh_token")?.to_owned();
                self.refreshes(token)
            }
            400 if heard.again => Ok(()),
            status => bail!("a code was lost: {status} {}", heard.body),
        }
    }

    fn code(&mut self, user: &mut TestAuthenticator) -> Result<Option<String>> {
        let asked = Asked::form(
            "/api/v1/oauth2",
            &[
                ("response_type", "code"),
                ("client_id", CLIENT),
                ("redirect_uri", REDIRECT),
                ("scope", "openid+offline_access"),
                ("state", "xyz"),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ],
        );
        let id = match self.once(&asked)? {
            Some((200, placed)) => text(&placed, "challengeId")?.to_owned(),
            Some((status, answer)) => bail!("no sign-in: {status} {answer}"),
            None => return Ok(None),
        };
        let Some(ask) = self.view(&id)? else {
            return Ok(None);
        };
        let answer = json!(user.sign(&ask, &Quirks::default()));
        let Some(told) = self.approve(&id, &answer)? else {
            return Ok(None);
        };
        let address = text(&told, "redirect")?;
        let (_, query) = address.split_once('?').context("no answer")?;
        let code = query.split('&').find_map(|pair| pair.strip_prefix("code="));
        Ok(Some(code.with_context(|| address.to_owned())?.to_owned()))
    }

    /// Refreshes a few times; then the last token that was used is shown again.
    fn refreshes(&mut self, mut token: String) -> Result<()> {
        for _ in 0..=self.draw.below(4) {
            let asked = self.refreshing(&token);
            if self.draw.below(5) == 0 {
                return self.is_good_once(&asked, "a refresh token");
            }
            let heard = self.insist(&asked)?;
            match heard.status {
                200 => self.load.count(|tally| &tally.refreshed),
                400 if heard.again => return Ok(()),
                status => bail!("a refresh token was lost: {status} {}", heard.body),
            }
            let next = text(&heard.body, "refresh_token")?.to_owned();
            ensure!(next != token, "it is the same again");
            if self.draw.below(4) == 0 {
                return self.is_spent(&asked, "a refresh token");
            }
            token = next;
        }
        Ok(())
    }

    /// Shows it twice at once: one at most is answered.
    fn is_good_once(&mut self, asked: &Asked, what: &str) -> Result<()> {
        let told = self.load.race(asked);
        let is_told = |sent: &&Sent| matches!(sent, Sent::Answered(200, _));
        let times = told.iter().filter(is_told).count();
        ensure!(times <= 1, "{what} was used twice");
        if times == 1 {
            self.load.count(|tally| &tally.redeemed);
            return self.is_spent(asked, what);
        }
        Ok(())
    }

    fn is_spent(&mut self, asked: &Asked, what: &str) -> Result<()> {
        let heard = self.insist(asked)?;
        ensure!(heard.status == 400, "{what} was used twice: {}", heard.body);
        ensure!(
            text(&heard.body, "error")? == "invalid_grant",
            "{}",
            heard.body
        );
        Ok(())
    }

    fn redeeming(&self, code: &str) -> Asked {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", REDIRECT),
        ])
    }

    fn refreshing(&self, token: &str) -> Asked {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    fn token(&self, pairs: &[(&str, &str)]) -> Asked {
        Asked::form("/token", pairs).with("Authorization", self.load.basic)
    }
}
