//! EAP-AKA, EAP-AKA' and EAP-SIM between hostapd and `eapol_test`: our `auc` is the home, our
//! software card sits in pcscd's reader, and the client reads who it is from that card.

use anyhow::Result;
use counterparts::eapol_test::{Method, Verdict, through_pcsc};
use counterparts::{Home, Hostapd, Namespace, Pcscd, SoftCard, card};

/// A network with its home and a client's reader, ready to be used.
struct Scene {
    namespace: Namespace,
    home: Home,
    hostapd: Hostapd,
    _pcscd: Pcscd,
    _card: SoftCard,
}

impl Scene {
    /// The home knows the card's IMSI with the key `k`, and has used `sqn` last.
    fn new(k: &str, sqn: u64) -> Result<Self> {
        let namespace = Namespace::new()?;
        let subscribers = namespace.file("subscribers", &card::subscribers(k, sqn))?;
        let home = Home::start(&namespace, &subscribers)?;
        let hostapd = Hostapd::start(&namespace, home.socket())?;
        let pcscd = Pcscd::start(&namespace)?;
        let card = SoftCard::insert(&namespace)?;
        Ok(Self {
            namespace,
            home,
            hostapd,
            _pcscd: pcscd,
            _card: card,
        })
    }

    fn client(&self, method: Method) -> Result<Verdict> {
        through_pcsc(&self.namespace, method)
    }
}

fn admits(method: Method, leading: char) -> Result<()> {
    let scene = Scene::new(card::K, 0)?;
    let verdict = scene.client(method)?;
    assert!(verdict.admitted, "{}\n{}", verdict.log, scene.hostapd.log());
    let identity = format!("{leading}{}@wlan.mnc001.mcc001.3gppnetwork.org", card::IMSI);
    assert!(
        verdict.log.contains(&identity),
        "the identity is the card's\n{}",
        verdict.log
    );
    Ok(())
}

#[test]
#[ignore = "needs hostapd, eapol_test and pcscd: cargo xtask test --only eap"]
fn eap_aka_admits_the_card() -> Result<()> {
    admits(Method::Aka, '0')
}

#[test]
#[ignore = "needs hostapd, eapol_test and pcscd: cargo xtask test --only eap"]
fn eap_aka_prime_admits_the_card() -> Result<()> {
    admits(Method::AkaPrime, '6')
}

#[test]
#[ignore = "needs hostapd, eapol_test and pcscd: cargo xtask test --only eap"]
fn eap_sim_admits_the_card() -> Result<()> {
    admits(Method::Sim, '1')
}

#[test]
#[ignore = "needs hostapd, eapol_test and pcscd: cargo xtask test --only eap"]
fn a_home_behind_its_card_follows_it_and_admits() -> Result<()> {
    let mut scene = Scene::new(card::K, 0x1_0000)?;
    assert!(scene.client(Method::Aka)?.admitted);

    // the home starts over from the beginning, while the card does not
    let behind = scene
        .namespace
        .file("behind", &card::subscribers(card::K, 0))?;
    scene.home.replace(&scene.namespace, &behind)?;
    let verdict = scene.client(Method::Aka)?;
    assert!(verdict.admitted, "{}\n{}", verdict.log, scene.hostapd.log());
    let log = scene.hostapd.log();
    assert!(
        log.contains("EAP-AKA: Processing Synchronization-Failure"),
        "{log}"
    );
    Ok(())
}

#[test]
#[ignore = "needs hostapd, eapol_test and pcscd: cargo xtask test --only eap"]
fn a_home_with_another_key_is_refused_and_the_right_one_admitted_after() -> Result<()> {
    let mut scene = Scene::new("00112233445566778899aabbccddeeff", 0)?;
    let verdict = scene.client(Method::Aka)?;
    assert!(!verdict.admitted, "{}", verdict.log);
    assert!(
        scene
            .hostapd
            .log()
            .contains("EAP-AKA: Client rejected authentication"),
        "{}",
        scene.hostapd.log()
    );

    let right = scene
        .namespace
        .file("right", &card::subscribers(card::K, 0))?;
    scene.home.replace(&scene.namespace, &right)?;
    let verdict = scene.client(Method::Aka)?;
    assert!(verdict.admitted, "{}", verdict.log);
    Ok(())
}
