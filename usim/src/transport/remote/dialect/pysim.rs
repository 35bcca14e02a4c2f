//! pySim's SIM REST server: a slot, a challenge, an outcome.

use aka::{Autn, Imsi, Rand};
use serde::{Deserialize, Serialize};

use crate::{
    Authentication, Error, Keys,
    transport::remote::{
        answer::{Secret, malformed},
        client::{Client, escaped},
    },
};

pub(in super::super) fn imsi(client: &Client) -> Result<Imsi, Error> {
    #[derive(Deserialize)]
    struct Body {
        imsi: Secret,
    }
    let answer = client.get(&format!("/sim-info-api/v1/slot/{}", slot(client)))?;
    answer.success::<Body>()?.imsi.read()
}

#[derive(Serialize)]
struct Challenge {
    rand: String,
    autn: String,
}

#[derive(Deserialize)]
struct Outcome {
    successful_3g_authentication: Option<Success>,
    synchronisation_failure: Option<SyncFailure>,
}

#[derive(Deserialize)]
struct Success {
    res: Secret,
    ck: Secret,
    ik: Secret,
    kc: Option<Secret>,
}

#[derive(Deserialize)]
struct SyncFailure {
    auts: Secret,
}

pub(in super::super) fn authenticate(
    client: &Client,
    rand: &Rand,
    autn: &Autn,
) -> Result<Authentication, Error> {
    let challenge = Challenge {
        rand: format!("{:x}", rand.hex()),
        autn: format!("{:x}", autn.hex()),
    };
    let path = format!("/sim-auth-api/v1/slot/{}", slot(client));
    let outcome: Outcome = client.post(&path, &challenge)?.success()?;
    let answered = outcome.successful_3g_authentication;
    match (answered, outcome.synchronisation_failure) {
        (Some(keys), None) => {
            let kc = keys.kc.as_ref().map(Secret::read).transpose()?;
            let keys = Keys::new(keys.res.read()?, keys.ck.read()?, keys.ik.read()?, kc);
            Ok(Authentication::Success(keys))
        }
        (None, Some(failure)) => Ok(Authentication::SyncFailure(failure.auts.read()?)),
        (None, None) | (Some(_), Some(_)) => Err(malformed()),
    }
}

fn slot(client: &Client) -> String {
    escaped(client.server().sim.as_deref().unwrap_or("0"))
}
