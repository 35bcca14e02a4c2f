//! A server's certificate for `localhost`, and the authority that it comes from.

use crate::{Namespace, Program};
use anyhow::Result;

const MAKE: &str = "set -e
new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30'
openssl req -x509 $new -subj '/CN=an authority for tests' -addext keyUsage=critical,keyCertSign \
    -keyout ca.key -out ca.pem
openssl req -x509 $new -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth \
    -CA ca.pem -CAkey ca.key -keyout server.key -out server.pem";

/// Makes them in the namespace's folder: `ca.pem`, `server.pem`, `server.key`.
///
/// # Errors
/// When openssl is missing.
pub fn make(namespace: &Namespace) -> Result<()> {
    let shell = namespace.program("env").arg("-C").arg(namespace.folder());
    shell.args("sh -c").arg(MAKE).demand().map(drop)
}

/// A server that shows that certificate, and keeps what it needs in the namespace's folder.
#[must_use]
pub fn shown(namespace: &Namespace, server: Program) -> Program {
    let folder = namespace.folder();
    let server = server.arg("--tls-cert").arg(folder.join("server.pem"));
    let server = server.arg("--tls-key").arg(folder.join("server.key"));
    server.arg("--state-dir").arg(folder.join("state"))
}
