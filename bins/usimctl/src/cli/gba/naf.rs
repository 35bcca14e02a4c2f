//! Ua: a resource of a server that authenticates by GBA.

use aka::{
    gba::naf,
    http_digest::{AuthenticationInfo, Challenge, Credentials, Password, Sent},
    kdf::gba::{KsNaf, NafId, NafKey, UaProtocol},
};
use anyhow::{Context, anyhow};

use super::{
    bootstrap::cnonce,
    http::{Answer, Client, Url},
};
use crate::cli::{Failure, report::Fields};

/// A resource, and the key that it took.
pub(super) struct Fetched {
    pub(super) key: Option<KsNaf>,
    answer: Answer,
    proof: Proof,
}

/// Whether the server proved to have the key, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    NotAsked,
    Missing,
    Right,
}

type Derive<'a> = &'a mut dyn FnMut(NafId<'_>) -> Result<KsNaf, Failure>;

impl Fetched {
    /// Gets `url` of the server called `name`.
    pub(super) fn get(
        client: &Client,
        url: &Url,
        (name, ua): (&str, UaProtocol),
        btid: &str,
        derive: Derive<'_>,
    ) -> Result<Self, Failure> {
        let answer = client.get(url, naf::PRODUCT, None)?;
        let Some(field) = answer.challenge() else {
            return Ok(Self {
                key: None,
                answer,
                proof: Proof::NotAsked,
            });
        };
        let challenge = wanted(field, name)?;
        let key = derive(NafId { fqdn: name, ua })?;
        let answering = Answering {
            client,
            url,
            btid,
            password: Password::of_ks_naf(&key),
        };
        let (answer, proof) = answering.run(&challenge)?;
        let key = Some(key);
        Ok(Self { key, answer, proof })
    }

    pub(super) fn tell(&self, fields: Fields) -> Fields {
        let proof = match self.proof {
            Proof::NotAsked => "asked for nothing",
            Proof::Missing => "did not prove itself",
            Proof::Right => "proved itself",
        };
        fields
            .with("NAF", proof)
            .with("Status", self.answer.status)
            .with("Body", String::from_utf8_lossy(&self.answer.body))
    }
}

struct Answering<'a> {
    client: &'a Client,
    url: &'a Url,
    btid: &'a str,
    password: Password,
}

impl Answering<'_> {
    /// Answers, and once more where the nonce went stale meanwhile.
    fn run(&self, challenge: &Challenge) -> Result<(Answer, Proof), Failure> {
        let (credentials, answer) = self.send(challenge)?;
        let again = answer.challenge().and_then(|field| field.parse().ok());
        let (credentials, answer) = match again {
            Some(again @ Challenge { stale: true, .. }) if again.realm == challenge.realm => {
                self.send(&again)?
            }
            _ => (credentials, answer),
        };
        let proof = self.check(&credentials, &answer)?;
        Ok((answer, proof))
    }

    fn send(&self, challenge: &Challenge) -> Result<(Credentials, Answer), Failure> {
        let text = |text: &str| text.parse().context("the B-TID or the URL");
        let (btid, uri) = (text(self.btid), text(self.url.target()));
        let (btid, uri) = (btid.map_err(Failure::System)?, uri.map_err(Failure::Usage)?);
        let user = Credentials::before_challenge(btid, challenge.realm.clone(), uri);
        let answer = user.answering(challenge, &self.password, Sent::GET, cnonce()?);
        let credentials = answer.map_err(|error| Failure::System(error.into()))?;
        let field = credentials.to_string();
        let answer = self.client.get(self.url, naf::PRODUCT, Some(&field))?;
        Ok((credentials, answer))
    }

    fn check(&self, credentials: &Credentials, answer: &Answer) -> Result<Proof, Failure> {
        let Some(field) = answer.information() else {
            return Ok(Proof::Missing);
        };
        let information: Option<AuthenticationInfo> = field.parse().ok();
        let right = information.is_some_and(|information| {
            information.verify(credentials, &self.password, &answer.body)
        });
        if right {
            return Ok(Proof::Right);
        }
        let wrong = anyhow!("the server's proof is wrong: somebody changed its answer");
        Err(Failure::System(wrong))
    }
}

/// A challenge for a key that leaves the card, of the server that was meant.
fn wanted(field: &str, name: &str) -> Result<Challenge, Failure> {
    let challenge = field.parse::<Challenge>().context("the server's challenge");
    let challenge = challenge.map_err(Failure::System)?;
    let problem = match naf::wanted(&challenge) {
        Some((NafKey::Me, fqdn)) if fqdn == name => return Ok(challenge),
        Some((NafKey::Me, fqdn)) => {
            anyhow!("the server calls itself {fqdn}; if that is right, give --naf-name {fqdn}")
        }
        Some((NafKey::Internal, _)) => anyhow!("the server wants a key that stays on the card"),
        None => anyhow!("the server does not authenticate by GBA"),
    };
    Err(Failure::System(problem))
}
