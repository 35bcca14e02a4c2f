//! Where the server would listen, and whether it would be let.

use std::io::{self, ErrorKind};
use std::time::Duration;

use server_kit::listen::Bind;
use server_kit::trial;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

use super::Finding;
use super::network::described;
use crate::config::Options;

pub(super) async fn findings(options: &Options) -> Vec<Finding> {
    let listen = &options.listen.listen;
    if listen.is_empty() {
        let mend = "--listen 127.0.0.1:8445";
        return vec![Finding::wrong(WHAT, "nowhere", mend)];
    }
    let mut findings = Vec::new();
    for bind in listen {
        findings.push(finding(options, bind).await);
    }
    findings
}

async fn finding(options: &Options, bind: &Bind) -> Finding {
    if !options.listen.is_https() && !bind.is_local() {
        let said = format!("plain HTTP at {bind}, beyond this machine");
        let mend = "leave out --http, or listen on 127.0.0.1 or unix:PATH behind a proxy";
        return Finding::wrong(WHAT, said, mend);
    }
    let Err(error) = trial::bind(bind).await else {
        return Finding::fine(WHAT, bind.to_string());
    };
    let kind = error.kind();
    if kind == ErrorKind::AddrInUse {
        return taken(options, bind).await;
    }
    let mend = if kind == ErrorKind::PermissionDenied && is_low(bind) {
        "a port from 1024 on, or AmbientCapabilities=CAP_NET_BIND_SERVICE in the service's unit"
    } else if kind == ErrorKind::AddrNotAvailable {
        "--listen with an address of this machine"
    } else {
        "--listen with another address"
    };
    Finding::wrong(WHAT, format!("{bind}: {}", described(&error)), mend)
}

async fn taken(options: &Options, bind: &Bind) -> Finding {
    if matches!(bind, Bind::Tcp(_)) && options.listen.is_https() {
        let said = format!("{bind} is in use, by the server if it runs");
        return Finding::note(WHAT, said, "if it does not: `ss -ltnp` says by whom");
    }
    let origin = options.origin().map(|origin| origin.to_string());
    let answered = tokio::time::timeout(PATIENCE, discovery(bind)).await;
    let is_ours = match (answered, origin) {
        (Ok(Ok(text)), Ok(origin)) => text.contains(&format!("\"issuer\":\"{origin}\"")),
        _ => false,
    };
    if is_ours {
        return Finding::fine(WHAT, format!("{bind}, where the server answers already"));
    }
    let said = format!("{bind} is in use, and not by a server with this origin");
    let mend = "end the other program (`ss -lnp` says which), or --listen with another address";
    Finding::wrong(WHAT, said, mend)
}

async fn discovery(bind: &Bind) -> io::Result<String> {
    match bind {
        Bind::Tcp(address) => get(TcpStream::connect(address).await?).await,
        Bind::Unix(path) => get(UnixStream::connect(path).await?).await,
        _ => Ok(String::new()),
    }
}

async fn get(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<String> {
    let request = "GET /.well-known/openid-configuration HTTP/1.0\r\nHost: localhost\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(MOST).read_to_string(&mut answer).await?;
    Ok(answer)
}

fn is_low(bind: &Bind) -> bool {
    matches!(bind, Bind::Tcp(address) if address.port() < 1024)
}

const WHAT: &str = "listening";
/// How long whoever listens there may take to say who they are.
const PATIENCE: Duration = Duration::from_secs(2);
/// Octets of an answer that are read.
const MOST: u64 = 1 << 16;
