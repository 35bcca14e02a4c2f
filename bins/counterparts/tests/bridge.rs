//! A client whose SIM sits elsewhere: `eapol_test` asks at its control socket, `usimctl wpa-bridge`
//! answers from the software card, in process or behind `usim-server`.

use anyhow::Result;
use counterparts::eapol_test::{Method, Verdict, control_folder, through_control_socket};
use counterparts::{Home, Hostapd, Namespace, Server, card, server};

/// A network with its home.
struct Scene {
    namespace: Namespace,
    hostapd: Hostapd,
    _home: Home,
}

impl Scene {
    fn new(k: &str) -> Result<Self> {
        let namespace = Namespace::new()?;
        let subscribers = namespace.file("subscribers", &card::subscribers(k, 0))?;
        let home = Home::start(&namespace, &subscribers)?;
        let hostapd = Hostapd::start(&namespace, home.socket())?;
        Ok(Self {
            namespace,
            hostapd,
            _home: home,
        })
    }

    /// Starts the bridge to the SIM that `source` names, and authenticates through it.
    fn client(&self, method: Method, source: &str) -> Result<Verdict> {
        let _bridge = self
            .namespace
            .ours("usimctl")?
            .args(source)
            .args("wpa-bridge --identity")
            .arg(method.to_string().to_lowercase().replace('\'', "-prime"))
            .arg("--ctrl")
            .arg(control_folder(&self.namespace))
            .start()?;
        through_control_socket(&self.namespace, method)
    }

    fn admits(&self, method: Method, source: &str) -> Result<()> {
        let verdict = self.client(method, source)?;
        assert!(verdict.admitted, "{}\n{}", verdict.log, self.hostapd.log());
        Ok(())
    }
}

#[test]
#[ignore = "needs hostapd and eapol_test: cargo xtask test --only bridge"]
fn each_method_admits_a_card_in_process() -> Result<()> {
    for method in Method::ALL {
        Scene::new(card::K)?.admits(method, "--soft")?;
    }
    Ok(())
}

#[test]
#[ignore = "needs hostapd and eapol_test: cargo xtask test --only bridge"]
fn each_method_admits_a_card_behind_a_server() -> Result<()> {
    for method in Method::ALL {
        let scene = Scene::new(card::K)?;
        let _server = Server::start(&scene.namespace, &["--soft"])?;
        scene.admits(method, &format!("--remote http://{}", server::ADDRESS))?;
    }
    Ok(())
}

#[test]
#[ignore = "needs hostapd and eapol_test: cargo xtask test --only bridge"]
fn a_home_with_another_key_is_refused() -> Result<()> {
    let scene = Scene::new("00112233445566778899aabbccddeeff")?;
    let verdict = scene.client(Method::Aka, "--soft")?;
    assert!(!verdict.admitted, "{}", verdict.log);
    assert!(
        scene.hostapd.log().contains("EAP-AKA: Client"),
        "{}",
        scene.hostapd.log()
    );
    Ok(())
}
