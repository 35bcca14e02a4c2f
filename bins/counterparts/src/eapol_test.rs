//! `eapol_test`: the client of a Wi-Fi network, without the Wi-Fi.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{Finished, Namespace, Program, hostapd, pcscd};

/// How the SIM is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// EAP-AKA (RFC 4187).
    Aka,
    /// EAP-AKA' (RFC 9048).
    AkaPrime,
    /// EAP-SIM (RFC 4186).
    Sim,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Aka, Self::AkaPrime, Self::Sim];

    /// The character that a permanent identity begins with (TS 23.003 §19.3.2).
    const fn leading(self) -> char {
        match self {
            Self::Aka => '0',
            Self::Sim => '1',
            Self::AkaPrime => '6',
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aka => "AKA",
            Self::AkaPrime => "AKA'",
            Self::Sim => "SIM",
        })
    }
}

/// What the client came to.
#[derive(Debug)]
pub struct Verdict {
    /// Whether the network let it in, with the same keys on both sides.
    pub admitted: bool,
    /// What it printed.
    pub log: String,
}

/// Authenticates with the card in the first virtual reader; the identity is read from it.
///
/// # Errors
/// When the client cannot be run.
pub fn through_pcsc(namespace: &Namespace, method: Method) -> Result<Verdict> {
    let settings = format!(
        "pcsc_reader={}\nnetwork={{\n\tkey_mgmt=IEEE8021X\n\teap={method}\n\tpcsc=\"\"\n}}\n",
        pcscd::READER
    );
    let finished = client(namespace, &settings)?.finish()?;
    Ok(Verdict::of(&finished))
}

/// The client with `external_sim`: it asks whoever is at its control socket.
///
/// # Errors
/// When its files cannot be written.
pub fn with_external_sim(
    namespace: &Namespace,
    method: Method,
    imsi: &str,
) -> Result<(Program, PathBuf)> {
    let control = namespace.folder().join("control");
    let settings = format!(
        "ctrl_interface={}\nexternal_sim=1\nnetwork={{\n\tkey_mgmt=IEEE8021X\n\teap={method}\n\
         \tidentity=\"{}{imsi}@wlan.mnc001.mcc001.3gppnetwork.org\"\n}}\n",
        control.display(),
        method.leading()
    );
    // -W: wait for someone at the control socket first
    let program = client(namespace, &settings)?.args("-W");
    Ok((program, control_socket(&control)))
}

impl Verdict {
    /// Reads what the client printed.
    #[must_use]
    pub fn of(finished: &Finished) -> Self {
        let last = finished
            .output
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty());
        let keys = finished.output.contains("MPPE keys OK: 1  mismatch: 0");
        let admitted = finished.success && keys && last == Some("SUCCESS");
        Self {
            admitted,
            log: finished.output.clone(),
        }
    }
}

fn client(namespace: &Namespace, settings: &str) -> Result<Program> {
    let settings = namespace.file("eapol_test.conf", settings)?;
    let server = [
        "-a",
        "127.0.0.1",
        "-p",
        hostapd::PORT,
        "-s",
        hostapd::SECRET,
    ]
    .join(" ");
    Ok(namespace
        .program("eapol_test")
        .args(&server)
        .args("-t 20 -c")
        .arg(settings))
}

/// The client names the socket after its interface, which it calls `test`.
fn control_socket(folder: &Path) -> PathBuf {
    folder.join("test")
}
