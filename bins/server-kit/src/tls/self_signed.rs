//! A certificate for who has none: made at the first start, kept, to be pinned by fingerprint.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};

use super::{Identity, TlsError};

const FILE: &str = "server.pem";

/// The certificate kept in `folder`, or a new one for `names` (host names and addresses).
///
/// The folder is made with mode 0700 and the file `server.pem` with mode 0600. The file appears
/// whole or not at all: it is written beside and then moved.
///
/// # Errors
/// The folder cannot be written, or what is kept there is not a certificate with its key.
pub fn self_signed(folder: &Path, names: &[String]) -> Result<Identity, TlsError> {
    let path = folder.join(FILE);
    if !path.exists() {
        let text = make(names)?;
        keep(folder, &path, &text).map_err(|source| TlsError::File {
            path: path.clone(),
            source,
        })?;
    }
    Identity::from_pem_file(&path)
}

fn make(names: &[String]) -> Result<String, rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names)?;
    let name = names.first().map_or("localhost", String::as_str);
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?;
    Ok(format!("{}{}", key.serialize_pem(), certificate.pem()))
}

fn keep(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let beside = folder.join(format!("{FILE}.{}", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_first_start_makes_a_certificate_and_the_second_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("deep/state");
        let first = self_signed(&state, &["localhost".into()]).unwrap();
        let second = self_signed(&state, &["other".into()]).unwrap();
        assert_eq!(
            first.certificate().fingerprint(),
            second.certificate().fingerprint()
        );
    }

    #[test]
    fn only_the_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        drop(self_signed(&state, &["localhost".into()]).unwrap());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&state), 0o700);
        assert_eq!(mode(&state.join(FILE)), 0o600);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let error = self_signed(Path::new("/proc/none"), &["localhost".into()]).unwrap_err();
        assert!(matches!(error, TlsError::File { path, .. } if path.starts_with("/proc/none")));
    }
}
