//! What this machine has and allows.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use crate::invocation::Invocation;

/// Where a program lies: on the path, or where a system keeps its daemons.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let daemons = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(daemons)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Whether pkg-config knows a library.
pub(crate) fn library(name: &str) -> bool {
    Invocation::new("pkg-config")
        .args(["--exists", name])
        .succeeds()
}

/// Whether this process may do everything.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Whether packages come from Debian or a relative.
pub(crate) fn has_apt() -> bool {
    program("apt-get").is_some()
}

/// Whether a private network and private mounts can be had, as root or through a user namespace.
pub(crate) fn allows_namespaces() -> bool {
    let user = if is_root() { "-nm" } else { "-Urnm" };
    Invocation::new("unshare").args([user, "true"]).succeeds()
}
