//! A terminal in Python, with nothing but its standard library for digests and keys, bootstraps at
//! our BSF, and comes to the key that the BSF gives a NAF; our SIM answers for it.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use counterparts::{program, wait};

const SUBSCRIBERS: &str = "imsi,k,opc\n\
    001010000000001,465b5ce8b199b49faa5f0a2ee238a6bc,cd63cb71954a9f4e48a5994e37a02baf\n";
const BSF: &str = "bsf.mnc001.mcc001.pub.3gppnetwork.org";

/// `auc serve`, which ends with its guard.
struct Auc {
    child: Child,
    interface: String,
    ub: String,
    token: String,
}

impl Drop for Auc {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}

impl Auc {
    fn start(folder: &Path) -> Result<Self> {
        let auc = program::ours("auc")?;
        fs::write(folder.join("subscribers.csv"), SUBSCRIBERS)?;
        let made = Command::new(&auc)
            .args(["token", "new", "naf", "--scope", "auc:naf-keys"])
            .output()?;
        fs::write(folder.join("callers.toml"), &made.stdout)?;
        let shown = String::from_utf8(made.stderr)?;
        let token = shown.lines().last().context("no token")?.to_owned();
        let log = folder.join("auc.log");
        let child = Command::new(&auc)
            .current_dir(folder)
            .args(["serve", "--subscribers", "subscribers.csv", "--http"])
            .args(["--listen", "127.0.0.1:0", "--token-file", "callers.toml"])
            .args(["--bsf", "127.0.0.1:0", "--bsf-name", BSF])
            .args(["--audit", "off", "--log-format", "json"])
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()?;
        let mut started = Self {
            child,
            interface: String::new(),
            ub: String::new(),
            token,
        };
        [started.interface, started.ub] = addresses(&log)?;
        Ok(started)
    }
}

/// Where it listens, as it logs it.
fn addresses(log: &Path) -> Result<[String; 2]> {
    let found = wait::until("auc listens", || {
        let text = fs::read_to_string(log).unwrap_or_default();
        let urls = text.split("http://").skip(1);
        let urls = urls.filter_map(|rest| rest.split_once('/').map(|(host, _)| host.to_owned()));
        <[String; 2]>::try_from(urls.collect::<Vec<_>>()).ok()
    });
    found.with_context(|| fs::read_to_string(log).unwrap_or_default())
}

#[test]
#[ignore = "needs python3: cargo xtask test --only gba"]
fn a_terminal_in_python_and_our_bsf_come_to_the_same_key() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let auc = Auc::start(folder.path())?;
    let script = folder.path().join("terminal.py");
    fs::write(&script, include_str!("gba/terminal.py"))?;
    let ended = Command::new("python3")
        .arg(&script)
        .args([&auc.ub, &auc.interface, &auc.token, BSF])
        .arg(program::ours("usimctl")?)
        .arg(folder.path().join("sim"))
        .output()?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "the terminal failed: {said}");
    let said = String::from_utf8(ended.stdout)?;
    assert_eq!(said, "bootstrapped\nproved\nsame key\nresynchronised\n");
    Ok(())
}
