//! A browser: its cookie, and forms that it sends back.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{Request, StatusCode, header, request};
use passkey_idp::webauthn::{Ask, Quirks, TestAuthenticator};
use serde_json::{Value, json};

use crate::world::{Answer, ORIGIN, World, navigation};

/// A browser with a cookie jar.
pub(crate) struct Browser<'w> {
    pub(crate) world: &'w World,
    jar: BTreeMap<String, String>,
}

impl<'w> Browser<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        let jar = BTreeMap::new();
        Self { world, jar }
    }

    /// The same browser at another instance.
    pub(crate) fn elsewhere<'i>(&self, world: &'i World) -> Browser<'i> {
        let jar = self.jar.clone();
        Browser { world, jar }
    }

    pub(crate) async fn open(&mut self, path: &str) -> Answer {
        self.ask(navigation(path)).await
    }

    /// Sends a request, and keeps the cookies of the answer.
    pub(crate) async fn ask(&mut self, request: request::Builder) -> Answer {
        let request = request.header(header::COOKIE, self.cookies());
        let request = request.body(Body::empty()).expect("as set up");
        let answer = self.world.send(request).await;
        for cookie in &answer.cookies {
            let pair = cookie.split(';').next().expect("a cookie");
            let (name, value) = pair.split_once('=').expect("a cookie");
            self.jar.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    /// The cookies, as they are sent.
    pub(crate) fn cookies(&self) -> String {
        let pairs = self.jar.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    /// Keeps a cookie that somebody has planted.
    pub(crate) fn keep(&mut self, name: &str, value: &str) {
        self.jar.insert(name.to_owned(), value.to_owned());
    }

    /// Forgets a cookie.
    pub(crate) fn forget(&mut self, name: &str) {
        self.jar.remove(name).expect("there is such a cookie");
    }

    /// Opens `path` and goes wherever it leads within the server.
    pub(crate) async fn follow(&mut self, path: &str) -> Answer {
        let mut answer = self.open(path).await;
        for _ in 0..5 {
            if answer.status != StatusCode::SEE_OTHER || !answer.location.starts_with('/') {
                break;
            }
            let next = answer.location.clone();
            answer = self.open(&next).await;
        }
        answer
    }

    /// Sends a page's form, with the token that stands in it.
    pub(crate) async fn send(&self, page: &Answer, fields: &str) -> Answer {
        let (action, token) = (
            field(page, "action=\""),
            field(page, "name=\"csrf\" value=\""),
        );
        let request = Request::post(action)
            .header(header::COOKIE, self.cookies())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let form = format!("csrf={token}&{fields}");
        self.world
            .send(request.body(form.into()).expect("as set up"))
            .await
    }

    /// Approves what a page asks for.
    pub(crate) async fn approve(&self, page: &Answer, passkey: &mut TestAuthenticator) -> Answer {
        let options = field(page, "data-options=\"").replace("&#34;", "\"");
        let options: Value = serde_json::from_str(&options).expect("options in JSON");
        let ask = Ask::of_options(&options, ORIGIN).expect("options");
        let response = json!(passkey.sign(&ask, &Quirks::default())).to_string();
        let mut form = "decision=approve&response=".to_owned();
        for octet in response.bytes() {
            write!(form, "%{octet:02x}").expect("a text takes any text");
        }
        self.send(page, &form).await
    }
}

/// What stands between a mark and the next quotation mark.
pub(crate) fn field<'p>(page: &'p Answer, mark: &str) -> &'p str {
    let (_, rest) = page.text.split_once(mark).expect("it stands in the page");
    rest.split('"').next().expect("it ends")
}
