//! One connection: the handshake, which HTTP is spoken, and its graceful end.

use std::{io, pin::pin, time::Duration};

use axum::{Router, body::Body, response::IntoResponse as _};
use hyper::{
    Request, StatusCode,
    body::Incoming,
    header::{CONNECTION, EXPECT, HOST},
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::GracefulConnection,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{
    Peer,
    patient::Patient,
    replay::Replay,
    serve::{Limits, Server},
    unread::Unread,
};
use crate::{caller::PeerCertificate, problem::Problem};

/// A socket's stream.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// A connection that was accepted and has not said anything yet.
pub(super) struct Connection<S> {
    stream: S,
    tls: Option<TlsAcceptor>,
    peer: Peer,
}

pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

impl<S: Stream> Connection<S> {
    pub(super) fn new(stream: S, tls: Option<TlsAcceptor>, peer: Peer) -> Self {
        Self { stream, tls, peer }
    }

    /// Serves the connection until the client leaves or the server ends.
    pub(super) async fn run(self, server: Server) -> Result<(), Failure> {
        let limits = server.limits;
        let Some(tls) = self.tls else {
            let (version, stream) = timeout(limits.head, sniff(self.stream)).await??;
            return speak(version, stream, self.peer, server).await;
        };
        let stream = timeout(limits.handshake, tls.accept(self.stream)).await??;
        let peer = self.peer.over_tls();
        let peer = match certificate(&stream) {
            Some(certificate) => peer.with_certificate(certificate),
            None => peer,
        };
        speak(negotiated(&stream), stream, peer, server).await
    }
}

#[derive(Clone, Copy)]
enum Version {
    Http1,
    Http2,
}

/// How HTTP/2 begins where no ALPN has named it (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Reads no further than it takes to know the version, and puts what it read back.
async fn sniff<S: Stream>(mut stream: S) -> io::Result<(Version, impl Stream)> {
    let mut seen = Vec::with_capacity(PREFACE.len());
    while seen.len() < PREFACE.len() && PREFACE.starts_with(&seen) {
        let missing = PREFACE.len().saturating_sub(seen.len());
        let mut part = (&mut stream).take(u64::try_from(missing).unwrap_or(0));
        if part.read_buf(&mut seen).await? == 0 {
            break;
        }
    }
    let version = if seen == PREFACE {
        Version::Http2
    } else {
        Version::Http1
    };
    Ok((version, Replay::new(seen, stream)))
}

fn negotiated<S>(stream: &TlsStream<S>) -> Version {
    match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Version::Http2,
        _ => Version::Http1,
    }
}

fn certificate<S>(stream: &TlsStream<S>) -> Option<PeerCertificate> {
    let chain = stream.get_ref().1.peer_certificates()?;
    chain.first().map(|leaf| PeerCertificate::from_der(leaf))
}

async fn speak<S: Stream>(
    version: Version,
    stream: S,
    peer: Peer,
    server: Server,
) -> Result<(), Failure> {
    let Server {
        app,
        limits,
        ending,
        ..
    } = server;
    let service = service_fn(move |request| answer(app.clone(), peer.clone(), request));
    let io = TokioIo::new(Patient::new(stream, limits.write));
    match version {
        Version::Http1 => finish(http1(&limits).serve_connection(io, service), &ending).await?,
        Version::Http2 => finish(http2(&limits).serve_connection(io, service), &ending).await?,
    }
    Ok(())
}

async fn answer(
    app: Router,
    peer: Peer,
    request: Request<Incoming>,
) -> Result<axum::response::Response, std::convert::Infallible> {
    if !names_one_host(&request) {
        return Ok(nameless());
    }
    let (mut head, body) = request.into_parts();
    head.extensions.insert(peer);
    // whoever asks before sending is told not to
    let asks_first = head.headers.contains_key(EXPECT);
    let unread = Unread::new(body);
    let body = Body::new(unread.clone());
    let answer = app.oneshot(Request::from_parts(head, body)).await;
    if !asks_first {
        unread.drain().await;
    }
    answer
}

/// Whether a request names its host as it must (RFC 9112 §3.2): with one field, which before HTTP/1.1 may
/// be missing, as it may in HTTP/2 (RFC 9113 §8.3.1).
fn names_one_host<B>(request: &Request<B>) -> bool {
    let hosts = request.headers().get_all(HOST).iter().count();
    hosts == 1 || hosts == 0 && request.version() != hyper::Version::HTTP_11
}

/// What whoever asks like that is told, before the connection ends: where its body ends may be in doubt, too.
fn nameless() -> axum::response::Response {
    let problem = Problem::new(
        StatusCode::BAD_REQUEST,
        "bad_request",
        "the request needs one Host",
    );
    let close = [(CONNECTION, "close")];
    (close, problem).into_response()
}

async fn finish<C: GracefulConnection>(
    connection: C,
    ending: &CancellationToken,
) -> Result<(), C::Error> {
    let mut connection = pin!(connection);
    if let Some(done) = ending.run_until_cancelled(connection.as_mut()).await {
        return done;
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}

/// Header names go out as `Content-Type`: there are clients that compare them by their case.
fn http1(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_header_size(limits.head_size)
        .half_close(true)
        .title_case_headers(true);
    builder
}

fn http2(limits: &Limits) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(limits.head_size).unwrap_or(u32::MAX))
        .max_concurrent_streams(STREAMS)
        .keep_alive_interval(limits.head)
        .keep_alive_timeout(PING);
    builder
}

/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 128;

/// Time for a client to answer a PING.
const PING: Duration = Duration::from_secs(10);
