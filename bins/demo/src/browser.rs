//! A browser without a screen: it keeps cookies, follows redirects, sends forms, and has a passkey
//! answer what a page asks for. It runs no script.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use passkey_idp::id::UserId;
use passkey_idp::webauthn::{Ask, Quirks, TestAuthenticator};
use serde_json::{Value, json};
use strict_jws::base64;
use ureq::http::{Request, header};
use url::Url;

mod form;

pub use form::File;
use form::Form;

/// A browser.
#[derive(Debug)]
pub struct Browser {
    agent: ureq::Agent,
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    trail: Vec<Url>,
}

/// A page that it shows.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page {
    /// Where it is.
    pub url: Url,
    /// The status with which it came.
    pub status: u16,
    /// Its HTML.
    pub html: String,
    /// Its `Content-Security-Policy`.
    pub policy: String,
    /// Its `Referrer-Policy`.
    pub referrer: String,
}

impl Browser {
    /// One that has been nowhere.
    pub fn new() -> Self {
        let ring = rustls::crypto::ring::default_provider();
        let tls = ureq::tls::TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(ring))
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(Duration::from_secs(30)))
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Self {
            agent: config.new_agent(),
            cookies: BTreeMap::new(),
            trail: Vec::new(),
        }
    }

    /// Everywhere it has been, redirects included.
    pub fn trail(&self) -> &[Url] {
        &self.trail
    }

    /// A cookie that belongs to the host of `address`.
    pub fn cookie(&self, address: &str, name: &str) -> Option<String> {
        let url = Url::parse(address).ok()?;
        self.cookies.get(url.host_str()?)?.get(name).cloned()
    }

    /// Gives the host of `address` a cookie.
    pub fn set_cookie(&mut self, address: &str, name: &str, value: &str) {
        if let Ok(url) = Url::parse(address) {
            self.keep(&url, &format!("{name}={value}"));
        }
    }

    /// Opens an address, and goes wherever that leads.
    ///
    /// # Errors
    /// Nobody answers, or it leads in circles.
    pub fn open(&mut self, address: &str) -> Result<Page> {
        self.go(Url::parse(address)?, None)
    }

    /// Follows a link of a page to `path`.
    ///
    /// # Errors
    /// There is no such link, or as [`Self::open`].
    pub fn follow(&mut self, page: &Page, path: &str) -> Result<Page> {
        let link = format!("href=\"{path}\"");
        ensure!(
            page.html.contains(&link),
            "no link to {path} at {}",
            page.url
        );
        self.go(page.url.join(path)?, None)
    }

    /// Sends the page's form for `action`, its hidden fields and `fields`.
    ///
    /// # Errors
    /// There is no such form, or as [`Self::open`].
    pub fn send(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Result<Page> {
        let form = Form::find(page, action)?.with(fields);
        self.go(page.url.join(action)?, Some((page.origin(), form)))
    }

    /// The same with a file.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn upload(
        &mut self,
        page: &Page,
        action: &str,
        fields: &[(&str, &str)],
        file: &File<'_>,
    ) -> Result<Page> {
        let form = Form::find(page, action)?.with(fields).with_file(file);
        self.go(page.url.join(action)?, Some((page.origin(), form)))
    }

    /// Makes a passkey, as the page asks.
    ///
    /// # Errors
    /// The page asks for none, or as [`Self::open`].
    pub fn register(&mut self, page: &Page) -> Result<(TestAuthenticator, Page)> {
        let options = page.options()?;
        let user = options.pointer("/user/id").and_then(Value::as_str);
        let user: UserId = user.context("the page asks for no passkey")?.parse()?;
        let mut passkey = TestAuthenticator::es256(user);
        let answer = json!(passkey.register(&page.ask(&options)?, &Quirks::none()));
        Ok((passkey, self.respond(page, &answer)?))
    }

    /// Approves what the page asks for, with `passkey`.
    ///
    /// # Errors
    /// The page asks for nothing, or as [`Self::open`].
    pub fn approve(&mut self, page: &Page, passkey: &mut TestAuthenticator) -> Result<Page> {
        let ask = page.ask(&page.options()?)?;
        let answer = json!(passkey.sign(&ask, &Quirks::none()));
        self.respond(page, &answer)
    }

    fn respond(&mut self, page: &Page, answer: &Value) -> Result<Page> {
        let answer = answer.to_string();
        let fields = [("decision", "approve"), ("response", answer.as_str())];
        self.send(page, page.url.path(), &fields)
    }

    fn go(&mut self, mut url: Url, mut form: Option<(String, Form)>) -> Result<Page> {
        for _redirect in 0..10 {
            let (page, onward) = self.ask(&url, form.take())?;
            match onward {
                Some(onward) => url = url.join(&onward)?,
                None => return Ok(page),
            }
        }
        bail!("{url} leads in circles")
    }

    /// One request; with a form, from the page where the form stands.
    fn ask(&mut self, url: &Url, form: Option<(String, Form)>) -> Result<(Page, Option<String>)> {
        self.trail.push(url.clone());
        let request = Request::builder().uri(url.as_str());
        let request = request
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document");
        let request = match self.jar(url) {
            Some(cookies) => request.header(header::COOKIE, cookies),
            None => request,
        };
        let mut answer = match form {
            None => self.agent.run(request.body(())?)?,
            Some((from, form)) => {
                let request = request
                    .method("POST")
                    .header(header::ORIGIN, from)
                    .header("sec-fetch-site", "same-origin")
                    .header(header::CONTENT_TYPE, form.media_type());
                self.agent.run(request.body(form.body())?)?
            }
        };
        let field = |name| answer.headers().get(name)?.to_str().ok().map(str::to_owned);
        let onward = field(header::LOCATION).filter(|_| answer.status().is_redirection());
        let policy = field(header::CONTENT_SECURITY_POLICY).unwrap_or_default();
        let referrer = field(header::REFERRER_POLICY).unwrap_or_default();
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            self.keep(url, cookie.to_str()?);
        }
        let page = Page {
            url: url.clone(),
            status: answer.status().as_u16(),
            html: answer.body_mut().read_to_string()?,
            policy,
            referrer,
        };
        Ok((page, onward))
    }

    /// What belongs to a host, whatever its port (RFC 6265 §8.5).
    fn jar(&self, url: &Url) -> Option<String> {
        let cookies = self.cookies.get(url.host_str()?)?.iter();
        let pairs: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Some(pairs.join("; "))
    }

    fn keep(&mut self, url: &Url, cookie: &str) {
        let host = url.host_str().unwrap_or_default().to_owned();
        let jar = self.cookies.entry(host).or_default();
        let pair = cookie.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if cookie.contains("Max-Age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl Page {
    /// The text in the page between `mark` and the next quotation mark or tag.
    ///
    /// # Errors
    /// `mark` does not stand there.
    pub fn after(&self, mark: &str) -> Result<String> {
        let (_, rest) = self.html.split_once(mark).with_context(|| {
            format!("{mark:?} does not stand at {} ({})", self.url, self.status)
        })?;
        Ok(unescaped(rest.split(['"', '<']).next().unwrap_or_default()))
    }

    /// The `Origin` of what the page sends (Fetch §3.2, "append a request `Origin` header").
    fn origin(&self) -> String {
        if self.referrer == "no-referrer" {
            "null".to_owned()
        } else {
            self.url.origin().ascii_serialization()
        }
    }

    fn options(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.after("data-options=\"")?)?)
    }

    fn ask(&self, options: &Value) -> Result<Ask> {
        let origin = self.url.origin().ascii_serialization();
        Ask::of_options(options, &origin).context("these are no options")
    }
}

/// What the templates' escaping made of it.
fn unescaped(text: &str) -> String {
    let plain = text.replace("&#34;", "\"").replace("&#39;", "'");
    let plain = plain.replace("&#60;", "<").replace("&#62;", ">");
    plain.replace("&#38;", "&")
}

/// A boundary that stands in no content.
fn boundary(content: &[u8]) -> String {
    base64::encode(passkey_idp::random::Digest::sha256(content).as_bytes())
}
