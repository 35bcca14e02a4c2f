//! `auc` is killed while hostapd's questions are on their way.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use aka::algorithm::CardAlgorithm as _;
use aka::{Autn, K, Mac, Milenage, Opc, Rand, Sqn};
use anyhow::{Context as _, Result, ensure};
use counterparts::{Draw, Home, Namespace, card};

/// Speaks hostapd's side of `eap_sim_db`.
pub(super) struct Asker {
    socket: UnixDatagram,
    milenage: Milenage,
}

impl Asker {
    pub(super) fn new(namespace: &Namespace) -> Result<Self> {
        let socket = UnixDatagram::bind(namespace.folder().join("asker"))?;
        socket.set_read_timeout(Some(Duration::from_millis(20)))?;
        let (k, opc): (K, Opc) = (card::K.parse()?, card::OPC.parse()?);
        Ok(Self {
            socket,
            milenage: Milenage::new(&k, &opc),
        })
    }

    pub(super) fn ask(&self, home: &Home) -> Result<()> {
        let request = format!("AKA-REQ-AUTH {}", card::IMSI);
        self.socket
            .send_to(request.as_bytes(), home.socket())
            .context("cannot ask")?;
        Ok(())
    }

    /// The sequence number in the next answer, or nothing where none comes. A home that has
    /// nothing to give says so, which is passed over.
    pub(super) fn answer(&self) -> Result<Option<Sqn>> {
        let mut buffer = [0; 512];
        while let Ok(size) = self.socket.recv(&mut buffer) {
            let answer = std::str::from_utf8(buffer.get(..size).unwrap_or_default())?;
            if answer != format!("AKA-RESP-AUTH {} FAILURE", card::IMSI) {
                return self.number(answer).map(Some);
            }
        }
        Ok(None)
    }

    /// What a home that is dead now has still sent.
    pub(super) fn rest(&self) -> Result<Vec<Sqn>> {
        self.socket.set_nonblocking(true)?;
        let mut rest = Vec::new();
        while let Some(sqn) = self.answer()? {
            rest.push(sqn);
        }
        self.socket.set_nonblocking(false)?;
        Ok(rest)
    }

    fn number(&self, answer: &str) -> Result<Sqn> {
        let mut words = answer.split(' ');
        ensure!(words.next() == Some("AKA-RESP-AUTH"), "{answer}");
        ensure!(words.next() == Some(card::IMSI), "{answer}");
        let rand: Rand = words.next().context("no RAND")?.parse()?;
        let autn: Autn = words.next().context("no AUTN")?.parse()?;
        let (sqn, expected, _) = self.milenage.open_autn(&rand, &autn);
        ensure!(
            Mac::verify(expected, autn.mac()),
            "a vector that no card takes: {answer}"
        );
        Ok(sqn)
    }
}

#[test]
#[ignore = "kills programs 100 times: cargo xtask test --only crashes"]
fn a_home_that_is_killed_issues_no_vector_twice() -> Result<()> {
    let namespace = Namespace::new()?;
    let subscribers = namespace.file("subscribers", &card::subscribers(card::K, 0))?;
    let asker = Asker::new(&namespace)?;
    let mut draw = Draw::new(9);
    let mut issued: Vec<Sqn> = Vec::new();
    for _ in 0..100 {
        let home = Home::start(&namespace, &subscribers)?;
        for _ in 0..=draw.below(8) {
            asker.ask(&home)?;
        }
        // it dies with any number of these answered, and possibly with one half written
        for _ in 0..draw.below(4) {
            issued.extend(asker.answer()?);
        }
        home.kill()?;
        issued.extend(asker.rest()?);
    }
    assert!(
        issued.len() > 100,
        "too few vectors to tell: {}",
        issued.len()
    );
    assert!(issued.is_sorted_by(|one, next| one < next), "{issued:?}");
    Ok(())
}
