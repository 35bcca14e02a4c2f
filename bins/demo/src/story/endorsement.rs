//! A device proves the SIM to somebody who has never met it, and services believe the token.

use aka::{Autn, Rand};
use anyhow::{Context as _, Result, ensure};
use endorse::Imei;
use endorse::client::{Answer, Card, Client, SessionKeys, Token, Wish};
use usim::transport::remote::{Dialect, RemoteSubscriber};
use usim::{ApplicationKind, Authentication, Subscriber};

use crate::endorse_server::EndorseServer;
use crate::services::{LOGIN, STAFF_DEVICE, Services, UPLOAD};
use crate::sim_server::SimServer;

/// Another device, into which somebody has put the company's SIM.
const OTHER_DEVICE: &str = "356938035643809";

pub(super) fn tell(sims: &SimServer, issuer: &EndorseServer, services: &Services) -> Result<()> {
    let mut device = Device::new(sims, issuer)?;
    println!(
        "\n6. A device proves that SIM to endorse-server at {}",
        issuer.origin()
    );
    let token = device.token(UPLOAD, STAFF_DEVICE)?;
    println!(
        "   RAND and AUTN went to the SIM; CK and IK stayed on the device, which showed that it has them"
    );
    if device.sim.stale > 0 {
        println!(
            "   the SIM's sequence number was ahead of that server's, which followed it first"
        );
    }
    println!("   the token says: {}", payload(&token)?);

    println!("\n7. It uploads over Wi-Fi, where nobody knows it by its network");
    offload(services, &token)?;

    println!("\n8. It logs in where a company knows its SIMs, each in its own device");
    business(services, &mut device)
}

/// The upload needs a token on one side only.
fn offload(services: &Services, token: &Token) -> Result<()> {
    let mobile = upload(&services.mobile, None)?;
    println!("   over the mobile network: {mobile:?}");
    let refused = upload(&services.wifi, None)?;
    println!("   over Wi-Fi, without the token: {refused:?}");
    let accepted = upload(&services.wifi, Some(token))?;
    println!("   over Wi-Fi, with it: {accepted:?}");
    println!("   the service verified it offline, with keys that it had fetched once");
    ensure!((mobile.0, refused.0, accepted.0) == (200, 401, 200));
    Ok(())
}

/// A stolen SIM is worth nothing elsewhere.
fn business(services: &Services, device: &mut Device) -> Result<()> {
    let own = device.token(LOGIN, STAFF_DEVICE)?;
    let welcome = login(services, &own)?;
    println!("   the SIM in its own device: {welcome:?}");
    let stolen = device.token(LOGIN, OTHER_DEVICE)?;
    let refused = login(services, &stolen)?;
    println!("   the SIM, stolen, in another device: {refused:?}");
    let upload_token = device.token(UPLOAD, STAFF_DEVICE)?;
    let elsewhere = login(services, &upload_token)?;
    println!("   a token that was made for the upload: {elsewhere:?}");
    ensure!((welcome.0, refused.0, elsewhere.0) == (200, 401, 401));
    Ok(())
}

/// A device whose SIM sits behind usim-server.
struct Device {
    sim: RemoteSim,
    client: Client,
}

impl Device {
    fn new(sims: &SimServer, issuer: &EndorseServer) -> Result<Self> {
        let subscriber = RemoteSubscriber::new(&sims.client()?, Dialect::Typed);
        Ok(Self {
            sim: RemoteSim {
                subscriber,
                stale: 0,
            },
            client: Client::new(issuer.origin(), issuer.https()?)?,
        })
    }

    fn token(&mut self, audience: &str, imei: &str) -> Result<Token> {
        let imei: Imei = imei.parse()?;
        let wish = Wish::new(audience.parse()?).with_imei(&imei)?;
        Ok(self.client.endorse(&mut self.sim, &wish)?)
    }
}

/// A SIM elsewhere, as `endorse` asks for it.
struct RemoteSim {
    subscriber: RemoteSubscriber,
    stale: usize,
}

impl Card for RemoteSim {
    type Error = usim::Error;

    fn imsi(&mut self) -> Result<endorse::Imsi, usim::Error> {
        let imsi = self.subscriber.identity()?.imsi;
        Ok(imsi.as_str().parse().expect("digits in both crates"))
    }

    fn authenticate(&mut self, rand: &[u8; 16], autn: &[u8; 16]) -> Result<Answer, usim::Error> {
        let (rand, autn) = (Rand::new(*rand), Autn::new(*autn));
        let subscriber = &mut self.subscriber;
        Ok(
            match subscriber.authenticate(ApplicationKind::Usim, &rand, &autn)? {
                Authentication::Success(keys) => {
                    Answer::Success(SessionKeys::new(*keys.ck.expose(), *keys.ik.expose()))
                }
                Authentication::SyncFailure(auts) => {
                    self.stale += 1;
                    Answer::SyncFailure(*auts.as_bytes())
                }
            },
        )
    }
}

/// The status and the body of an answer.
type Seen = (u16, String);

fn upload(to: &str, token: Option<&Token>) -> Result<Seen> {
    let request = agent().post(format!("{to}/upload"));
    let request = match token {
        Some(token) => request.header("Authorization", bearer(token)),
        None => request,
    };
    seen(request.send("a picture")?)
}

fn login(services: &Services, token: &Token) -> Result<Seen> {
    let request = agent().get(format!("{}/login", services.login));
    seen(request.header("Authorization", bearer(token)).call()?)
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    config.proxy(None).build().new_agent()
}

fn bearer(token: &Token) -> String {
    format!("Bearer {}", token.expose())
}

fn seen(mut answer: ureq::http::Response<ureq::Body>) -> Result<Seen> {
    let body = answer.body_mut().read_to_string()?;
    Ok((answer.status().as_u16(), body))
}

/// What a token says, to anyone who looks.
fn payload(token: &Token) -> Result<String> {
    let payload = token.expose().split('.').nth(1).context("no payload")?;
    let octets = strict_jws::base64::decode(payload.as_bytes())?;
    Ok(String::from_utf8(octets)?)
}
