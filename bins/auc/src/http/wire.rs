//! The bodies, with what they must hold.

use std::str::FromStr;

use aka::{
    Auts, Imsi, Ind, Rand,
    network::{Resynchronisation, Vector},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::ZeroizeOnDrop;

use super::ApiError;
use crate::Use;

/// Whose vectors, and how many.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VectorsRequest {
    /// 6 to 15 decimal digits.
    imsi: String,
    /// 1 to 32; 1 if it is left out.
    count: Option<u8>,
    /// 4 hexadecimal digits; the subscriber's own if it is left out.
    amf: Option<String>,
    /// The slot of the card's array, 0 to 31; the centre's own if it is left out.
    ind: Option<u8>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct VectorsAnswer {
    pub(super) vectors: Vec<VectorAnswer>,
}

/// A vector (TS 33.102 §6.3.2), in hexadecimal digits.
#[derive(Serialize, ToSchema, ZeroizeOnDrop)]
pub(super) struct VectorAnswer {
    rand: String,
    autn: String,
    xres: String,
    ck: String,
    ik: String,
}

/// A card's answer that its sequence number is ahead.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResyncRequest {
    /// 6 to 15 decimal digits.
    imsi: String,
    /// The challenge: 32 hexadecimal digits.
    rand: String,
    /// The answer: 28 hexadecimal digits.
    auts: String,
}

/// What came of it: `moved`, `kept` (the next vector will be taken anyway) or `out_of_reach`.
#[derive(Serialize, ToSchema)]
pub(super) struct ResyncAnswer {
    result: &'static str,
}

impl VectorsRequest {
    pub(super) fn imsi(&self) -> Result<Imsi, ApiError> {
        imsi(&self.imsi)
    }

    pub(super) fn count(&self) -> Result<u8, ApiError> {
        let count = self.count.unwrap_or(1);
        let form = "a number from 1 to 32";
        let wrong = ApiError::Member {
            member: "count",
            form,
        };
        Some(count).filter(|n| (1..=32).contains(n)).ok_or(wrong)
    }

    pub(super) fn purpose(&self) -> Result<Use, ApiError> {
        let mut of = Use::default();
        if let Some(amf) = &self.amf {
            of = of.with_amf(member(amf, "amf", "4 hexadecimal digits")?);
        }
        if let Some(ind) = self.ind {
            let form = "a number from 0 to 31";
            let member = "ind";
            let ind = Ind::new(ind).or(Err(ApiError::Member { member, form }))?;
            of = of.with_ind(ind);
        }
        Ok(of)
    }
}

impl ResyncRequest {
    pub(super) fn imsi(&self) -> Result<Imsi, ApiError> {
        imsi(&self.imsi)
    }

    pub(super) fn rand(&self) -> Result<Rand, ApiError> {
        member(&self.rand, "rand", "32 hexadecimal digits")
    }

    pub(super) fn auts(&self) -> Result<Auts, ApiError> {
        member(&self.auts, "auts", "28 hexadecimal digits")
    }
}

fn imsi(text: &str) -> Result<Imsi, ApiError> {
    member(text, "imsi", "6 to 15 decimal digits")
}

fn member<T: FromStr>(text: &str, member: &'static str, form: &'static str) -> Result<T, ApiError> {
    let value = text.parse().ok();
    value.ok_or(ApiError::Member { member, form })
}

impl From<Vector> for VectorAnswer {
    fn from(vector: Vector) -> Self {
        Self {
            rand: format!("{:x}", vector.rand.hex()),
            autn: format!("{:x}", vector.autn.hex()),
            xres: format!("{:x}", vector.xres.expose_hex()),
            ck: format!("{:x}", vector.ck.expose_hex()),
            ik: format!("{:x}", vector.ik.expose_hex()),
        }
    }
}

impl From<Resynchronisation> for ResyncAnswer {
    fn from(outcome: Resynchronisation) -> Self {
        let result = match outcome {
            Resynchronisation::Moved => "moved",
            Resynchronisation::Kept => "kept",
            Resynchronisation::OutOfReach | _ => OUT_OF_REACH,
        };
        Self { result }
    }
}

impl ResyncAnswer {
    /// The word for the audit trail and the metrics: a card that cannot be followed is no success.
    pub(super) fn outcome(&self) -> &'static str {
        match self.result {
            OUT_OF_REACH => OUT_OF_REACH,
            _ => SUCCESS,
        }
    }
}

const OUT_OF_REACH: &str = "out_of_reach";
pub(super) const SUCCESS: &str = "success";
