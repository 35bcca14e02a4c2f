//! The accept loop over real sockets: versions, limits, TLS and the graceful end.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, sync::Arc, time::Duration};

use axum::{Extension, Router, routing::get};
use hyper::{Request, body::Bytes};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use server_kit::{
    listen::{self, Bind, Limits, Listener, Peer},
    tls,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
    sync::{Notify, oneshot},
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A running server; dropping it ends it.
struct Running {
    address: String,
    end: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(listener: Listener, app: Router, limits: Limits) -> Self {
        let address = listener.address().to_string();
        let (end, ended) = oneshot::channel();
        let task = tokio::spawn(listen::serve(vec![listener], app, limits, async {
            ended.await.unwrap_or_default();
        }));
        Self { address, end, task }
    }

    async fn plain(app: Router, limits: Limits) -> Self {
        let bind = "127.0.0.1:0".parse().unwrap();
        Self::start(Listener::plain(&bind).await.unwrap(), app, limits)
    }

    async fn tls(folder: &Path, client_ca: Option<&Path>, limits: Limits) -> Self {
        let identity = tls::self_signed(folder, &["localhost".into()]).unwrap();
        let config = identity.into_config(client_ca).unwrap();
        let bind = "127.0.0.1:0".parse().unwrap();
        let listener = Listener::tls(&bind, config).await.unwrap();
        Self::start(listener, who(), limits)
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).await.unwrap()
    }

    async fn says(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        rest(stream).await
    }
}

/// Answers with what the server knows of its peer.
fn who() -> Router {
    Router::new().route(
        "/",
        get(async |Extension(peer): Extension<Peer>| {
            let subject = peer.certificate().map(|known| known.subject().to_owned());
            format!("{peer} {}", subject.unwrap_or_default())
        }),
    )
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

async fn rest(mut stream: impl tokio::io::AsyncRead + Unpin) -> String {
    let mut text = String::new();
    // a connection that was cut off may end without TLS' farewell
    stream.read_to_string(&mut text).await.unwrap_or_default();
    text
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed() {
    let server = Running::plain(who(), Limits::default()).await;
    let text = server.says("GET / HTTP/1.0\r\n\r\n").await;
    assert!(text.starts_with("HTTP/1.0 200 OK\r\n"), "{text}");
    assert!(text.contains("\r\nContent-Type: text/plain"), "{text}");
    assert!(text.ends_with("\r\n\r\n127.0.0.1 "), "{text}");
}

#[tokio::test]
async fn http_1_1_keeps_the_connection() {
    let server = Running::plain(who(), Limits::default()).await;
    let one = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let text = server.says(&format!("{one}{last}")).await;
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "{text}");
}

#[tokio::test]
async fn a_request_names_one_host_or_is_refused_and_closed() {
    let server = Running::plain(who(), Limits::default()).await;
    let next = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    for (head, version) in [
        ("GET / HTTP/1.1\r\n\r\n", "1.1"),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "1.1"),
        ("GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n", "1.1"),
        ("GET http://x/ HTTP/1.1\r\n\r\n", "1.1"),
        ("GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", "1.0"),
    ] {
        let text = server.says(&format!("{head}{next}")).await;
        let refused = format!("HTTP/{version} 400 Bad Request\r\n");
        assert!(text.starts_with(&refused), "{head}\n{text}");
        assert_eq!(text.matches("HTTP/1.").count(), 1, "{head}\n{text}");
        assert!(
            text.contains("the request needs one Host"),
            "{head}\n{text}"
        );
    }
}

#[tokio::test]
async fn a_client_that_has_closed_its_side_is_still_answered() {
    let server = Running::plain(who(), Limits::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(rest(stream).await.starts_with("HTTP/1.0 200"));
}

#[tokio::test]
async fn who_asks_and_never_reads_does_not_keep_the_connection() {
    let long = || Router::new().route("/", get(async || vec![b'x'; 64 << 20]));
    let limits = limits(|limits| {
        limits.connections = 1;
        limits.write = Duration::from_millis(1);
    });
    let server = Running::plain(long(), limits).await;
    let mut deaf = server.connect().await;
    deaf.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let other = server.says("GET /none HTTP/1.0\r\n\r\n");
    let text = tokio::time::timeout(Duration::from_secs(20), other).await;
    let text = text.expect("the one connection is free again");
    assert!(text.starts_with("HTTP/1.0 404"), "{text}");
    drop(deaf);
}

#[tokio::test]
async fn http_2_is_recognised_without_tls() {
    let server = Running::plain(who(), Limits::default()).await;
    let io = TokioIo::new(server.connect().await);
    let (mut client, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
        .await
        .unwrap();
    tokio::spawn(connection);
    let uri = format!("http://{}/", server.address);
    let request = Request::get(uri).body(http_body_util::Empty::<Bytes>::new());
    let response = client.send_request(request.unwrap()).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.version()),
        (200, hyper::Version::HTTP_2)
    );
}

#[tokio::test]
async fn a_unix_socket_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = Listener::plain(&Bind::Unix(path.clone())).await.unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
        0o660
    );
    let server = Running::start(listener, who(), Limits::default());
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    assert!(rest(stream).await.ends_with("\r\n\r\nunix "));
    drop(server);
}

#[tokio::test]
async fn a_client_that_says_nothing_or_half_a_head_is_cut_off() {
    let short = limits(|limits| limits.head = Duration::from_millis(30));
    let server = Running::plain(who(), short).await;
    for words in ["", "PRI * HT", "GET / HTTP/1.1\r\nHost"] {
        assert_eq!(server.says(words).await, "", "after {words:?}");
    }
    assert!(
        server
            .says("GET / HTTP/1.0\r\n\r\n")
            .await
            .contains("200 OK")
    );
}

