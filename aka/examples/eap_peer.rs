//! A peer logs in at a server, first with its card and then with the keys of the first time.
//!
//! `cargo run -p aka --features eap,std --example eap_peer`

use std::error::Error;

use aka::{
    Amf, Imsi, K, Milenage, Opc, Rand, Sqn,
    card::Card,
    eap::{Answer, Event, Identities, Nai, NetworkName, Next, Peer, Resumption, Server, Step},
    network::{Home, MemoryStore, Request},
};

const IDENTITY: &[u8] = b"6001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org";
const AGAIN: &[u8] = b"8first@nai.epc.mnc001.mcc001.3gppnetwork.org";

/// The peer's side: a card with its subscriber's keys.
struct Device {
    milenage: Milenage,
    card: Card,
}

/// The server's side: the home, and what was kept of the last time.
struct Operator {
    milenage: Milenage,
    home: Home<MemoryStore<Imsi>>,
    kept: Option<Resumption>,
}

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() -> Result<(), Box<dyn Error>> {
    let k: K = "465b5ce8b199b49faa5f0a2ee238a6bc".parse()?;
    let opc: Opc = "cd63cb71954a9f4e48a5994e37a02baf".parse()?;
    let milenage = Milenage::new(&k, &opc);
    let imsi: Imsi = "001010000000001".parse()?;
    let mut device = Device {
        milenage: milenage.clone(),
        card: Card::default(),
    };
    let mut operator = Operator {
        milenage,
        home: Home::new(MemoryStore::new().with(imsi, Sqn::ZERO)),
        kept: None,
    };
    let names = Identities {
        permanent: IDENTITY,
        pseudonym: None,
    };

    println!("with the card:");
    let mut peer = Peer::aka_prime(names, Some(b"WLAN"));
    log_in(&mut peer, &mut device, &mut operator, &[1; 32])?;

    println!("with the keys of last time:");
    let (identity, resumption) = peer.resumption().ok_or("no identity was given out")?;
    let mut peer = Peer::aka_prime(names, Some(b"WLAN"));
    peer = peer.with_resumption(identity.as_bytes(), resumption, &[2; 32]);
    log_in(&mut peer, &mut device, &mut operator, &[3; 32])
}

/// Both sides until the end. In earnest every seed and RAND comes from a CSPRNG.
#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn log_in(
    peer: &mut Peer<'_>,
    device: &mut Device,
    operator: &mut Operator,
    seed: &[u8; 32],
) -> Result<(), Box<dyn Error>> {
    let mut server = Server::aka_prime(NetworkName::new(b"WLAN")?, seed);
    let mut room = [0; 1500];
    let mut step = server.start(Some(&Nai::new(peer.identity())?), &mut room)?;
    loop {
        step = match step {
            Step::Send(request) => {
                println!("  server: {} octets", request.len());
                let response = device.answer(peer, request)?;
                println!("  peer:   {} octets", response.len());
                server.receive(&response, &mut room)?
            }
            Step::NeedVector(wanted) => {
                let identity = *wanted.identity;
                operator.answer(&mut server, &identity, &mut room)?
            }
            Step::Success(packet) => {
                peer.receive(packet, &mut [])?;
                break;
            }
            Step::Failure(_, reason) => return Err(format!("{reason:?}").into()),
            _ => return Err("a step that is new".into()),
        };
    }
    operator.kept = server.resumption();
    let keys = server.keys().zip(peer.keys());
    let same = keys.is_some_and(|(one, other)| one.msk() == other.msk());
    println!("  both have the same MSK: {same}");
    Ok(())
}

impl Device {
    fn answer(&mut self, peer: &mut Peer<'_>, request: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut room = [0; 1500];
        match peer.receive(request, &mut room)? {
            Event::Reply(octets) => Ok(octets.to_vec()),
            Event::Challenge(challenge) => {
                let (rand, autn) = (challenge.rand(), challenge.autn());
                let said = self.card.authenticate(&self.milenage, rand, autn);
                Ok(challenge.answer(said)?.to_vec())
            }
            Event::GsmChallenge(_) | Event::Success | Event::Failure | _ => {
                Err("nothing is asked".into())
            }
        }
    }
}

impl Operator {
    fn answer<'a>(
        &mut self,
        server: &'a mut Server,
        identity: &Nai,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, Box<dyn Error>> {
        let again = Nai::new(AGAIN)?;
        let next = Next {
            pseudonym: None,
            reauth_id: Some(&again),
        };
        if let (Some(kept), None) = (self.kept.take(), identity.imsi()) {
            return Ok(server.answer(&Answer::Resume(&kept), next, room)?);
        }
        let Some(imsi) = identity.imsi() else {
            return Ok(server.answer(&Answer::Unknown, Next::NONE, room)?);
        };
        let request = Request::new(Rand::new([0x23; 16]), Amf::SEPARATED);
        let vector = self.home.vector(&self.milenage, &imsi, request)?;
        Ok(server.answer(&Answer::Vector(&vector), next, room)?)
    }
}
