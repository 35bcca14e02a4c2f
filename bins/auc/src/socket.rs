//! The unix datagram socket that hostapd asks.

use std::{
    convert::Infallible,
    fs, io,
    os::unix::{
        fs::{FileTypeExt, PermissionsExt},
        net::UnixDatagram,
    },
    path::{Path, PathBuf},
    time::Duration,
};

use aka::Rand;
use rustix::{
    fs::Mode,
    net::{AddressFamily, SocketAddrUnix, SocketType},
};
use tokio::runtime::Handle;

use crate::{Directory, Event, Responder, eap_sim_db::MAX_MESSAGE};

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SocketError {
    /// Another process answers there.
    #[error("another process listens at {}", .0.display())]
    InUse(PathBuf),
    /// Something else has the name; it is not removed.
    #[error("{} exists and is not a socket", .0.display())]
    NotASocket(PathBuf),
    /// The system reports an error.
    #[error("cannot listen at {}", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// A bound socket.
#[derive(Debug)]
pub struct Socket(UnixDatagram);

impl Socket {
    /// Binds `path` with the permission bits `mode` from the first moment on. A socket that a
    /// killed process left behind is replaced; nothing else is.
    ///
    /// # Errors
    /// [`SocketError`].
    pub fn bind(path: impl AsRef<Path>, mode: u32) -> Result<Self, SocketError> {
        let path = path.as_ref();
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => {
                return Err(SocketError::NotASocket(path.to_owned()));
            }
            Ok(_) if is_alive(path) => return Err(SocketError::InUse(path.to_owned())),
            Ok(_) | Err(_) => {}
        }
        bind(path, mode).map_err(|source| SocketError::Io {
            path: path.to_owned(),
            source,
        })
    }

    /// Answers requests until the socket fails, on the calling thread, which must not be one of
    /// `runtime`'s; `log` learns of every one.
    ///
    /// # Errors
    /// What the socket fails with. A requester that is gone, or does not read, is no failure.
    pub fn serve<D, R, E>(
        &self,
        runtime: &Handle,
        responder: &mut Responder<D, R>,
        mut log: impl FnMut(&Event),
    ) -> io::Result<Infallible>
    where
        D: Directory,
        R: FnMut() -> Result<Rand, E>,
        E: std::error::Error + Send + Sync + 'static,
    {
        loop {
            log(&self.serve_one(runtime, responder)?);
        }
    }

    /// Answers one request.
    ///
    /// # Errors
    /// As [`serve`](Socket::serve).
    pub fn serve_one<D, R, E>(
        &self,
        runtime: &Handle,
        responder: &mut Responder<D, R>,
    ) -> io::Result<Event>
    where
        D: Directory,
        R: FnMut() -> Result<Rand, E>,
        E: std::error::Error + Send + Sync + 'static,
    {
        // one more than a message may have, so that a longer one is noticed
        let mut buffer = [0; MAX_MESSAGE + 1];
        let (size, sender) = self.receive(&mut buffer)?;
        let datagram = buffer.get(..size).unwrap_or_default();
        let reply = runtime.block_on(responder.respond(datagram));
        if let Some(answer) = reply.answer
            && let Err(error) = self.0.send_to_addr(answer.as_bytes(), &sender)
        {
            return Ok(Event::Unsent(Box::new(reply.event), error));
        }
        Ok(reply.event)
    }

    fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, std::os::unix::net::SocketAddr)> {
        loop {
            match self.0.recv_from(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                received => return received,
            }
        }
    }
}

/// How long a requester may leave its answers unread.
const PATIENCE: Duration = Duration::from_secs(1);

fn is_alive(path: &Path) -> bool {
    UnixDatagram::unbound().is_ok_and(|probe| probe.connect(path).is_ok())
}

