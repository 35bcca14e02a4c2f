//! A key in a file for its owner alone.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use aka::{
    gba::Session,
    kdf::gba::{KsNaf, UaProtocol},
};
use serde_json::json;
use zeroize::Zeroizing;

/// Writes a key with what belongs to it, as JSON, into a file that is not there yet.
pub(super) fn write(
    path: &Path,
    session: &Session,
    (naf, ua): (&str, UaProtocol),
    key: &KsNaf,
) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let about = json!({
        "btid": session.btid,
        "lifetime": session.lifetime.to_string(),
        "naf": naf,
        "ua_protocol": ua.to_string(),
    });
    let about = about.to_string();
    let about = about.trim_end_matches('}');
    let text = format!("{about},\"key\":\"{:x}\"}}\n", key.expose_hex());
    let text = Zeroizing::new(text);
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
