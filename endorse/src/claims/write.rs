//! Claims as JSON.

use strict_jws::UnixTime;
use strict_jws::json::ObjectWriter;

use crate::{Claims, IssuerId, Sim};

/// What the issuer adds.
pub(crate) struct Stamp<'i> {
    pub(crate) issuer: &'i IssuerId,
    pub(crate) token_id: &'i str,
    pub(crate) issued: UnixTime,
    pub(crate) not_before: UnixTime,
    pub(crate) expires: UnixTime,
}

/// The payload of a token, with the SIM under the name `sim`, its members in SORACOM's order.
pub(crate) fn payload(claims: &Claims, stamp: &Stamp<'_>, sim: &str) -> String {
    let mut object = ObjectWriter::new();
    object
        .string("iss", stamp.issuer.as_str())
        .string("aud", claims.audience.as_str())
        .integer("exp", stamp.expires.seconds())
        .string("jti", stamp.token_id)
        .integer("iat", stamp.issued.seconds())
        .integer("nbf", stamp.not_before.seconds())
        .string("sub", claims.subject.as_str());
    write_options(claims, &mut object);
    object.object(sim, |object| write_sim(&claims.sim, object));
    object.finish()
}

fn write_options(claims: &Claims, object: &mut ObjectWriter) {
    if let Some(nonce) = &claims.nonce {
        object.string("nonce", nonce);
    }
    if let Some(auth_time) = claims.auth_time {
        object.integer("auth_time", auth_time.seconds());
    }
    if let Some(acr) = &claims.acr {
        object.string("acr", acr);
    }
    if !claims.amr.is_empty() {
        object.strings("amr", claims.amr.iter().map(String::as_str));
    }
    if let Some(key) = claims.key {
        object.object("cnf", |cnf| {
            cnf.string("jkt", &key.to_string());
        });
    }
    if let Some(status) = &claims.status {
        object.object("status", |object| {
            object.object("status_list", |list| {
                list.integer("idx", status.index).string("uri", &status.uri);
            });
        });
    }
}

fn write_sim(sim: &Sim, object: &mut ObjectWriter) {
    let identities = [
        ("imsi", sim.imsi.as_ref().map(crate::Imsi::as_str)),
        ("imei", sim.imei.as_ref().map(crate::Imei::as_str)),
        ("msisdn", sim.msisdn.as_ref().map(crate::Msisdn::as_str)),
        ("simId", sim.id.as_ref().map(crate::SimId::as_str)),
        ("method", sim.method.map(crate::Method::name)),
    ];
    for (name, value) in identities {
        if let Some(value) = value {
            object.string(name, value);
        }
    }
    if !sim.request_parameters.is_empty() {
        object.object("requestParameters", |parameters| {
            for (name, value) in sim.request_parameters.iter() {
                parameters.string(name, value);
            }
        });
    }
}
