//! What relying parties ask for.

use std::net::IpAddr;

use serde::Deserialize;
use strict_jws::base64;

use super::{ErrorCode, Refusal};
use crate::id::UserId;
use crate::order::{Document, MediaType};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the API has these")]
pub enum Call {
    /// To sign in (`/auth`).
    Auth,
    /// To sign (`/sign`).
    Sign,
    /// To show who they are while they are on the telephone (`/phone/auth`).
    PhoneAuth,
    /// To sign while they are on the telephone (`/phone/sign`).
    PhoneSign,
}

/// A request that may be placed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Wanted {
    /// What is asked for.
    pub call: Call,
    /// The user who is asked (`requirement.personalNumber`).
    pub user: Option<UserId>,
    /// What is shown and signed.
    pub document: Option<Document>,
    /// Where the browser goes when all is done (`returnUrl`); the caller checks that it is registered.
    pub return_url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    end_user_ip: Option<String>,
    personal_number: Option<String>,
    call_initiator: Option<Initiator>,
    user_visible_data: Option<String>,
    user_visible_data_format: Option<Format>,
    user_non_visible_data: Option<String>,
    return_url: Option<String>,
    /// What the user's device says of itself: nothing that we ask it for.
    #[serde(default)]
    return_risk: bool,
    #[serde(default)]
    requirement: Requirement,
}

#[derive(Deserialize)]
enum Initiator {
    #[serde(rename = "user")]
    User,
    #[serde(rename = "RP")]
    RelyingParty,
}

#[derive(Clone, Copy, Deserialize)]
enum Format {
    #[serde(rename = "plaintext")]
    Plain,
    #[serde(rename = "simpleMarkdownV1")]
    Markdown,
}

/// Users are always verified, so that `pinCode` asks for nothing more.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Requirement {
    #[serde(default, rename = "pinCode")]
    _pin_code: bool,
    #[serde(default)]
    mrtd: bool,
    personal_number: Option<String>,
}

impl Call {
    const fn is_signature(self) -> bool {
        matches!(self, Self::Sign | Self::PhoneSign)
    }

    /// Whether the user is on the telephone, and no browser of theirs is there.
    pub const fn is_phone(self) -> bool {
        matches!(self, Self::PhoneAuth | Self::PhoneSign)
    }
}

impl Wanted {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// `invalidParameters`
    pub fn read(call: Call, body: &[u8]) -> Result<Self, Refusal> {
        let body: Body = serde_json::from_slice(body)
            .or(Err(invalid("the body is not an object with known members")))?;
        if body.return_risk || body.requirement.mrtd {
            return Err(invalid("risk and mrtd are not to be had"));
        }
        Ok(Self {
            call,
            user: user(call, &body)?,
            document: document(call, &body)?,
            return_url: body.return_url,
        })
    }
}

/// On the telephone a user is always somebody in particular, and elsewhere there is an address.
fn user(call: Call, body: &Body) -> Result<Option<UserId>, Refusal> {
    let number = if call.is_phone() {
        if body.call_initiator.is_none() || body.end_user_ip.is_some() {
            return Err(invalid(
                "callInitiator is user or RP, and there is no endUserIp",
            ));
        }
        let missing = invalid("personalNumber is missing");
        Some(body.personal_number.as_deref().ok_or(missing)?)
    } else {
        if body.call_initiator.is_some() || body.personal_number.is_some() {
            return Err(invalid("personalNumber belongs into requirement"));
        }
        let address = body.end_user_ip.as_deref().map(str::parse::<IpAddr>);
        if !matches!(address, Some(Ok(_))) {
            return Err(invalid("endUserIp is no address"));
        }
        body.requirement.personal_number.as_deref()
    };
    let user = number.map(str::parse).transpose();
    user.or(Err(invalid("personalNumber is no user's")))
}

fn document(call: Call, body: &Body) -> Result<Option<Document>, Refusal> {
    let longest = if call.is_signature() { 40_000 } else { 1_500 };
    let Some(text) = octets(body.user_visible_data.as_deref(), longest)? else {
        return if call.is_signature() {
            Err(invalid("userVisibleData is missing"))
        } else if body.user_non_visible_data.is_some() || body.user_visible_data_format.is_some() {
            Err(invalid("nothing is signed without userVisibleData"))
        } else {
            Ok(None)
        };
    };
    let text = String::from_utf8(text).or(Err(invalid("userVisibleData is not UTF-8")))?;
    let data = octets(body.user_non_visible_data.as_deref(), 200_000)?;
    let media_type = match body.user_visible_data_format {
        Some(Format::Markdown) => MediaType::Markdown,
        Some(Format::Plain) | None => MediaType::Plain,
    };
    let document = Document::new(media_type, text, data);
    document
        .map(Some)
        .or(Err(invalid("userVisibleData cannot be shown")))
}

/// Base64 of at most `longest` symbols.
fn octets(text: Option<&str>, longest: usize) -> Result<Option<Vec<u8>>, Refusal> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if text.len() > longest {
        return Err(invalid("userVisibleData or userNonVisibleData is too long"));
    }
    let octets = base64::decode_padded(text.as_bytes());
    octets.map(Some).or(Err(invalid("the data is not base64")))
}

const fn invalid(details: &'static str) -> Refusal {
    ErrorCode::InvalidParameters.because(details)
}
