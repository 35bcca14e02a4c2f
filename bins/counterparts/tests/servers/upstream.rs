//! `endorse-server` asks `auc serve` over TLS.

use anyhow::{Context as _, Result, ensure};
use counterparts::{Namespace, Running, card, certificates, program};

const ORIGIN: &str = "https://localhost:8480";
const AUDIENCE: &str = "https://api.example";

/// Both of them, the one's authentication centre in the other.
struct Pair {
    namespace: Namespace,
    _centre: Running,
    _server: Running,
}

impl Pair {
    fn start() -> Result<Self> {
        let namespace = Namespace::new()?;
        certificates::make(&namespace)?;
        let centre = centre(&namespace)?;
        let server = namespace.ours("endorse-server")?;
        let server = certificates::shown(&namespace, server.arg("serve"));
        let server = server.args("--listen 127.0.0.1:8480 --database memory");
        let server = server.args("--auc-url https://localhost:8446 --tell-imsi --origin");
        let server = server.arg(ORIGIN).arg("--audience").arg(AUDIENCE);
        let folder = namespace.folder();
        let server = server.arg("--auc-token-file").arg(folder.join("token"));
        let mut server = server.arg("--auc-ca").arg(folder.join("ca.pem")).start()?;
        server.prints("listening")?;
        Ok(Self {
            namespace,
            _centre: centre,
            _server: server,
        })
    }

    /// What the server's token for the SIM in `profile` says, verified.
    fn endorsed(&self, profile: &str) -> Result<String> {
        let profile = self.namespace.file("card.toml", profile)?;
        let usimctl = self.namespace.ours("usimctl")?.arg("--soft-profile");
        let usimctl = usimctl.arg(profile).args("endorse --server").arg(ORIGIN);
        let usimctl = usimctl.arg("--audience").arg(AUDIENCE);
        let authority = self.namespace.folder().join("ca.pem");
        let usimctl = usimctl.arg("--server-certificate").arg(&authority);
        let printed = usimctl.demand()?;
        let token = printed.lines().find(|line| line.starts_with("ey"));
        let token = token.with_context(|| printed.clone())?;
        let token = self.namespace.file("endorsement", token)?;
        let verify = format!(
            "{} token verify --issuer {ORIGIN} --audience {AUDIENCE} \
             --keys {ORIGIN}/.well-known/jwks.json --keys-ca {} < {token}",
            program::ours("endorse-server")?.display(),
            authority.display()
        );
        self.namespace.program("sh").arg("-c").arg(verify).demand()
    }
}

fn centre(namespace: &Namespace) -> Result<Running> {
    let auc = program::ours("auc")?.display().to_string();
    let make = format!(
        "{auc} token new endorse --scope auc:vectors --scope auc:resync > callers.toml 2> told \
         && tail -n 1 told > token"
    );
    let shell = namespace.program("env").arg("-C").arg(namespace.folder());
    shell.args("sh -c").arg(make).demand()?;
    let known = format!("imsi,k,opc\n001010000000001,{},{}\n", card::K, card::OPC);
    let subscribers = namespace.file("subscribers.csv", &known)?;
    let centre = namespace.ours("auc")?.args("serve --subscribers");
    let centre = certificates::shown(namespace, centre.arg(subscribers));
    let centre = centre.args("--listen 127.0.0.1:8446 --token-file");
    let mut centre = centre
        .arg(namespace.folder().join("callers.toml"))
        .start()?;
    centre.prints("listening")?;
    Ok(centre)
}

fn sim(imsi: &str, taken: &str) -> String {
    let keys = format!("k = \"{}\"\nopc = \"{}\"", card::K, card::OPC);
    format!("imsi = \"{imsi}\"\n{keys}\n\n[sqn]\ntaken = \"{taken}\"\n")
}

#[test]
#[ignore = "needs openssl: cargo xtask test --only servers"]
fn a_sim_is_proven_by_a_centre_elsewhere() -> Result<()> {
    let claims = Pair::start()?.endorsed(&sim("001010000000001", "000000000000"))?;
    assert!(claims.contains("001010000000001"), "{claims}");
    Ok(())
}

#[test]
#[ignore = "needs openssl: cargo xtask test --only servers"]
fn a_centre_elsewhere_follows_a_sim_that_is_ahead() -> Result<()> {
    let claims = Pair::start()?.endorsed(&sim("001010000000001", "000000010000"))?;
    assert!(claims.contains("001010000000001"), "{claims}");
    Ok(())
}

#[test]
#[ignore = "needs openssl: cargo xtask test --only servers"]
fn a_sim_that_the_centre_does_not_know_gets_no_token() -> Result<()> {
    let pair = Pair::start()?;
    let refused = pair.endorsed(&sim("001010000000002", "000000000000"));
    ensure!(refused.is_err(), "{refused:?}");
    Ok(())
}
