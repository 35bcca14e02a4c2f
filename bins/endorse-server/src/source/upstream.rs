//! An authentication centre elsewhere: `auc serve` over HTTPS.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aka::network::Vector;
use aka::{Auts, Imsi, Ind, Rand};
use endorse::keys::is_confidential;
use serde::{Deserialize, Serialize};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::pace::Pace;
use super::{AMF, Answer, Resync, SourceError, VectorSource};

/// `auc serve`, asked over HTTPS as a caller with the scopes `auc:vectors` and `auc:resync`.
///
/// It answers sooner for a SIM that it does not know; what it took for others lately is waited for.
pub struct Upstream {
    client: Arc<Client>,
    pace: Pace,
}

struct Client {
    agent: ureq::Agent,
    url: String,
    authorization: Zeroizing<String>,
    ind: Option<Ind>,
}

/// Why the other server's answer is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// Keys of SIMs would cross a network in the clear.
    #[error("the authentication centre is asked over https, or over http on this machine")]
    Url,
    /// It cannot be reached, or not trusted.
    #[error("the server of the authentication centre cannot be asked")]
    Unreachable(#[from] ureq::Error),
    /// It refuses.
    #[error("the server of the authentication centre answers with status {0}")]
    Status(u16),
    /// Its answer is no vector.
    #[error("the server of the authentication centre answers with something else")]
    Malformed,
    /// The file holds no certificate in PEM.
    #[error("there is no certificate in PEM")]
    NoCertificate,
}

#[derive(Serialize)]
struct VectorsRequest<'a> {
    imsi: &'a str,
    count: u8,
    amf: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ind: Option<u8>,
}

#[derive(Deserialize)]
struct VectorsAnswer {
    vectors: Vec<VectorAnswer>,
}

#[derive(Deserialize, ZeroizeOnDrop)]
struct VectorAnswer {
    rand: String,
    autn: String,
    xres: String,
    ck: String,
    ik: String,
}

#[derive(Serialize)]
struct ResyncRequest<'a> {
    imsi: &'a str,
    rand: String,
    auts: String,
}

impl Upstream {
    /// The server at `url`, which knows us by `token`, with a certificate of the authorities that
    /// browsers trust, or of those in `authorities` (PEM). Vectors are in the slot `ind` of the cards'
    /// arrays, or in its own.
    ///
    /// # Errors
    /// [`UpstreamError::Url`] and [`UpstreamError::NoCertificate`].
    pub fn new(
        url: &str,
        token: &str,
        authorities: Option<&str>,
        ind: Option<Ind>,
    ) -> Result<Self, UpstreamError> {
        if !is_confidential(url) {
            return Err(UpstreamError::Url);
        }
        let client = Client {
            agent: agent(roots(authorities)?),
            url: url.trim_end_matches('/').to_owned(),
            authorization: Zeroizing::new(format!("Bearer {}", token.trim())),
            ind,
        };
        Ok(Self {
            client: Arc::new(client),
            pace: Pace::default(),
        })
    }

    async fn make(&self, imsi: &Imsi) -> Result<Option<Vector>, SourceError> {
        let (client, imsi, began) = (Arc::clone(&self.client), *imsi, Instant::now());
        let made = tokio::task::spawn_blocking(move || client.vector(&imsi)).await;
        let made = made.map_err(SourceError::new)?.map_err(SourceError::new)?;
        match &made {
            Some(_) => self.pace.note(began.elapsed()),
            None => tokio::time::sleep(self.pace.draw().saturating_sub(began.elapsed())).await,
        }
        Ok(made)
    }

    async fn follow(&self, imsi: &Imsi, rand: &Rand, auts: &Auts) -> Result<Resync, SourceError> {
        let (client, imsi, rand, auts) = (Arc::clone(&self.client), *imsi, *rand, *auts);
        let followed = tokio::task::spawn_blocking(move || client.resync(&imsi, &rand, &auts));
        let followed = followed.await.map_err(SourceError::new)?;
        followed.map_err(SourceError::new)
    }
}

impl VectorSource for Upstream {
    fn vector<'a>(&'a self, imsi: &'a Imsi) -> Answer<'a, Option<Vector>> {
        Box::pin(self.make(imsi))
    }

    fn resynchronise<'a>(
        &'a self,
        imsi: &'a Imsi,
        rand: &'a Rand,
        auts: &'a Auts,
    ) -> Answer<'a, Resync> {
        Box::pin(self.follow(imsi, rand, auts))
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream")
            .field("url", &self.client.url)
            .finish_non_exhaustive()
    }
}

impl Client {
    fn vector(&self, imsi: &Imsi) -> Result<Option<Vector>, UpstreamError> {
        let imsi = imsi.as_str();
        let (status, body) = self.ask_vector(imsi)?;
        match status {
            200 => {
                let answer: Result<VectorsAnswer, _> = serde_json::from_slice(&body);
                let answer = answer.or(Err(UpstreamError::Malformed))?;
                let vector = answer.vectors.first().and_then(VectorAnswer::read);
                vector.map(Some).ok_or(UpstreamError::Malformed)
            }
            404 => Ok(None),
            other => self.without_one_sim(imsi, other).map(|()| None),
        }
    }

