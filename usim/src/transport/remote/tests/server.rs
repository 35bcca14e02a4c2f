//! A tiny HTTP server that answers as a test wants.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// What was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Method and target, as in `GET /`.
    pub(super) line: String,
    pub(super) authorization: Option<String>,
    pub(super) proof: Option<String>,
    pub(super) body: String,
}

/// What is answered.
pub(super) enum Reply {
    Json(u16, String),
    /// As it goes over the wire, then the connection ends.
    Raw(String),
    /// Nothing, until the client gives up.
    Silence,
}

pub(super) fn json(status: u16, body: &str) -> Reply {
    Reply::Json(status, body.to_owned())
}

/// A server on a port of its own, until it is dropped.
pub(super) struct TestServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    thread: Option<JoinHandle<()>>,
}

impl TestServer {
    pub(super) fn start(answer: impl FnMut(&Asked) -> Reply + Send + 'static) -> Self {
        Self::serve(answer, Some)
    }

    /// With TLS, and this certificate.
    pub(super) fn start_tls(
        certificate: &rcgen::CertifiedKey<rcgen::KeyPair>,
        answer: impl FnMut(&Asked) -> Reply + Send + 'static,
    ) -> Self {
        let key = PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.cert.der().clone()],
                PrivateKeyDer::Pkcs8(key),
            )
            .unwrap();
        let config = Arc::new(config);
        Self::serve(answer, move |stream| {
            let session = ServerConnection::new(Arc::clone(&config)).ok()?;
            Some(StreamOwned::new(session, stream))
        })
    }

    pub(super) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn tls_address(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    /// What was asked since the last time.
    pub(super) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// The lines of what was asked since the last time.
    pub(super) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    fn serve<S: Read + Write>(
        mut answer: impl FnMut(&Asked) -> Reply + Send + 'static,
        secure: impl Fn(TcpStream) -> Option<S> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let thread = thread::spawn(move || {
            let streams = listener.incoming().flatten().filter_map(secure);
            let _stopped = streams
                .map(|stream| attend(BufReader::new(stream), &mut answer, &log))
                .find(|ended| *ended == Ended::Server);
        });
        Self {
            address,
            asked,
            thread: Some(thread),
        }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // Only a plain server stops; one with TLS ends with the process.
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            drop(write!(stream, "{STOP} HTTP/1.1\r\n\r\n"));
        }
        drop(self.thread.take());
    }
}

/// What has ended.
#[derive(PartialEq, Eq)]
enum Ended {
    Connection,
    Server,
}

fn attend<S: Read + Write>(
    mut stream: BufReader<S>,
    answer: &mut impl FnMut(&Asked) -> Reply,
    log: &Mutex<Vec<Asked>>,
) -> Ended {
    while let Some(asked) = read(&mut stream) {
        if asked.line == STOP {
            return Ended::Server;
        }
        let reply = answer(&asked);
        log.lock().unwrap().push(asked);
        if write(&mut stream, reply).is_none() {
            break;
        }
    }
    Ended::Connection
}

const STOP: &str = "STOP /";

fn read(stream: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|size| *size > 0)?;
    let line = line.trim().strip_suffix(" HTTP/1.1")?.to_owned();
    let (mut authorization, mut proof, mut length) = (None, None, 0);
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).ok()?;
        match header.trim().split_once(':') {
            None => break,
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                authorization = Some(value.trim().to_owned());
            }
            Some((name, value)) if name.eq_ignore_ascii_case("dpop") => {
                proof = Some(value.trim().to_owned());
            }
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok()?;
            }
            Some(_) => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    Some(Asked {
        line,
        authorization,
        proof,
        body,
    })
}

/// Writes the reply; nothing when the connection shall end.
fn write<S: Read + Write>(stream: &mut BufReader<S>, reply: Reply) -> Option<()> {
    match reply {
        Reply::Json(status, body) => {
            let size = body.len();
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {size}\r\n\r\n");
            stream.get_mut().write_all((head + &body).as_bytes()).ok()
        }
        Reply::Raw(text) => {
            stream.get_mut().write_all(text.as_bytes()).ok()?;
            None
        }
        Reply::Silence => {
            drop(stream.read(&mut [0]));
            None
        }
    }
}
