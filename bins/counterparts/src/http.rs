//! Requests to a server that may die of them, over its unix socket.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

/// What came of a request.
#[derive(Debug)]
pub enum Sent {
    /// The whole answer: its status, and its body in JSON; null where it is something else.
    Answered(u16, Value),
    /// Nobody was there to hear it.
    Unheard,
    /// Somebody heard it, and died.
    Broken,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Asked {
    head: String,
    body: String,
}

impl Asked {
    /// `GET` of a path with its query.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self {
            head: format!("GET {path} HTTP/1.1\r\n"),
            body: String::new(),
        }
    }

    /// `POST` of JSON.
    #[must_use]
    pub fn post(path: &str, body: &Value) -> Self {
        Self::sending(path, "application/json", body.to_string())
    }

    /// `POST` of a form, whose values are escaped already.
    #[must_use]
    pub fn form(path: &str, pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let body = pairs.join("&");
        Self::sending(path, "application/x-www-form-urlencoded", body)
    }

    /// The same with another header field.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.head = format!("{}{name}: {value}\r\n", self.head);
        self
    }

    /// Sends it to the server behind `socket`.
    #[must_use]
    pub fn send(&self, socket: &Path) -> Sent {
        let Ok(mut stream) = UnixStream::connect(socket) else {
            return Sent::Unheard;
        };
        let answer = self.exchange(&mut stream);
        answer
            .and_then(|answer| read(&answer))
            .unwrap_or(Sent::Broken)
    }

    fn sending(path: &str, kind: &str, body: String) -> Self {
        let length = body.len();
        Self {
            head: format!(
                "POST {path} HTTP/1.1\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n"
            ),
            body,
        }
    }

    fn exchange(&self, stream: &mut UnixStream) -> Option<String> {
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).ok()?;
        let (head, body) = (&self.head, &self.body);
        let request = format!("{head}Host: localhost\r\nConnection: close\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }
}

/// An answer that is whole: as long as it says.
fn read(answer: &str) -> Option<Sent> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut lines = head.lines();
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    if length.is_some_and(|length| length != body.len()) {
        return None;
    }
    let body = serde_json::from_str(body).unwrap_or_default();
    Some(Sent::Answered(status, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_answer_is_none() {
        let whole = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        assert!(matches!(
            read(whole),
            Some(Sent::Answered(200, Value::Object(_)))
        ));
        for end in 0..whole.len() {
            assert!(read(whole.get(..end).unwrap()).is_none(), "{end}");
        }
    }
}
