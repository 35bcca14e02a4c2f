//! hostapd as a RADIUS server that speaks EAP-AKA, EAP-AKA' and EAP-SIM.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::{Namespace, Running};

pub(crate) use crate::radius::SECRET;

/// Where it listens, on loopback.
pub const PORT: &str = "18120";

/// The identity's first character names the method (TS 23.003 §19.3.2).
const USERS: &str = "\"0\"* AKA\n\"1\"* SIM\n\"2\"* AKA\n\"3\"* SIM\n\"4\"* AKA\n\"5\"* SIM\n\
                     \"6\"* AKA'\n\"7\"* AKA'\n\"8\"* AKA'\n";

/// A hostapd that runs in a namespace, with its home at a unix socket.
#[derive(Debug)]
pub struct Hostapd {
    running: Running,
}

impl Hostapd {
    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready.
    pub fn start(namespace: &Namespace, home: &Path) -> Result<Self> {
        Self::start_with(namespace, home, "")
    }

    /// Starts it with one more line of settings.
    ///
    /// # Errors
    /// When it does not become ready.
    pub fn start_with(namespace: &Namespace, home: &Path, more: &str) -> Result<Self> {
        let clients = namespace.file("clients", &format!("127.0.0.1/32 {SECRET}\n"))?;
        let users = namespace.file("users", USERS)?;
        let folder = namespace.folder().display();
        let settings = format!(
            "driver=none\nradius_server_clients={clients}\nradius_server_auth_port={PORT}\n\
             eap_server=1\neap_user_file={users}\n\
             eap_sim_db=unix:{} db={folder}/eap_sim.db\n{more}\n",
            home.display()
        );
        let settings = namespace.file("hostapd.conf", &settings)?;
        forget_the_dead()?;
        let mut running = namespace
            .program("hostapd")
            .args("-dd")
            .arg(settings)
            .start()?;
        running.prints("Setup of interface done.")?;
        Ok(Self { running })
    }

    /// What it has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.running.log()
    }
}

/// Takes away the sockets of processes that are no more. hostapd names its own end of `eap_sim_db` by its
/// process number, leaves it behind when it is killed, and cannot bind where one of that name is.
fn forget_the_dead() -> Result<()> {
    for entry in fs::read_dir("/tmp")?.flatten() {
        let name = entry.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix("eap_sim_db_"));
        let number = number.and_then(|rest| Some(rest.split_once('-')?.0));
        if number.is_some_and(|number| !Path::new("/proc").join(number).exists()) {
            // somebody else may have taken it away
            fs::remove_file(entry.path()).unwrap_or_default();
        }
    }
    Ok(())
}
