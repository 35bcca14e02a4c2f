//! Our peer logs in at hostapd's server, with the MSK of the RADIUS answer beside its own.

use anyhow::Result;
use counterparts::{Home, Hostapd, Namespace, card, hostapd};

const METHODS: [&str; 3] = ["aka", "aka-prime", "sim"];

/// Where the card is, and how often it logs in how.
struct Login<'l> {
    home_sqn: u64,
    hostapd: &'l str,
    options: &'l str,
}

impl Login<'_> {
    /// What the peer prints, line by line, before it is done; and what hostapd did.
    fn lines(&self, method: &str) -> Result<(Vec<String>, String)> {
        let namespace = Namespace::new()?;
        let subscribers = card::subscribers(card::K, self.home_sqn);
        let subscribers = namespace.file("subscribers", &subscribers)?;
        let home = Home::start(&namespace, &subscribers)?;
        let hostapd = Hostapd::start_with(&namespace, home.socket(), self.hostapd)?;
        let printed = namespace
            .ours("eap-radius")?
            .args("login --method")
            .arg(method)
            .arg("--server")
            .arg(format!("127.0.0.1:{}", hostapd::PORT))
            .args(self.options)
            .demand();
        let printed = printed.map_err(|error| error.context(hostapd.log()))?;
        let mut lines: Vec<_> = printed.lines().map(str::to_owned).collect();
        assert_eq!(lines.pop().as_deref(), Some("done"), "{printed}");
        Ok((lines, hostapd.log()))
    }
}

fn kind(method: &str, kind: &str) -> String {
    let method = match method {
        "aka" => "Aka",
        "aka-prime" => "AkaPrime",
        _ => "Sim",
    };
    format!("{kind}({method})")
}

#[test]
#[ignore = "needs hostapd: cargo xtask test --only eap"]
fn our_peer_is_admitted_by_hostapd_with_the_same_keys() -> Result<()> {
    for method in METHODS {
        let login = Login {
            home_sqn: 0,
            hostapd: "",
            options: "",
        };
        let (lines, log) = login.lines(method)?;
        let expected = format!(
            "admitted as {}, card asked 1 times, followed false, counter Some(1), notification None",
            kind(method, "Permanent")
        );
        assert_eq!(lines, [expected], "{log}");
    }
    Ok(())
}

#[test]
#[ignore = "needs hostapd: cargo xtask test --only eap"]
fn hostapd_follows_our_peers_card() -> Result<()> {
    for method in ["aka", "aka-prime"] {
        let login = Login {
            home_sqn: 0,
            hostapd: "",
            options: "--card-sqn 65536",
        };
        let (lines, log) = login.lines(method)?;
        let expected = format!(
            "admitted as {}, card asked 2 times, followed true, counter Some(1), notification None",
            kind(method, "Permanent")
        );
        assert_eq!(lines, [expected], "{log}");
    }
    Ok(())
}

#[test]
#[ignore = "needs hostapd: cargo xtask test --only eap"]
fn our_peer_uses_hostapds_pseudonym() -> Result<()> {
    for method in METHODS {
        let login = Login {
            home_sqn: 0,
            hostapd: "",
            options: "--times 2 --keep pseudonym",
        };
        let (lines, log) = login.lines(method)?;
        let expected = ["Permanent", "Pseudonym"].map(|name| {
            format!(
                "admitted as {}, card asked 1 times, followed false, counter Some(1), notification None",
                kind(method, name)
            )
        });
        assert_eq!(lines, expected, "{log}");
    }
    Ok(())
}

#[test]
#[ignore = "needs hostapd: cargo xtask test --only eap"]
fn our_peer_re_authenticates_fast_at_hostapd() -> Result<()> {
    for method in METHODS {
        let login = Login {
            home_sqn: 0,
            hostapd: "",
            options: "--times 3 --keep all",
        };
        let (lines, log) = login.lines(method)?;
        let full = format!(
            "admitted as {}, card asked 1 times, followed false, counter Some(1), notification None",
            kind(method, "Permanent")
        );
        let fast = [2, 3].map(|counter| {
            format!(
                "admitted as {}, card asked 0 times, followed false, counter Some({counter}), \
                 notification None",
                kind(method, "Reauthentication")
            )
        });
        assert_eq!(lines[0], full, "{log}");
        assert_eq!(lines[1..], fast, "{log}");
    }
    Ok(())
}

#[test]
#[ignore = "needs hostapd: cargo xtask test --only eap"]
fn hostapd_indicates_its_result_protected() -> Result<()> {
    for method in METHODS {
        let login = Login {
            home_sqn: 0,
            hostapd: "eap_sim_aka_result_ind=1",
            options: "--times 2 --keep all --result-indications",
        };
        let (lines, log) = login.lines(method)?;
        assert_eq!(lines.len(), 2, "{log}");
        for line in lines {
            assert!(line.starts_with("admitted"), "{line}\n{log}");
            assert!(line.ends_with("notification Some(32768)"), "{line}\n{log}");
        }
    }
    Ok(())
}
