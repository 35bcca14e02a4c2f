//! `/v1` of usim-server: every outcome by its name.

use aka::{Autn, Imsi, MncLength, Rand};
use serde::{Deserialize, Serialize};

use crate::{
    ApplicationKind, Authentication, Error, GbaBootstrapping, GsmAuthentication, Identity, Keys,
    KsExtNaf,
    transport::{
        TransportErrorKind,
        remote::{
            answer::{Answer, Secret, malformed},
            client::{Client, escaped},
        },
    },
};

#[derive(Deserialize)]
struct Sim {
    state: String,
    imsi: Option<Secret>,
    mnc_length: Option<u8>,
}

pub(in super::super) fn identity(client: &Client) -> Result<Identity, Error> {
    let sim: Sim = client.get(&sim_path(client, ""))?.success()?;
    let Some(imsi) = sim.imsi else {
        return Err(match sim.state.as_str() {
            "absent" => TransportErrorKind::NoCard.into_error(),
            "locked" => TransportErrorKind::PinRequired.into_error(),
            _ => TransportErrorKind::Unavailable.into_error(),
        });
    };
    let mnc_length = match sim.mnc_length {
        Some(2) => Some(MncLength::Two),
        Some(3) => Some(MncLength::Three),
        None => None,
        Some(_) => return Err(malformed()),
    };
    Ok(Identity::new(imsi.read::<Imsi>()?, mnc_length))
}

#[derive(Serialize)]
struct Challenge<'a> {
    rand: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    autn: Option<String>,
    context: &'a str,
    app: &'a str,
}

/// What came of a challenge; what belongs to it depends on the context.
#[derive(Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
enum Outcome {
    Success {
        res: Option<Secret>,
        ck: Option<Secret>,
        ik: Option<Secret>,
        kc: Option<Secret>,
        sres: Option<Secret>,
    },
    SynchronisationFailure {
        auts: Secret,
    },
}

pub(in super::super) fn authenticate(
    client: &Client,
    application: ApplicationKind,
    rand: &Rand,
    autn: &Autn,
) -> Result<Authentication, Error> {
    let app = match application {
        ApplicationKind::Usim => "usim",
        ApplicationKind::Isim => "isim",
    };
    match challenge(client, rand, Some(autn), ["3g", app])? {
        Outcome::Success {
            res: Some(res),
            ck: Some(ck),
            ik: Some(ik),
            kc,
            ..
        } => {
            let kc = kc.as_ref().map(Secret::read).transpose()?;
            let keys = Keys::new(res.read()?, ck.read()?, ik.read()?, kc);
            Ok(Authentication::Success(keys))
        }
        Outcome::SynchronisationFailure { auts } => Ok(Authentication::SyncFailure(auts.read()?)),
        Outcome::Success { .. } => Err(malformed()),
    }
}

pub(in super::super) fn authenticate_gsm(
    client: &Client,
    rand: &Rand,
) -> Result<GsmAuthentication, Error> {
    match challenge(client, rand, None, ["gsm", "usim"])? {
        Outcome::Success {
            sres: Some(sres),
            kc: Some(kc),
            ..
        } => Ok(GsmAuthentication::new(sres.read()?, kc.read()?)),
        Outcome::Success { .. } | Outcome::SynchronisationFailure { .. } => Err(malformed()),
    }
}

pub(in super::super) fn gba_bootstrap(
    client: &Client,
    rand: &Rand,
    autn: &Autn,
) -> Result<GbaBootstrapping, Error> {
    match challenge(client, rand, Some(autn), ["gba", "usim"])? {
        Outcome::Success { res: Some(res), .. } => Ok(GbaBootstrapping::Success(res.read()?)),
        Outcome::SynchronisationFailure { auts } => Ok(GbaBootstrapping::SyncFailure(auts.read()?)),
        Outcome::Success { .. } => Err(malformed()),
    }
}

pub(in super::super) fn gba_naf(
    client: &Client,
    naf_id: &[u8],
    impi: &str,
) -> Result<KsExtNaf, Error> {
    #[derive(Serialize)]
    struct Naf<'a> {
        naf_id: String,
        impi: &'a str,
    }
    #[derive(Deserialize)]
    struct Key {
        ks_ext_naf: Secret,
    }
    let naf_id = hex::encode(naf_id);
    let path = sim_path(client, "/gba-naf");
    let key: Key = client.post(&path, &Naf { naf_id, impi })?.success()?;
    let octets = key.ks_ext_naf.octets()?;
    let octets = octets.as_slice().try_into();
    Ok(KsExtNaf::new(octets.map_err(|_size| malformed())?))
}

fn challenge(
    client: &Client,
    rand: &Rand,
    autn: Option<&Autn>,
    [context, app]: [&str; 2],
) -> Result<Outcome, Error> {
    let challenge = Challenge {
        rand: format!("{:x}", rand.hex()),
        autn: autn.map(|autn| format!("{:x}", autn.hex())),
        context,
        app,
    };
    client
        .post(&sim_path(client, "/authenticate"), &challenge)?
        .success()
}

/// Sends a command, under a lease or not; the card's answer, data and status word.
pub(in super::super) fn apdu(
    client: &Client,
    command: &[u8],
    lease: Option<&str>,
) -> Result<Vec<u8>, Error> {
    #[derive(Serialize)]
    struct Sent<'a> {
        apdu: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        lease: Option<&'a str>,
    }
    #[derive(Deserialize)]
    struct Came {
        data: Secret,
        sw: Secret,
    }
    let digits = zeroize::Zeroizing::new(hex::encode(command));
    let sent = Sent {
        apdu: &digits,
        lease,
    };
    let came: Came = client.post(&sim_path(client, "/apdu"), &sent)?.success()?;
    let (mut answer, status) = (came.data.octets()?.to_vec(), came.sw.octets()?);
    let status: [u8; 2] = status.as_slice().try_into().map_err(|_size| malformed())?;
    answer.extend(status);
    Ok(answer)
}

/// A lease, and the channel that it is for.
pub(in super::super) struct Leased {
    pub(in super::super) lease: String,
    pub(in super::super) channel: u8,
}

/// Leases a channel with an application on it, or without one the whole SIM.
pub(in super::super) fn lease(client: &Client, aid: Option<&[u8]>) -> Result<Leased, Error> {
    #[derive(Serialize)]
    struct Wanted {
        kind: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        aid: Option<String>,
        seconds: u64,
    }
    #[derive(Deserialize)]
    struct Given {
        lease: String,
        channel: u8,
    }
    let wanted = Wanted {
        kind: if aid.is_some() {
            "channel"
        } else {
            "exclusive"
        },
        aid: aid.map(hex::encode),
        seconds: LEASE,
    };
    let given: Given = client
        .post(&sim_path(client, "/channel"), &wanted)?
        .success()?;
    Ok(Leased {
        lease: given.lease,
        channel: given.channel,
    })
}

/// Seconds that a lease lasts when it is not given back.
const LEASE: u64 = 30;

pub(in super::super) fn release(client: &Client, lease: &str) -> Result<(), Error> {
    let path = format!("/channel/{}", escaped(lease));
    let released: Answer = client.delete(&sim_path(client, &path))?;
    released.expect_success()
}

fn sim_path(client: &Client, rest: &str) -> String {
    let sim = client.server().sim.as_deref().unwrap_or("0");
    format!("/v1/sims/{}{rest}", escaped(sim))
}