    fn ask_vector(&self, imsi: &str) -> Result<(u16, Zeroizing<Vec<u8>>), UpstreamError> {
        let request = VectorsRequest {
            imsi,
            count: 1,
            amf: format!("{:x}", AMF.hex()),
            ind: self.ind.map(Ind::get),
        };
        self.post("/v1/vectors", &request)
    }

    /// What fails for one SIM alone is nobody's SIM to the outside; what fails for others is told.
    fn without_one_sim(&self, imsi: &str, status: u16) -> Result<(), UpstreamError> {
        let failed = UpstreamError::Status(status);
        if !matches!(status, 409 | 500) {
            return Err(failed);
        }
        let (other, _) = self.ask_vector(NOBODY)?;
        if imsi == NOBODY || !matches!(other, 200 | 404) {
            return Err(failed);
        }
        let error: &(dyn std::error::Error + 'static) = &failed;
        tracing::error!(error, "the authentication centre cannot serve a SIM");
        Ok(())
    }

    fn resync(&self, imsi: &Imsi, rand: &Rand, auts: &Auts) -> Result<Resync, UpstreamError> {
        let request = ResyncRequest {
            imsi: imsi.as_str(),
            rand: format!("{:x}", rand.hex()),
            auts: format!("{:x}", auts.hex()),
        };
        match self.post("/v1/resync", &request)?.0 {
            200 => Ok(Resync::Followed),
            404 | 409 => Ok(Resync::Refused),
            other => {
                let alone = self.without_one_sim(imsi.as_str(), other);
                alone.map(|()| Resync::Refused)
            }
        }
    }

    fn post(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<(u16, Zeroizing<Vec<u8>>), UpstreamError> {
        let body = serde_json::to_vec(body).or(Err(UpstreamError::Malformed))?;
        let mut answer = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("authorization", self.authorization.as_str())
            .header("content-type", "application/json")
            .send(&body[..])?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(LONGEST).read_to_vec();
        Ok((status, Zeroizing::new(body?)))
    }
}

impl VectorAnswer {
    fn read(&self) -> Option<Vector> {
        Some(Vector {
            rand: self.rand.parse().ok()?,
            xres: self.xres.parse().ok()?,
            ck: self.ck.parse().ok()?,
            ik: self.ik.parse().ok()?,
            autn: self.autn.parse().ok()?,
        })
    }
}

/// A decoy, or nobody: no country has the code 000 (ITU-T E.212).
const NOBODY: &str = "000000000000000";

/// Octets of an answer.
const LONGEST: u64 = 8192;

/// Five seconds at the most, no redirects, no proxy from the environment.
fn agent(roots: RootCerts) -> ureq::Agent {
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(roots)
        .build();
    let config = ureq::Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(Duration::from_secs(5)))
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(None)
        .build();
    config.new_agent()
}

fn roots(authorities: Option<&str>) -> Result<RootCerts, UpstreamError> {
    let Some(pem) = authorities else {
        return Ok(RootCerts::WebPki);
    };
    let certificates: Vec<Certificate<'static>> = parse_pem(pem.as_bytes())
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(UpstreamError::NoCertificate);
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn a_token_and_keys_of_sims_do_not_travel_in_the_clear() {
        for url in [
            "http://auc.example",
            "http://127.0.0.1.evil.example",
            "auc.example",
        ] {
            let refused = Upstream::new(url, "token", None, None);
            assert!(matches!(refused, Err(UpstreamError::Url)), "{url}");
        }
        for url in ["https://auc.example/", "http://127.0.0.1:8482"] {
            assert!(Upstream::new(url, "token", None, None).is_ok(), "{url}");
        }
    }

    /// A server that answers with a status for whatever it is sent.
    fn centre(status: fn(&str) -> u16) -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = String::new();
                while !request.ends_with('}') {
                    let mut octets = [0; 1024];
                    let length = stream.read(&mut octets).unwrap();
                    request.push_str(std::str::from_utf8(&octets[..length]).unwrap());
                }
                let status = status(&request);
                let answer =
                    format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close");
                stream
                    .write_all(format!("{answer}\r\n\r\n").as_bytes())
                    .unwrap();
            }
        });
        Upstream::new(&url, "token", None, None).unwrap()
    }

    #[tokio::test]
    async fn a_sim_that_alone_cannot_be_served_is_nobodys() {
        let imsi = "001010000000001".parse().unwrap();
        let (rand, auts) = (Rand::new([1; 16]), Auts::new([2; 14]));
        for upstream in [
            centre(|request| if request.contains(NOBODY) { 404 } else { 500 }),
            centre(|request| if request.contains(NOBODY) { 404 } else { 409 }),
            centre(|_| 404),
        ] {
            assert!(upstream.vector(&imsi).await.unwrap().is_none());
            let refused = upstream.resynchronise(&imsi, &rand, &auts).await;
            assert_eq!(refused.unwrap(), Resync::Refused);
        }
    }

    #[tokio::test]
    async fn a_centre_that_serves_nobody_has_failed() {
        let imsi = "001010000000001".parse().unwrap();
        for upstream in [centre(|_| 500), centre(|_| 503), centre(|_| 401)] {
            assert!(upstream.vector(&imsi).await.is_err());
        }
    }
}
