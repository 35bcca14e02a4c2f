//! Our server authenticates `eapol_test`, whose card is ours, in pcscd's reader.

use anyhow::{Context as _, Result};
use counterparts::eapol_test::{Method, Verdict, again_through_pcsc, through_pcsc};
use counterparts::{Namespace, Pcscd, Running, SoftCard, hostapd};

/// A client's reader with its card, and our server.
struct Scene {
    namespace: Namespace,
    method: Method,
    server: Running,
    _pcscd: Pcscd,
    _card: SoftCard,
}

impl Scene {
    fn new(method: Method, options: &str) -> Result<Self> {
        let namespace = Namespace::new()?;
        let server = serve(&namespace, method, options)?;
        let pcscd = Pcscd::start(&namespace)?;
        let card = SoftCard::insert(&namespace)?;
        Ok(Self {
            namespace,
            method,
            server,
            _pcscd: pcscd,
            _card: card,
        })
    }

    /// One conversation, which must end with the same keys on both sides.
    fn admits(&self) -> Result<Verdict> {
        let verdict = through_pcsc(&self.namespace, self.method)?;
        assert!(verdict.admitted, "{}\n{}", verdict.log, self.server.log());
        Ok(verdict)
    }

    /// Two conversations of one client, which keeps what it learns in the first.
    fn admits_again(&self) -> Result<Verdict> {
        let verdict = again_through_pcsc(&self.namespace, self.method)?;
        assert!(verdict.admitted, "{}\n{}", verdict.log, self.server.log());
        Ok(verdict)
    }

    /// What the server printed of its conversations.
    fn told(&self) -> Vec<String> {
        let log = self.server.log();
        log.lines().skip(1).map(str::to_owned).collect()
    }
}

fn serve(namespace: &Namespace, method: Method, options: &str) -> Result<Running> {
    let method = method.to_string().to_lowercase().replace('\'', "-prime");
    let mut server = namespace
        .ours("eap-radius")?
        .args("serve --method")
        .arg(method)
        .arg("--listen")
        .arg(format!("127.0.0.1:{}", hostapd::PORT))
        .args(options)
        .start()?;
    server.prints("listening").context("our server")?;
    Ok(server)
}

/// How a full authentication gets what it needs.
fn found(method: Method) -> &'static str {
    if method == Method::Sim {
        "triplets"
    } else {
        "vector"
    }
}

#[test]
#[ignore = "needs eapol_test and pcscd: cargo xtask test --only eap"]
fn our_server_admits_eapol_test_with_the_same_keys() -> Result<()> {
    for method in Method::ALL {
        let scene = Scene::new(method, "")?;
        scene.admits()?;
        let expected = format!("admitted: permanent, {}", found(method));
        assert_eq!(scene.told(), [expected]);
    }
    Ok(())
}

#[test]
#[ignore = "needs eapol_test and pcscd: cargo xtask test --only eap"]
fn our_server_follows_the_clients_card() -> Result<()> {
    for method in [Method::Aka, Method::AkaPrime] {
        let mut scene = Scene::new(method, "--sqn 65536")?;
        scene.admits()?;
        // the home starts over from the beginning, while the card does not
        scene.server.kill()?;
        scene.server = serve(&scene.namespace, method, "")?;
        scene.admits()?;
        let expected = "admitted: permanent, vector, resynchronised, vector";
        assert_eq!(scene.told(), [expected]);
    }
    Ok(())
}

#[test]
#[ignore = "needs eapol_test and pcscd: cargo xtask test --only eap"]
fn the_client_uses_our_pseudonym() -> Result<()> {
    for method in Method::ALL {
        let scene = Scene::new(method, "--names pseudonym")?;
        scene.admits_again()?;
        let found = found(method);
        let expected = ["permanent", "pseudonym"].map(|kind| format!("admitted: {kind}, {found}"));
        assert_eq!(scene.told(), expected);
    }
    Ok(())
}

#[test]
#[ignore = "needs eapol_test and pcscd: cargo xtask test --only eap"]
fn the_client_re_authenticates_fast_at_our_server() -> Result<()> {
    for method in Method::ALL {
        let scene = Scene::new(method, "--names all")?;
        scene.admits_again()?;
        let expected = [
            format!("admitted: permanent, {}", found(method)),
            "admitted: re-authentication, resumed".to_owned(),
        ];
        assert_eq!(scene.told(), expected);
    }
    Ok(())
}

#[test]
#[ignore = "needs eapol_test and pcscd: cargo xtask test --only eap"]
fn the_client_negotiates_the_key_derivation_function() -> Result<()> {
    let scene = Scene::new(Method::AkaPrime, "--decoy 7")?;
    scene.admits()?;
    assert_eq!(scene.told(), ["admitted: permanent, vector, vector"]);
    Ok(())
}

#[test]
#[ignore = "needs eapol_test and pcscd: cargo xtask test --only eap"]
fn the_client_takes_our_protected_result_first_and_fast() -> Result<()> {
    for method in Method::ALL {
        let scene = Scene::new(method, "--names all --result-indications")?;
        let verdict = scene.admits_again()?;
        let acknowledged = verdict.log.matches("AT_RESULT_IND").count();
        assert_eq!((acknowledged > 1, scene.told().len()), (true, 2));
        let expected = "admitted: re-authentication, resumed";
        assert_eq!(scene.told().last().map(String::as_str), Some(expected));
    }
    Ok(())
}
