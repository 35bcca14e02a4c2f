//! The control interface of `wpa_supplicant` and `eapol_test`: unix datagrams.

use std::{
    env, fs, io,
    os::unix::{fs::FileTypeExt, net::UnixDatagram},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use zeroize::Zeroizing;

/// Longer than any message of `wpa_supplicant`.
const MAX_MESSAGE: usize = 8192;

/// More than a system lets wait at a socket.
const MAX_WAITING: u32 = 4096;

/// Our end of the conversation; its name goes away with it.
pub(crate) struct Control {
    socket: UnixDatagram,
    own: PathBuf,
}

impl Control {
    /// Makes our end in `folder`, where `wpa_supplicant` must be able to reach it.
    pub(crate) fn bind(folder: Option<&Path>) -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = folder.map_or_else(env::temp_dir, Path::to_owned);
        let own = folder.join(format!("usimctl-{}-{count}", process::id()));
        // a process of the same number may have been killed here
        match fs::remove_file(&own) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = UnixDatagram::bind(&own)?;
        Ok(Self { socket, own })
    }

    /// From now on hears `peer` and nobody else: who else may write into the folder could have the
    /// card answer challenges of their own.
    pub(crate) fn listen_to(&self, peer: &Path) -> io::Result<()> {
        self.socket.connect(peer)?;
        // what came before may be anybody's
        self.socket.set_nonblocking(true)?;
        let mut rest = 0..MAX_WAITING;
        while rest.next().is_some() && self.socket.recv(&mut [0]).is_ok() {}
        self.socket.set_nonblocking(false)
    }

    /// Waits for a datagram; `None` when none comes in time.
    pub(crate) fn receive(&self, patience: Duration) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        self.socket.set_read_timeout(Some(patience))?;
        let mut message = Zeroizing::new(vec![0; MAX_MESSAGE]);
        loop {
            match self.socket.recv(&mut message) {
                Ok(size) => {
                    message.truncate(size);
                    return Ok(Some(message));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Sends a command to the interface at `peer`.
    pub(crate) fn send(&self, peer: &Path, command: &str) -> io::Result<()> {
        self.socket.send_to(command.as_bytes(), peer).map(drop)
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // what is left behind is an empty name
        drop(fs::remove_file(&self.own));
    }
}

/// Why there is no interface to talk to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoInterface {
    #[error("nothing there yet")]
    NotYet,
    #[error("several interfaces there: name one of {}", .0.join(", "))]
    Several(Vec<String>),
    #[error("cannot look there")]
    Io(#[from] io::Error),
}

/// The socket at `path`, or the only one in the folder `path`.
pub(crate) fn interface(path: &Path) -> Result<PathBuf, NoInterface> {
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(NoInterface::NotYet),
        found => found?,
    };
    if !found.is_dir() {
        return Ok(path.to_owned());
    }
    let mut sockets = sockets(path)?;
    match sockets.len() {
        0 => Err(NoInterface::NotYet),
        1 => sockets.pop().ok_or(NoInterface::NotYet),
        _ => {
            let names = sockets.iter().map(|path| path.display().to_string());
            Err(NoInterface::Several(names.collect()))
        }
    }
}

/// The interfaces of a folder, in the order of their names, without those that only pair devices.
fn sockets(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut sockets = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let pairing = entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(b"p2p-dev-");
        if entry.file_type()?.is_socket() && !pairing {
            sockets.push(entry.path());
        }
    }
    sockets.sort();
    Ok(sockets)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn the_only_socket_of_a_folder_is_the_interface() {
        let folder = TempDir::new().unwrap();
        let wlan = folder.path().join("wlan0");
        assert!(matches!(interface(&wlan), Err(NoInterface::NotYet)));
        assert!(matches!(interface(folder.path()), Err(NoInterface::NotYet)));

        let _wlan = UnixDatagram::bind(&wlan).unwrap();
        let _pairing = UnixDatagram::bind(folder.path().join("p2p-dev-wlan0")).unwrap();
        fs::write(folder.path().join("notes"), "no socket").unwrap();
        assert_eq!(interface(folder.path()).unwrap(), wlan);
        assert_eq!(interface(&wlan).unwrap(), wlan);
    }

    #[test]
    fn several_interfaces_are_listed() {
        let folder = TempDir::new().unwrap();
        let _sockets =
            ["wlan1", "wlan0"].map(|name| UnixDatagram::bind(folder.path().join(name)).unwrap());
        let error = interface(folder.path()).unwrap_err().to_string();
        let listed = ["wlan0", "wlan1"].map(|name| folder.path().join(name).display().to_string());
        assert_eq!(
            error,
            format!(
                "several interfaces there: name one of {}",
                listed.join(", ")
            )
        );
    }

    #[test]
    fn our_name_goes_away() {
        let folder = TempDir::new().unwrap();
        let control = Control::bind(Some(folder.path())).unwrap();
        assert!(control.own.exists());
        let own = control.own.clone();
        drop(control);
        assert!(!own.exists());
    }
}