/// Under another name first: whoever finds `path` finds it with its final mode.
fn bind(path: &Path, mode: u32) -> io::Result<Socket> {
    let mut first = path.as_os_str().to_owned();
    first.push(".new");
    let first = PathBuf::from(first);
    match fs::remove_file(&first) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let socket = rustix::net::socket(AddressFamily::UNIX, SocketType::DGRAM, None)?;
    // the mode of the socket becomes that of the name
    rustix::fs::fchmod(&socket, Mode::from_raw_mode(0o600))?;
    rustix::net::bind(&socket, &SocketAddrUnix::new(&first)?)?;
    fs::set_permissions(&first, fs::Permissions::from_mode(mode))?;
    fs::rename(&first, path)?;
    let socket = UnixDatagram::from(socket);
    socket.set_write_timeout(Some(PATIENCE))?;
    Ok(Socket(socket))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aka::network::MemoryStore;
    use tempfile::TempDir;
    use tokio::runtime::Runtime;

    use super::*;
    use crate::{Centre, Kept, Subscribers};

    type Draw = fn() -> Result<Rand, getrandom::Error>;

    /// A home that knows nobody.
    fn responder() -> Responder<Kept<MemoryStore>, Draw> {
        let directory = Kept::new(Subscribers::default(), MemoryStore::new());
        Responder::new(Arc::new(Centre::new(directory)), || {
            Rand::generate(getrandom::fill)
        })
    }

    fn runtime() -> Runtime {
        Runtime::new().unwrap()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_socket_has_the_mode_it_was_asked_for() {
        let folder = TempDir::new().unwrap();
        for wanted in [0o600, 0o660] {
            let path = folder.path().join(format!("{wanted:o}"));
            let _socket = Socket::bind(&path, wanted).unwrap();
            assert_eq!(mode(&path), wanted);
        }
    }

    #[test]
    fn a_stale_socket_is_replaced() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("auc.sock");
        drop(Socket::bind(&path, 0o600).unwrap());
        assert!(path.exists(), "as after a kill");

        let _socket = Socket::bind(&path, 0o600).unwrap();
        assert!(is_alive(&path));
    }

    #[test]
    fn a_live_socket_and_other_files_are_left_alone() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("auc.sock");
        let _first = Socket::bind(&path, 0o600).unwrap();
        let error = Socket::bind(&path, 0o600).unwrap_err();
        assert!(matches!(error, SocketError::InUse(_)), "{error}");

        let file = folder.path().join("file");
        fs::write(&file, "mine").unwrap();
        let error = Socket::bind(&file, 0o600).unwrap_err();
        assert!(matches!(error, SocketError::NotASocket(_)), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }

    #[test]
    fn a_missing_folder_is_reported() {
        let folder = TempDir::new().unwrap();
        let error = Socket::bind(folder.path().join("missing/sock"), 0o600).unwrap_err();
        assert!(matches!(error, SocketError::Io { .. }), "{error}");
    }

    #[test]
    fn requests_of_several_clients_are_answered_to_each() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("auc.sock");
        let socket = Socket::bind(&path, 0o600).unwrap();
        let mut responder = responder();
        let runtime = runtime();
        let clients = ["one", "two"].map(|name| {
            let client = UnixDatagram::bind(folder.path().join(name)).unwrap();
            client.connect(&path).unwrap();
            client
        });
        for (client, imsi) in clients.iter().zip(["123456", "654321"]) {
            client
                .send(format!("AKA-REQ-AUTH {imsi}").as_bytes())
                .unwrap();
        }
        for (client, imsi) in clients.iter().zip(["123456", "654321"]) {
            socket.serve_one(runtime.handle(), &mut responder).unwrap();
            let mut buffer = [0; 64];
            let size = client.recv(&mut buffer).unwrap();
            let expected = format!("AKA-RESP-AUTH {imsi} FAILURE");
            assert_eq!(&buffer[..size], expected.as_bytes());
        }
    }

    #[test]
    fn a_client_that_is_gone_is_no_failure() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("auc.sock");
        let socket = Socket::bind(&path, 0o600).unwrap();
        let mut responder = responder();
        let runtime = runtime();
        // unbound: there is nowhere to answer to
        let client = UnixDatagram::unbound().unwrap();
        client.send_to(b"AKA-REQ-AUTH 123456", &path).unwrap();

        let event = socket.serve_one(runtime.handle(), &mut responder).unwrap();
        assert!(matches!(event, Event::Unsent(..)), "{event}");
    }
}
