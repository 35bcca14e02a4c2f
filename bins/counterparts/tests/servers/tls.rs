//! What our servers offer on their TLS ports is what Mozilla recommends.

use anyhow::{Result, ensure};
use counterparts::program::tools;
use counterparts::{Namespace, Program, certificates};

#[test]
#[ignore = "needs sslyze: cargo xtask test --only servers"]
fn usim_server_is_as_mozilla_recommends() -> Result<()> {
    let namespace = Namespace::new()?;
    let server = namespace.ours("usim-server")?.arg("--soft");
    passes(&namespace, server)
}

#[test]
#[ignore = "needs sslyze: cargo xtask test --only servers"]
fn endorse_server_is_as_mozilla_recommends() -> Result<()> {
    let namespace = Namespace::new()?;
    let server = namespace.ours("endorse-server")?.args("serve --audience");
    let server = server.args("https://api.example --origin https://localhost:8443");
    passes(&namespace, server)
}

#[test]
#[ignore = "needs sslyze: cargo xtask test --only servers"]
fn passkey_server_is_as_mozilla_recommends() -> Result<()> {
    let namespace = Namespace::new()?;
    let server = namespace.ours("passkey-server")?.args("serve --http=false");
    let server = server.args("--origin https://localhost:8443 --database memory");
    passes(&namespace, server)
}

fn passes(namespace: &Namespace, server: Program) -> Result<()> {
    certificates::make(namespace)?;
    let server = certificates::shown(namespace, server);
    let mut running = server.args("--listen 127.0.0.1:8443").start()?;
    running.prints("listening")?;
    let sslyze = namespace.program("timeout").arg("25");
    let sslyze = sslyze.arg(tools()?.join("bin/sslyze"));
    let sslyze = sslyze.args("--mozilla_config=intermediate --certinfo_ca_file");
    let sslyze = sslyze.arg(namespace.folder().join("ca.pem"));
    let told = sslyze.arg("localhost:8443").demand()?;
    ensure!(told.contains("localhost:8443: OK - Compliant."), "{told}");
    Ok(())
}
