//! A SIM in one network, used by PC/SC programs in another one: `usim-server` shares it over
//! HTTPS with a token, `usimctl attach` puts it into the other machine's pcscd.

use anyhow::{Context as _, Result};
use counterparts::namespace::FAR;
use counterparts::{Namespace, Pcscd, Running, pcscd};

/// What the far machine offers, and how it is reached.
struct Far {
    namespace: Namespace,
    _server: Running,
    token: String,
}

impl Far {
    fn start(near: &Namespace) -> Result<Self> {
        let namespace = near.beside()?;
        let scopes = "token new lab --scope sim:read --scope sim:authenticate --scope sim:apdu";
        // the token is on one stream, what the server needs to know of it on the other one
        let made = namespace.ours("usim-server")?.args(scopes).demand()?;
        let (said, table) = made.split_at(made.find("[[caller]]").context("no caller")?);
        let token = said.lines().map(str::trim).rfind(|line| !line.is_empty());
        let token = namespace.file("token", token.context("no token")?)?;
        let callers = namespace.file("callers.toml", table)?;
        let server = namespace.ours("usim-server")?.args("--soft --state-dir");
        let server = server
            .arg(namespace.folder())
            .args("--token-file")
            .arg(callers);
        let mut server = server.args("--listen").arg(format!("{FAR}:8443")).start()?;
        server.prints("listening")?;
        Ok(Self {
            namespace,
            _server: server,
            token,
        })
    }

    /// The card, in the virtual reader of the near machine.
    fn attached(&self, near: &Namespace) -> Result<Running> {
        let certificate = self.namespace.folder().join("server.pem");
        let attach = near.ours("usimctl")?.args("attach --vpcd").arg(pcscd::VPCD);
        let attach = attach.args("--remote").arg(format!("https://{FAR}:8443"));
        attach
            .args("--token-file")
            .arg(&self.token)
            .args("--certificate")
            .arg(certificate)
            .start()
    }
}

#[test]
#[ignore = "needs pcscd, vpcd and opensc-tool: cargo xtask test --only attach"]
fn opensc_tool_reads_a_card_in_another_network() -> Result<()> {
    let near = Namespace::new()?;
    let far = Far::start(&near)?;
    let pcscd = Pcscd::start(&near)?;
    let attached = far.attached(&near)?;
    pcscd.card_comes(&near).with_context(|| attached.log())?;
    let read = "--reader 0 -s 00A4000C022FE2 -s 00B000000A";
    let read = near.program("opensc-tool").args(read).demand()?;
    assert!(
        read.contains("\n98 00 01 01 00 00 00 00 10 F9 "),
        "{read}\n{}",
        attached.log()
    );
    Ok(())
}

#[test]
#[ignore = "needs pcscd, vpcd and pcsc_scan: cargo xtask test --only attach"]
fn pcsc_scan_sees_a_card_in_another_network() -> Result<()> {
    let near = Namespace::new()?;
    let far = Far::start(&near)?;
    let pcscd = Pcscd::start(&near)?;
    let attached = far.attached(&near)?;
    pcscd.card_comes(&near).with_context(|| attached.log())?;
    let mut scan = near.program("pcsc_scan").args("-n").start()?;
    scan.prints("Card inserted")
}
