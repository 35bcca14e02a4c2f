//! `GET /?type=...`: null where nothing came, hexadecimal digits in upper case.

use aka::{Autn, Auts, Imsi, Rand};
use serde::Deserialize;

use crate::{
    ApplicationKind, Authentication, Error, Imei, ImsIdentity, Keys,
    transport::remote::{
        answer::{Answer, Secret, malformed},
        client::{Client, escaped},
    },
};

pub(in super::super) fn imsi(client: &Client) -> Result<Imsi, Error> {
    #[derive(Deserialize)]
    struct Body {
        imsi: Secret,
    }
    let body: Body = get(client, "imsi")?.success()?;
    body.imsi.read()
}

pub(in super::super) fn imei(client: &Client) -> Result<Imei, Error> {
    #[derive(Deserialize)]
    struct Body {
        imei: Secret,
    }
    let body: Body = get(client, "imei")?.success()?;
    body.imei.read()
}

pub(in super::super) fn ims_identity(client: &Client) -> Result<ImsIdentity, Error> {
    #[derive(Deserialize)]
    struct Body {
        impi: String,
        domain: String,
        impu: Vec<String>,
    }
    let body: Body = get(client, "isim")?.success()?;
    Ok(ImsIdentity::new(body.impi, body.domain, body.impu))
}

/// What came of a challenge. `ck` and `ik` are null when it is stale: then `res` is the AUTS.
#[derive(Deserialize)]
struct Outcome {
    res: Option<Secret>,
    ck: Option<Secret>,
    ik: Option<Secret>,
    auts: Option<Secret>,
    #[serde(default)]
    error: bool,
}

pub(in super::super) fn authenticate(
    client: &Client,
    application: ApplicationKind,
    rand: &Rand,
    autn: &Autn,
) -> Result<Authentication, Error> {
    let app = match application {
        ApplicationKind::Usim => "",
        ApplicationKind::Isim => "&app=isim",
    };
    let (rand, autn) = (rand.hex(), autn.hex());
    let asked = format!("rand-autn&rand={rand:x}&autn={autn:x}{app}");
    let outcome: Outcome = get(client, &asked)?.success()?;
    if outcome.error {
        return Err(malformed());
    }
    match (&outcome.res, &outcome.ck, &outcome.ik, &outcome.auts) {
        (Some(res), Some(ck), Some(ik), None) => {
            let keys = Keys::new(res.read()?, ck.read()?, ik.read()?, None);
            Ok(Authentication::Success(keys))
        }
        (_, None, None, Some(auts)) | (Some(auts), None, None, None) => {
            Ok(Authentication::SyncFailure(auts.read::<Auts>()?))
        }
        _ => Err(malformed()),
    }
}

/// Sends a command; the card's answer, data and status word.
pub(in super::super) fn apdu(client: &Client, command: &[u8]) -> Result<Vec<u8>, Error> {
    #[derive(Deserialize)]
    struct Body {
        data: Option<Secret>,
        sw1: Secret,
        sw2: Secret,
    }
    let digits = zeroize::Zeroizing::new(hex::encode_upper(command));
    let body: Body = get(client, &format!("apdu&hex={}", &*digits))?.success()?;
    let mut answer = match body.data {
        Some(data) => data.octets()?.to_vec(),
        None => Vec::new(),
    };
    for status in [body.sw1, body.sw2] {
        let octet = status.octets()?;
        let [octet] = octet.as_slice() else {
            return Err(malformed());
        };
        answer.push(*octet);
    }
    Ok(answer)
}

fn get(client: &Client, asked: &str) -> Result<Answer, Error> {
    let sim = client.server().sim.as_deref().map(escaped);
    let sim = sim.map_or_else(String::new, |sim| format!("&sim={sim}"));
    Ok(client.get(&format!("/?type={asked}{sim}"))?)
}
