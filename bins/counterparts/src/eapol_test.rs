//! `eapol_test`: the client of a Wi-Fi network, without the Wi-Fi.

use std::fmt;
use std::path::PathBuf;

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
    let finished = client(namespace, &in_reader(method))?.finish()?;
    Ok(Verdict::of(&finished))
}

/// The same twice; what the client learns the first time it uses the second time.
///
/// # Errors
/// When the client cannot be run.
pub fn again_through_pcsc(namespace: &Namespace, method: Method) -> Result<Verdict> {
    let finished = client(namespace, &in_reader(method))?
        .args("-r 1")
        .finish()?;
    Ok(Verdict::of_times(&finished, 2))
}

/// Authenticates with `external_sim`: whoever is at the client's control socket, in this folder of
/// the namespace's, is asked for the identity and for the SIM's answers.
///
/// # Errors
/// When the client cannot be run.
pub fn through_control_socket(namespace: &Namespace, method: Method) -> Result<Verdict> {
    let settings = format!(
        "ctrl_interface={}\nexternal_sim=1\n\
         network={{\n\tkey_mgmt=IEEE8021X\n\teap={method}\n}}\n",
        control_folder(namespace).display()
    );
    // -W: wait until someone is there
    let finished = client(namespace, &settings)?.args("-W").finish()?;
    Ok(Verdict::of(&finished))
}

/// Where the client's control socket will be.
#[must_use]
pub fn control_folder(namespace: &Namespace) -> PathBuf {
    namespace.folder().join("control")
}

impl Verdict {
    /// Reads what the client printed.
    #[must_use]
    pub fn of(finished: &Finished) -> Self {
        Self::of_times(finished, 1)
    }

    fn of_times(finished: &Finished, times: u32) -> Self {
        let last = finished
            .output
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty());
        let keys = format!("MPPE keys OK: {times}  mismatch: 0");
        let keys = finished.output.contains(&keys);
        let admitted = finished.success && keys && last == Some("SUCCESS");
        Self {
            admitted,
            log: finished.output.clone(),
        }
    }
}

/// The card is in the first virtual reader.
fn in_reader(method: Method) -> String {
    format!(
        "pcsc_reader={}\nnetwork={{\n\tkey_mgmt=IEEE8021X\n\teap={method}\n\tpcsc=\"\"\n\
         \tphase1=\"result_ind=1\"\n}}\n",
        pcscd::READER
    )
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
