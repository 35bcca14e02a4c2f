//! A client that costs little: one connection, one request after the other.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

pub(crate) struct Client {
    stream: TcpStream,
    address: String,
    answer: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self {
            stream,
            address: address.to_owned(),
            answer: Vec::with_capacity(8192),
        })
    }

    /// The body of a page.
    pub(crate) fn get(&mut self, path: &str) -> Result<(u16, &str)> {
        self.send(&format!("GET {path} HTTP/1.1\r\n"), "")
    }

    /// What a client is told in JSON.
    pub(crate) fn post(&mut self, path: &str, basic: &str, body: &Value) -> Result<(u16, Value)> {
        self.told(path, basic, "application/json", &body.to_string())
    }

    /// What a client is told for a form.
    pub(crate) fn form(&mut self, path: &str, basic: &str, form: &str) -> Result<(u16, Value)> {
        self.told(path, basic, "application/x-www-form-urlencoded", form)
    }

    fn told(&mut self, path: &str, basic: &str, kind: &str, body: &str) -> Result<(u16, Value)> {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nAuthorization: {basic}\r\nContent-Type: {kind}\r\n\
             Content-Length: {length}\r\n"
        );
        let (status, text) = self.send(&head, body)?;
        Ok((status, serde_json::from_str(text)?))
    }

    fn send(&mut self, head: &str, body: &str) -> Result<(u16, &str)> {
        let request = format!("{head}Host: {}\r\n\r\n{body}", self.address);
        self.stream.write_all(request.as_bytes())?;
        self.answer.clear();
        let mut chunk = [0; 16 * 1024];
        let (at, status) = loop {
            let size = self.stream.read(&mut chunk)?;
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
