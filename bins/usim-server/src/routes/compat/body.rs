//! The bodies of the compatible dialect: tab-indented JSON, keys in order, no newline at the end.

use aka::{Auts, Imsi};
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;
use serde_json::{Serializer, ser::PrettyFormatter};
use server_kit::problem::Problem;
use usim::{Authentication, ImsIdentity, Keys, transport::TransportKind};

use crate::config::ErrorStatus;

/// One answer of the compatible dialect; the fields stand in the order in which they are sent.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Answer {
    Imsi {
        imsi: String,
    },
    Success {
        res: String,
        ck: String,
        ik: String,
    },
    /// `ck` and `ik` are null: this is how its clients know a synchronisation failure.
    SyncFailure {
        res: String,
        ck: (),
        ik: (),
        auts: String,
    },
    Apdu {
        data: String,
        sw1: String,
        sw2: String,
    },
    Imei {
        imei: String,
    },
    Msisdn {
        msisdn: Option<String>,
    },
    Isim {
        impi: String,
        domain: String,
        impu: Vec<String>,
    },
}

impl Answer {
    pub(super) fn imsi(imsi: &Imsi) -> Self {
        Self::Imsi {
            imsi: imsi.as_str().to_owned(),
        }
    }

    pub(super) fn authentication(outcome: &Authentication) -> Self {
        match outcome {
            Authentication::Success(keys) => Self::keys(keys),
            Authentication::SyncFailure(auts) => Self::auts(auts),
        }
    }

    fn keys(keys: &Keys) -> Self {
        Self::Success {
            res: format!("{:X}", keys.res.expose_hex()),
            ck: format!("{:X}", keys.ck.expose_hex()),
            ik: format!("{:X}", keys.ik.expose_hex()),
        }
    }

    fn auts(auts: &Auts) -> Self {
        let auts = format!("{:X}", auts.hex());
        Self::SyncFailure {
            res: auts.clone(),
            ck: (),
            ik: (),
            auts,
        }
    }

    /// The original printed a reader's status word in lower case and passed a modem's on.
    pub(super) fn apdu(data: &[u8], status: [u8; 2], kind: TransportKind) -> Self {
        let case = if kind == TransportKind::Serial {
            hex::encode_upper::<[u8; 1]>
        } else {
            hex::encode::<[u8; 1]>
        };
        let [sw1, sw2] = status.map(|octet| case([octet]));
        Self::Apdu {
            data: hex::encode_upper(data),
            sw1,
            sw2,
        }
    }

    pub(super) fn isim(identity: ImsIdentity) -> Self {
        Self::Isim {
            impi: identity.impi,
            domain: identity.domain,
            impu: identity.impu,
        }
    }

    pub(super) fn into_response(self) -> Response {
        response(StatusCode::OK, &self)
    }
}

#[derive(Serialize)]
struct Failure<'a> {
    error: bool,
    error_code: u16,
    error_msg: &'a str,
}

/// A failure with the three keys of the original; the status tells the truth unless told not to.
pub(super) fn failure(problem: &Problem, status: ErrorStatus) -> Response {
    let (status, error_msg) = match status {
        ErrorStatus::Telling => (problem.status(), problem.detail()),
        ErrorStatus::Always501 => (StatusCode::NOT_IMPLEMENTED, "Error"),
    };
    let body = Failure {
        error: true,
        error_code: status.as_u16(),
        error_msg,
    };
    let mut response = response(status, &body);
    response.headers_mut().extend(problem.headers());
    response
}

fn response(status: StatusCode, body: &impl Serialize) -> Response {
    let mut octets = Vec::with_capacity(256);
    let formatter = PrettyFormatter::with_indent(b"\t");
    let mut response = match body.serialize(&mut Serializer::with_formatter(&mut octets, formatter))
    {
        Ok(()) => Response::new(Body::from(octets)),
        Err(_) => Response::new(Body::empty()),
    };
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}
