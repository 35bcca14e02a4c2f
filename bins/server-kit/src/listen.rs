//! Listening: TCP, unix sockets and TLS, with deadlines, caps and a graceful end.

use std::{
    fmt, fs, io,
    net::SocketAddr,
    os::unix::fs::{FileTypeExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use rustix::{
    fs::Mode,
    net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType},
};
use rustls::ServerConfig;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, UnixListener};
use tokio_rustls::TlsAcceptor;

pub use agreement::Disagreement;
pub use exposure::{Authentication, Exposed, Exposure};
pub use options::{Advice, ListenError, ListenOptions, default_state_dir};
pub use peer::Peer;
pub use serve::{Limits, serve, terminated};

mod agreement;
mod connection;
mod exposure;
mod options;
mod patient;
mod peer;
mod replay;
mod serve;
mod share;
mod unread;

/// Where to listen: an address with a port, or `unix:` and a path.
///
/// ```
/// use server_kit::listen::Bind;
///
/// let bind: Bind = "unix:/run/usim.sock".parse()?;
/// assert!(bind.is_local());
/// # Ok::<(), server_kit::listen::BindError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Bind {
    /// A TCP port.
    Tcp(SocketAddr),
    /// A unix socket, made with mode 0660.
    Unix(PathBuf),
}

/// The text is no address with a port, and no `unix:PATH`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is neither ADDRESS:PORT nor unix:PATH")]
pub struct BindError {
    text: String,
}

impl Bind {
    /// Whether only this machine can reach it.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().is_loopback(),
            Self::Unix(_) => true,
        }
    }
}

impl FromStr for Bind {
    type Err = BindError;

    fn from_str(text: &str) -> Result<Self, BindError> {
        let wrong = || BindError {
            text: text.to_owned(),
        };
        if let Some(path) = text.strip_prefix("unix:") {
            return match path {
                "" => Err(wrong()),
                path => Ok(Self::Unix(path.into())),
            };
        }
        let text = text.replace("localhost:", "127.0.0.1:");
        text.parse().map(Self::Tcp).map_err(|_source| wrong())
    }
}

impl TryFrom<String> for Bind {
    type Error = BindError;

    fn try_from(text: String) -> Result<Self, BindError> {
        text.parse()
    }
}

impl From<Bind> for String {
    fn from(bind: Bind) -> Self {
        bind.to_string()
    }
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// An open socket, ready to be served.
pub struct Listener {
    socket: Socket,
    tls: Option<TlsAcceptor>,
    address: Bind,
}

pub(crate) enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    /// Opens a socket for plain HTTP.
    ///
    /// # Errors
    /// The address is in use or may not be used.
    pub async fn plain(bind: &Bind) -> io::Result<Self> {
        let (socket, address) = match bind {
            Bind::Tcp(address) => {
                let listener = TcpListener::bind(address).await?;
                let address = listener.local_addr()?;
                (Socket::Tcp(listener), Bind::Tcp(address))
            }
            Bind::Unix(path) => (Socket::Unix(bind_unix(path)?), bind.clone()),
        };
        Ok(Self {
            socket,
            tls: None,
            address,
        })
    }

    /// Opens a socket for HTTPS.
    ///
    /// # Errors
    /// The address is in use or may not be used.
    pub async fn tls(bind: &Bind, config: Arc<ServerConfig>) -> io::Result<Self> {
        let mut listener = Self::plain(bind).await?;
        listener.tls = Some(config.into());
        Ok(listener)
    }

    /// Where it listens; the port is the real one where port 0 was asked for.
    pub fn address(&self) -> &Bind {
        &self.address
    }

    /// The address as a URL for people.
    pub fn url(&self) -> String {
        match (&self.address, &self.tls) {
            (Bind::Tcp(address), Some(_)) => format!("https://{address}/"),
            (Bind::Tcp(address), None) => format!("http://{address}/"),
            (Bind::Unix(_), _) => self.address.to_string(),
        }
    }
}

impl Drop for Listener {
    /// Takes a unix socket's file away.
    fn drop(&mut self) {
        if let Bind::Unix(path) = &self.address {
            // somebody may have taken it away already
            fs::remove_file(path).unwrap_or_default();
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listener").field(&self.url()).finish()
    }
}

/// Replaces a socket that a former run left behind, but not one that somebody still serves.
fn bind_unix(path: &Path) -> io::Result<UnixListener> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket());
    if is_socket && std::os::unix::net::UnixStream::connect(path).is_err() {
        fs::remove_file(path)?;
    }
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    // the mode of the socket becomes that of its name: at no moment may everybody connect
    rustix::fs::fchmod(&socket, Mode::from_raw_mode(0o600))?;
    net::bind(&socket, &SocketAddrUnix::new(path)?)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o660))?;
    net::listen(&socket, BACKLOG)?;
    UnixListener::from_std(socket.into())
}

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_tcp_and_unix_names_a_path() {
        let tcp = |text: &str| Bind::Tcp(text.parse().unwrap());
        assert_eq!("0.0.0.0:8443".parse(), Ok(tcp("0.0.0.0:8443")));
        assert_eq!("[::1]:1".parse(), Ok(tcp("[::1]:1")));
        assert_eq!("localhost:1".parse(), Ok(tcp("127.0.0.1:1")));
        assert_eq!("unix:/a b".parse(), Ok(Bind::Unix("/a b".into())));
    }

    #[test]
    fn anything_else_is_refused_with_its_text() {
        for text in ["8443", "unix:", "example.com:1", "127.0.0.1", ""] {
            let error = text.parse::<Bind>().unwrap_err();
            let expected = format!("`{text}` is neither ADDRESS:PORT nor unix:PATH");
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn loopback_and_unix_sockets_are_local() {
        let local = |text: &str| text.parse::<Bind>().unwrap().is_local();
        assert!(local("127.1.2.3:1") && local("[::1]:1") && local("unix:/x"));
        assert!(!local("0.0.0.0:1") && !local("[::]:1") && !local("192.0.2.1:1"));
    }

    #[tokio::test]
    async fn port_zero_becomes_a_real_port() {
        let listener = Listener::plain(&"127.0.0.1:0".parse().unwrap())
            .await
            .unwrap();
        assert!(!listener.url().ends_with(":0/"), "{listener:?}");
    }

    #[tokio::test]
    async fn a_unix_socket_has_mode_0660_and_a_stale_one_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let bind = Bind::Unix(path.clone());
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let served = Listener::plain(&bind).await.unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o660
        );
        let error = Listener::plain(&bind).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        drop(served);
        assert!(!path.exists());
    }
}
