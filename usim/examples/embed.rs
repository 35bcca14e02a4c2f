//! What an ePDG, an eNB's core or an IMS tool does with a SIM, in small: it lets a subscriber in
//! who proves to be one. The network codes against [`Subscriber`]; where the SIM sits is the
//! command line's business:
//!
//! ```sh
//! cargo run -p usim --features soft --example embed -- soft
//! cargo run -p usim --features pcsc --example embed -- reader:0
//! cargo run -p usim --features remote --example embed -- http://127.0.0.1:18080
//! ```
//!
//! The home here knows the default profile of the software card. Another SIM is refused, politely.
#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::env;

use aka::{
    Amf, Imsi, K, Milenage, Opc, Rand, Sqn,
    network::{Home, MemoryStore, Request},
};
use anyhow::{Context, bail};
use usim::{ApplicationKind, Authentication, Place, Subscriber};

fn main() -> anyhow::Result<()> {
    let place = env::args()
        .nth(1)
        .context("say where: soft, reader:0, modem:PORT, ...")?;
    let mut subscriber = place.parse::<Place>()?.subscriber()?;
    let network = Network::new()?;

    // a replay first, so that there is something to get over
    let stale = network.challenge(1)?;
    network.admit(subscriber.as_mut(), &stale)?;
    if network.admit(subscriber.as_mut(), &stale)? == Admission::Resynchronised {
        println!("a replayed challenge was noticed; the home has followed the card");
    }
    let fresh = network.challenge(2)?;
    println!("{:?}", network.admit(subscriber.as_mut(), &fresh)?);
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Admission {
    Admitted,
    Resynchronised,
}

/// The home network, with one subscriber.
struct Network {
    home: Home<MemoryStore>,
    keys: Milenage,
    imsi: Imsi,
}

impl Network {
    fn new() -> anyhow::Result<Self> {
        let k: K = "465b5ce8b199b49faa5f0a2ee238a6bc".parse()?;
        let opc: Opc = "cd63cb71954a9f4e48a5994e37a02baf".parse()?;
        let imsi = "001010000000001".parse()?;
        Ok(Self {
            home: Home::new(MemoryStore::new().with(imsi, Sqn::ZERO)),
            keys: Milenage::new(&k, &opc),
            imsi,
        })
    }

    /// An example draws no random numbers; a network does.
    fn challenge(&self, seed: u8) -> anyhow::Result<aka::network::Vector> {
        let request = Request::new(Rand::new([seed; 16]), Amf::SEPARATED);
        Ok(self.home.vector(&self.keys, &self.imsi, request)?)
    }

    fn admit(
        &self,
        subscriber: &mut dyn Subscriber,
        challenge: &aka::network::Vector,
    ) -> anyhow::Result<Admission> {
        if subscriber.identity()?.imsi != self.imsi {
            bail!("this network does not know that subscriber");
        }
        match subscriber.authenticate(ApplicationKind::Usim, &challenge.rand, &challenge.autn)? {
            Authentication::Success(keys) if challenge.verify(&keys.res) => Ok(Admission::Admitted),
            Authentication::Success(_) => bail!("the answer is wrong"),
            Authentication::SyncFailure(auts) => {
                let rand = &challenge.rand;
                self.home
                    .resynchronise(&self.keys, &self.imsi, rand, &auts)?;
                Ok(Admission::Resynchronised)
            }
        }
    }
}
