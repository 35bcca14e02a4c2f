//! `usim-server` takes the word of an `endorse-server`, whose keys it fetches over TLS.

use anyhow::{Context as _, Result, ensure};
use counterparts::program::Finished;
use counterparts::{Namespace, Running, card, certificates};

const ISSUER: &str = "https://localhost:8480";
const AUDIENCE: &str = "https://localhost:8443";

/// Both of them, each with a certificate of the same authority.
struct Pair {
    namespace: Namespace,
    _issuer: Running,
    server: Running,
}

impl Pair {
    /// With `more` in the server's table of the issuer.
    fn start(more: &str) -> Result<Self> {
        let namespace = Namespace::new()?;
        certificates::make(&namespace)?;
        let issuer = issuer(&namespace)?;
        let server = namespace.ours("usim-server")?.args("--soft");
        let server = certificates::shown(&namespace, server);
        let authority = namespace.folder().join("ca.pem");
        let table = format!(
            "{{ name = 'sims', profile = 'endorse', issuer = '{ISSUER}', audience = '{AUDIENCE}', \
             keys = '{ISSUER}/.well-known/jwks.json', ca = '{}', scopes = ['sim:read'], {more} }}",
            authority.display()
        );
        let server = server.args("--listen 127.0.0.1:8443 --token-issuer");
        let mut server = server.arg(table).start()?;
        server.prints("listening")?;
        Ok(Self {
            namespace,
            _issuer: issuer,
            server,
        })
    }

    /// Asks for a token for `audience`, and with it for the IMSI of the server's SIM.
    fn read(&self, audience: &str, key: Option<&str>) -> Result<Finished> {
        let authority = self.namespace.folder().join("ca.pem");
        let usimctl = self.namespace.ours("usimctl")?.args("--soft endorse");
        let usimctl = usimctl.arg("--server").arg(ISSUER);
        let usimctl = usimctl.arg("--audience").arg(audience);
        let mut usimctl = usimctl.arg("--server-certificate").arg(&authority);
        let key = key.map(|name| self.namespace.folder().join(name));
        if let Some(key) = &key {
            usimctl = usimctl.arg("--dpop-key").arg(key);
        }
        let printed = usimctl.demand()?;
        let token = printed.lines().find(|line| line.starts_with("ey"));
        let token = token.with_context(|| printed.clone())?;
        let token = self.namespace.file("endorsement", token)?;
        let usimctl = self.namespace.ours("usimctl")?.arg("--remote");
        let usimctl = usimctl.arg(AUDIENCE).arg("--certificate").arg(&authority);
        let mut usimctl = usimctl.arg("--token-file").arg(token);
        if let Some(key) = &key {
            usimctl = usimctl.arg("--token-key").arg(key);
        }
        usimctl.arg("imsi").finish()
    }
}

fn issuer(namespace: &Namespace) -> Result<Running> {
    let known = format!("imsi,k,opc\n001010000000001,{},{}\n", card::K, card::OPC);
    let subscribers = namespace.file("subscribers.csv", &known)?;
    let issuer = namespace.ours("endorse-server")?.arg("serve");
    let issuer = certificates::shown(namespace, issuer).arg("--subscribers");
    let issuer = issuer.arg(subscribers).arg("--origin").arg(ISSUER);
    let issuer = issuer.arg("--audience").arg(AUDIENCE);
    let issuer = issuer.args("--audience https://api.example --database memory");
    let mut issuer = issuer.args("--listen 127.0.0.1:8480").start()?;
    issuer.prints("listening")?;
    Ok(issuer)
}

#[test]
#[ignore = "needs openssl: cargo xtask test --only servers"]
fn a_proven_sim_opens_a_usim_server_that_fetches_the_keys() -> Result<()> {
    let pair = Pair::start("")?;
    let read = pair.read(AUDIENCE, None)?;
    ensure!(read.output.contains("001010000000001"), "{read:?}");
    let bound = pair.read(AUDIENCE, Some("device.pem"))?;
    ensure!(bound.output.contains("001010000000001"), "{bound:?}");
    Ok(())
}

#[test]
#[ignore = "needs openssl: cargo xtask test --only servers"]
fn a_token_for_another_audience_or_of_no_key_opens_nothing() -> Result<()> {
    let pair = Pair::start("bound = true")?;
    for (audience, key) in [
        ("https://api.example", Some("device.pem")),
        (AUDIENCE, None),
    ] {
        let refused = pair.read(audience, key)?;
        ensure!(!refused.success, "{refused:?}");
    }
    let bound = pair.read(AUDIENCE, Some("device.pem"))?;
    ensure!(bound.success, "{bound:?}\n{}", pair.server.log());
    Ok(())
}
