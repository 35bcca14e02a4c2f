//! A SIM is shared, and proves itself to its home.

use aka::network::{Home, MemoryStore, Request, Vector};
use aka::{Amf, Auts, Imsi, K, Milenage, Opc, Rand, Sqn};
use anyhow::{Context as _, Result, bail, ensure};
use usim::transport::remote::{Dialect, RemoteSubscriber};
use usim::{ApplicationKind, Authentication, Subscriber};

use super::{KEY, OPC};
use crate::sim_server::SimServer;

pub(super) fn tell(server: &SimServer) -> Result<()> {
    println!(
        "\n1. A SIM is shared\n   usim-server offers it at {}",
        server.url()
    );

    let mut sim = RemoteSubscriber::new(&server.client()?, Dialect::Typed);
    let imsi = sim.identity()?.imsi;
    println!(
        "\n2. A client asks over HTTPS who it is\n   IMSI {}",
        imsi.as_str()
    );

    let network = Network::new(imsi)?;
    let vector = network.challenge()?;
    println!(
        "\n3. Its home network wants proof\n   RAND {:x}",
        vector.rand.hex()
    );
    println!("   AUTN {:x}", vector.autn.hex());
    accepted(&mut sim, &vector)?;
    println!("   the SIM took it for genuine, and its answer is the one the home expects");

    println!("\n4. Somebody replays that challenge");
    let auts = replayed(&mut sim, &vector)?;
    println!(
        "   the SIM gives no keys, but its sequence number\n   AUTS {:x}",
        auts.hex()
    );

    println!("\n5. The home follows the SIM's sequence number");
    network.follow(&vector, &auts)?;
    accepted(&mut sim, &network.challenge()?)?;
    println!("   and its next challenge is accepted");
    Ok(())
}

/// The SIM's home.
struct Network {
    keys: Milenage,
    home: Home<MemoryStore>,
    imsi: Imsi,
}

impl Network {
    fn new(imsi: Imsi) -> Result<Self> {
        let (k, opc): (K, Opc) = (KEY.parse()?, OPC.parse()?);
        let home = Home::new(MemoryStore::new().with(imsi, Sqn::ZERO));
        Ok(Self {
            keys: Milenage::new(&k, &opc),
            home,
            imsi,
        })
    }

    fn challenge(&self) -> Result<Vector> {
        let rand = Rand::generate(getrandom::fill).context("the system has no random numbers")?;
        let request = Request::new(rand, Amf::SEPARATED);
        Ok(self.home.vector(&self.keys, &self.imsi, request)?)
    }

    fn follow(&self, vector: &Vector, auts: &Auts) -> Result<()> {
        self.home
            .resynchronise(&self.keys, &self.imsi, &vector.rand, auts)?;
        Ok(())
    }
}

fn accepted(sim: &mut impl Subscriber, vector: &Vector) -> Result<()> {
    match answer(sim, vector)? {
        Authentication::Success(keys) => {
            ensure!(vector.verify(&keys.res), "the SIM has another key");
            Ok(())
        }
        Authentication::SyncFailure(_) => bail!("the SIM took a new challenge for a replay"),
    }
}

fn replayed(sim: &mut impl Subscriber, vector: &Vector) -> Result<Auts> {
    match answer(sim, vector)? {
        Authentication::SyncFailure(auts) => Ok(auts),
        Authentication::Success(_) => bail!("the SIM took a challenge twice"),
    }
}

fn answer(sim: &mut impl Subscriber, vector: &Vector) -> Result<Authentication> {
    Ok(sim.authenticate(ApplicationKind::Usim, &vector.rand, &vector.autn)?)
}
