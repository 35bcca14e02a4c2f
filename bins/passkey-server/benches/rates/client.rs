//! A client that costs little: one connection, one request after the other.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

pub(crate) struct Client {
    stream: TcpStream,
    answer: Vec<u8>,
}

/// A request, as it goes over the wire.
pub(crate) struct Request(Vec<u8>);

impl Request {
    /// For a page.
    pub(crate) fn get(path: &str) -> Self {
        Self(format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n").into_bytes())
    }

    /// JSON.
    pub(crate) fn json(path: &str, basic: &str, body: &Value) -> Self {
        Self::post(path, basic, "application/json", &body.to_string())
    }

    /// A form.
    pub(crate) fn form(path: &str, basic: &str, form: &str) -> Self {
        Self::post(path, basic, "application/x-www-form-urlencoded", form)
    }

    fn post(path: &str, basic: &str, kind: &str, body: &str) -> Self {
        let length = body.len();
        let text = format!(
            "POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {basic}\r\n\
             Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        Self(text.into_bytes())
    }
}

impl Client {
    pub(crate) fn connect(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            answer: Vec::with_capacity(8192),
        })
    }

    /// Asks; [`Client::heard`] is the answer.
    pub(crate) fn ask(&mut self, request: &Request) -> Result<()> {
        Ok(self.stream.write_all(&request.0)?)
    }

    /// Status and body of what was asked last.
    pub(crate) fn heard(&mut self) -> Result<(u16, &str)> {
        self.answer.clear();
        let mut chunk = [0; 16 * 1024];
        let (at, status) = loop {
            let size = self.read(&mut chunk)?;
            ensure!(size > 0, "the server has closed the connection");
            self.answer
                .extend_from_slice(chunk.get(..size).unwrap_or_default());
            if let Some(whole) = whole(&self.answer) {
                break whole;
            }
        };
        let body = self.answer.get(at..).unwrap_or_default();
        Ok((status, std::str::from_utf8(body)?))
    }

    /// Reads without ever sleeping: waking a client up would be work of the server's processor.
    fn read(&mut self, chunk: &mut [u8]) -> Result<usize> {
        let begun = Instant::now();
        loop {
            match self.stream.read(chunk) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    ensure!(begun.elapsed() < PATIENCE, "the server does not answer");
                }
                read => return Ok(read?),
            }
        }
    }

    /// The JSON of an answer that says 200.
    pub(crate) fn told(&mut self, request: &Request) -> Result<Value> {
        self.ask(request)?;
        let (status, body) = self.heard()?;
        ensure!(status == 200, "{status} {body}");
        Ok(serde_json::from_str(body)?)
    }
}

/// Where the body of an answer begins that is there to its end, and its status.
fn whole(answer: &[u8]) -> Option<(usize, u16)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let at = end.checked_add(4)?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let status = head.get(9..12)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    let length: usize = length?.parse().ok()?;
    (answer.len() >= at.checked_add(length)?).then_some((at, status))
}

/// What a member of an answer says.
pub(crate) fn text(body: &Value, name: &str) -> Result<String> {
    let member = body.get(name).and_then(Value::as_str);
    Ok(member
        .with_context(|| format!("no {name} in {body}"))?
        .to_owned())
}

const PATIENCE: Duration = Duration::from_secs(20);
/// Nothing looks at it.
const HOST: &str = "localhost";
