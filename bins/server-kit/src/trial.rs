//! What would come of making something, found out without making it.

use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::{fs::FileTypeExt as _, net::UnixStream},
    path::Path,
};

use rustix::fs::{Access, access};
use tokio::net::TcpListener;

use crate::listen::Bind;

/// Whether the file at `path` can be written, or made in the folder where it would stand.
///
/// # Errors
/// Why not.
pub fn file(path: &Path) -> io::Result<()> {
    if path.exists() {
        return OpenOptions::new().append(true).open(path).map(drop);
    }
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => writable(Path::new(".")),
        Some(parent) => writable(parent),
        None => Err(io::ErrorKind::IsADirectory.into()),
    }
}

/// Whether files can be made in `path`, once the folder and those above it are made as well.
///
/// # Errors
/// Why not.
pub fn folder(path: &Path) -> io::Result<()> {
    let there = path.ancestors().find(|folder| folder.exists());
    writable(there.unwrap_or(Path::new(".")))
}

/// Whether `bind` can be listened on.
///
/// # Errors
/// Why not; [`io::ErrorKind::AddrInUse`] if somebody does already.
pub async fn bind(bind: &Bind) -> io::Result<()> {
    match bind {
        Bind::Tcp(address) => TcpListener::bind(address).await.map(drop),
        Bind::Unix(path) => unix(path),
    }
}

/// A socket that nobody serves is taken away by whoever comes next.
fn unix(path: &Path) -> io::Result<()> {
    let Ok(there) = fs::symlink_metadata(path) else {
        return file(path);
    };
    if !there.file_type().is_socket() || UnixStream::connect(path).is_ok() {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    path.parent().map_or(Ok(()), writable)
}

fn writable(folder: &Path) -> io::Result<()> {
    if !fs::metadata(folder)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_needs_its_folder_and_a_folder_only_one_above_it() {
        let there = tempfile::tempdir().unwrap();
        file(&there.path().join("a")).unwrap();
        folder(&there.path().join("a/b/c")).unwrap();
        assert!(!there.path().join("a").exists(), "nothing is made");
        let missing = file(&there.path().join("a/b")).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        fs::write(there.path().join("f"), "").unwrap();
        file(&there.path().join("f")).unwrap();
        let below_a_file = folder(&there.path().join("f/b")).unwrap_err();
        assert_eq!(below_a_file.kind(), io::ErrorKind::NotADirectory);
    }

    #[tokio::test]
    async fn what_somebody_listens_on_is_in_use_and_a_stale_socket_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let unix = Bind::Unix(path.clone());
        bind(&unix).await.unwrap();
        assert!(!path.exists(), "nothing is made");
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let taken = bind(&unix).await.unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
        drop(listener);
        bind(&unix).await.unwrap();

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let tcp = Bind::Tcp(listener.local_addr().unwrap());
        let taken = bind(&tcp).await.unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
    }
}