#[tokio::test]
async fn a_head_beyond_the_limit_is_431() {
    let server = Running::plain(who(), Limits::default()).await;
    let text = server
        .says(&format!(
            "GET /?{} HTTP/1.1\r\nHost: x\r\n\r\n",
            "a".repeat(1 << 20)
        ))
        .await;
    assert!(
        text.is_empty() || text.starts_with("HTTP/1.1 431"),
        "{text}"
    );
    let fits = format!("GET /?{} HTTP/1.0\r\n\r\n", "a".repeat(8000));
    assert!(server.says(&fits).await.contains("200 OK"));
    let just_over = format!("GET /?{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(17_000));
    assert!(server.says(&just_over).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn beyond_the_cap_a_connection_waits_for_another_to_end() {
    let one = limits(|limits| limits.connections = 1);
    let server = Running::plain(who(), one).await;
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    second.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let waiting = tokio::spawn(rest(second));
    for _ in 0..20 {
        first
            .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .unwrap();
        assert_ne!(first.read(&mut [0; 1024]).await.unwrap(), 0);
    }
    assert!(!waiting.is_finished());
    drop(first);
    assert!(waiting.await.unwrap().contains("200 OK"));
}

#[tokio::test]
async fn at_the_end_an_open_request_is_finished_and_an_idle_connection_closed() {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, outside) = (entered.clone(), release.clone());
    let app = who().route(
        "/slow",
        get(async move || {
            inside.notify_one();
            outside.notified().await;
            "finished"
        }),
    );
    let server = Running::plain(app, Limits::default()).await;
    let idle = server.connect().await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    entered.notified().await;
    server.end.send(()).unwrap();
    drop(idle);
    release.notify_one();
    assert!(rest(busy).await.ends_with("finished"));
    server.task.await.unwrap();
    TcpStream::connect(&server.address).await.unwrap_err();
}

#[tokio::test]
async fn what_does_not_finish_within_the_drain_time_is_cut_off() {
    let entered = Arc::new(Notify::new());
    let inside = entered.clone();
    let app = Router::new().route(
        "/",
        get(async move || {
            inside.notify_one();
            std::future::pending::<()>().await;
        }),
    );
    let short = limits(|limits| limits.drain = Duration::from_millis(20));
    let server = Running::plain(app, short).await;
    let mut stuck = server.connect().await;
    stuck
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    entered.notified().await;
    server.end.send(()).unwrap();
    server.task.await.unwrap();
    assert_eq!(rest(stuck).await, "");
}

async fn tls_client(
    server: &Running,
    pem: &Path,
    alpn: &[u8],
    identity: Option<(CertificateDer<'static>, PrivateKeyDer<'static>)>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(pem).unwrap())
        .unwrap();
    let builder = ClientConfig::builder_with_provider(tls::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => builder
            .with_client_auth_cert(vec![certificate], key)
            .unwrap(),
    };
    config.alpn_protocols = vec![alpn.to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, server.connect().await)
        .await
}

#[tokio::test]
async fn https_speaks_what_alpn_has_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::tls(folder.path(), None, Limits::default()).await;
    let pem = folder.path().join("server.pem");
    for alpn in [&b"http/1.1"[..], b"http/1.0"] {
        let mut old = tls_client(&server, &pem, alpn, None).await.unwrap();
        old.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
        assert!(rest(old).await.ends_with("\r\n\r\n127.0.0.1 "));
    }
    let new = tls_client(&server, &pem, b"h2", None).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(new))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = Request::get("https://localhost/").body(http_body_util::Empty::<Bytes>::new());
    let response = client.send_request(request.unwrap()).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let short = limits(|limits| limits.handshake = Duration::from_millis(30));
    let server = Running::tls(folder.path(), None, short).await;
    assert_eq!(server.says("").await, "");
}

fn signed_by(
    ca: &rcgen::Issuer<'_, rcgen::KeyPair>,
    name: &str,
) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    let certificate = params.signed_by(&key, ca).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    (certificate.der().clone(), key)
}

fn authority(path: &Path) -> rcgen::Issuer<'static, rcgen::KeyPair> {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    std::fs::write(path, params.self_signed(&key).unwrap().pem()).unwrap();
    rcgen::Issuer::new(params, key)
}

#[tokio::test]
async fn a_client_certificate_of_the_ca_is_seen_one_of_another_is_refused_and_none_is_fine() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (
        folder.path().join("ca.pem"),
        folder.path().join("other.pem"),
    );
    let (our_ca, other_ca) = (authority(&ours), authority(&other));
    let server = Running::tls(folder.path(), Some(&ours), Limits::default()).await;
    let pem = folder.path().join("server.pem");
    let ask = async |identity| {
        let mut stream = tls_client(&server, &pem, b"http/1.1", identity)
            .await
            .unwrap();
        stream
            .write_all(b"GET / HTTP/1.0\r\n\r\n")
            .await
            .unwrap_or_default();
        rest(stream).await
    };
    let known = ask(Some(signed_by(&our_ca, "lab"))).await;
    assert!(known.ends_with("\r\n\r\n127.0.0.1 CN=lab"), "{known}");
    assert_eq!(ask(Some(signed_by(&other_ca, "lab"))).await, "");
    assert!(ask(None).await.ends_with("\r\n\r\n127.0.0.1 "));
}
