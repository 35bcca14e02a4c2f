//! The packet around the attributes (RFC 3748 §4, RFC 4187 §8.1).

use core::fmt;

use super::Attributes;

/// Octets are not a packet of these methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// There are fewer octets than the header or its Length field says.
    #[error("the packet is cut short")]
    Short,
    /// The Code is none of RFC 3748 §4.
    #[error("EAP has no code {0}")]
    Code(u8),
    /// The packet has a Type that is none of EAP-SIM, EAP-AKA, EAP-AKA'.
    #[error("EAP type {0} is not of this family")]
    Method(u8),
    /// The packet is a Success or a Failure, which carry nothing.
    #[error("the packet is neither a request nor a response")]
    Bare,
    /// The Subtype is none of RFC 4187 §11.
    #[error("there is no subtype {0}")]
    Subtype(u8),
    /// An attribute has length zero or reaches past the packet's end.
    #[error("attribute {0} does not fit in the packet")]
    Truncated(u8),
    /// An attribute is shorter or longer than its kind allows, or its value cannot be.
    #[error("attribute {0} has a value that it cannot have")]
    Attribute(u8),
    /// An attribute that stands once stands twice.
    #[error("attribute {0} is repeated")]
    Repeated(u8),
    /// An attribute below 128 is not known and may not be skipped (RFC 4187 §8.1).
    #[error("attribute {0} is not known and may not be skipped")]
    Unknown(u8),
}

/// What a packet is (RFC 3748 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 3748 §4 closes the set")]
pub enum Code {
    /// From the server.
    Request = 1,
    /// From the peer.
    Response = 2,
    /// The server lets the peer in.
    Success = 3,
    /// The server does not.
    Failure = 4,
}

/// The method, as EAP's Type field names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// EAP-SIM (RFC 4186).
    Sim = 18,
    /// EAP-AKA (RFC 4187).
    Aka = 23,
    /// EAP-AKA' (RFC 9048).
    AkaPrime = 50,
}

/// What a packet of these methods is for (RFC 4186 §11, RFC 4187 §11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Subtype {
    /// The challenge and its answer.
    Challenge,
    /// The peer does not believe AUTN.
    AuthenticationReject,
    /// The card's SQN is ahead.
    SynchronizationFailure,
    /// Who the peer is (AKA, AKA').
    Identity,
    /// Versions, and who the peer is (SIM).
    Start,
    /// Success or failure, protected after a challenge.
    Notification,
    /// Fast re-authentication.
    Reauthentication,
    /// The peer cannot go on.
    ClientError,
}

impl Code {
    /// The octet of the Code field.
    pub const fn number(self) -> u8 {
        match self {
            Self::Request => 1,
            Self::Response => 2,
            Self::Success => 3,
            Self::Failure => 4,
        }
    }

    const fn of(octet: u8) -> Result<Self, Malformed> {
        match octet {
            1 => Ok(Self::Request),
            2 => Ok(Self::Response),
            3 => Ok(Self::Success),
            4 => Ok(Self::Failure),
            _ => Err(Malformed::Code(octet)),
        }
    }
}

impl Method {
    /// The octet of the Type field.
    pub const fn number(self) -> u8 {
        match self {
            Self::Sim => 18,
            Self::Aka => 23,
            Self::AkaPrime => 50,
        }
    }

    const fn of(octet: u8) -> Result<Self, Malformed> {
        match octet {
            18 => Ok(Self::Sim),
            23 => Ok(Self::Aka),
            50 => Ok(Self::AkaPrime),
            _ => Err(Malformed::Method(octet)),
        }
    }
}

impl Subtype {
    /// The octet of the Subtype field, which for challenges depends on the method.
    pub const fn number(self, method: Method) -> u8 {
        match self {
            Self::Challenge if matches!(method, Method::Sim) => GSM_CHALLENGE,
            Self::Challenge => 1,
            Self::AuthenticationReject => 2,
            Self::SynchronizationFailure => 4,
            Self::Identity => 5,
            Self::Start => 10,
            Self::Notification => 12,
            Self::Reauthentication => 13,
            Self::ClientError => 14,
        }
    }

    const fn of(octet: u8, method: Method) -> Result<Self, Malformed> {
        match octet {
            GSM_CHALLENGE if matches!(method, Method::Sim) => Ok(Self::Challenge),
            1 if !matches!(method, Method::Sim) => Ok(Self::Challenge),
            2 => Ok(Self::AuthenticationReject),
            4 => Ok(Self::SynchronizationFailure),
            5 => Ok(Self::Identity),
            10 => Ok(Self::Start),
            12 => Ok(Self::Notification),
            13 => Ok(Self::Reauthentication),
            14 => Ok(Self::ClientError),
            _ => Err(Malformed::Subtype(octet)),
        }
    }
}

/// EAP-SIM's challenge (RFC 4186 §11).
const GSM_CHALLENGE: u8 = 11;

/// What every EAP packet begins with: enough to answer one that cannot be read further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// What the packet is.
    pub code: Code,
    /// What pairs a response with its request.
    pub identifier: u8,
    /// Octets of the packet, header included.
    pub length: usize,
}

impl Header {
    /// Reads Code, Identifier and Length; octets past Length are the link's padding (RFC 3748 §4.1).
    ///
    /// # Errors
    /// [`Malformed::Short`] and [`Malformed::Code`].
    pub fn parse(octets: &[u8]) -> Result<Self, Malformed> {
        let ([code, identifier, high, low], _) =
            octets.split_first_chunk().ok_or(Malformed::Short)?;
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if length < 4 || length > octets.len() {
            return Err(Malformed::Short);
        }
        Ok(Self {
            code: Code::of(*code)?,
            identifier: *identifier,
            length,
        })
    }
}

/// A request or response whose attributes are all well formed.
#[derive(Clone, Copy)]
pub struct Packet<'a> {
    octets: &'a [u8],
    identifier: u8,
    code: Code,
    method: Method,
    subtype: Subtype,
    attributes: Attributes<'a>,
}

impl<'a> Packet<'a> {
    /// Where the attributes begin.
    pub(super) const HEADER: usize = 8;

    /// Reads a packet; nothing is copied.
    ///
    /// # Errors
    /// [`Malformed`] says what is wrong; of several faults, the first.
    pub fn parse(octets: &'a [u8]) -> Result<Self, Malformed> {
        let header = Header::parse(octets)?;
        if matches!(header.code, Code::Success | Code::Failure) {
            return Err(Malformed::Bare);
        }
        let octets = octets.get(..header.length).ok_or(Malformed::Short)?;
        let body = octets.get(4..).ok_or(Malformed::Short)?;
        let (method, _) = body.split_first().ok_or(Malformed::Short)?;
        let method = Method::of(*method)?;
        let ([_, subtype, _, _], attributes) = body.split_first_chunk().ok_or(Malformed::Short)?;
        Ok(Self {
            octets,
            identifier: header.identifier,
            code: header.code,
            method,
            subtype: Subtype::of(*subtype, method)?,
            attributes: Attributes::parse(attributes)?,
        })
    }

    /// Request or response.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// What pairs a response with its request.
    pub const fn identifier(&self) -> u8 {
        self.identifier
    }

    /// The method.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// What it is for.
    pub const fn subtype(&self) -> Subtype {
        self.subtype
    }

    /// What it carries.
    pub const fn attributes(&self) -> Attributes<'a> {
        self.attributes
    }

    /// The whole packet, without the link's padding.
    pub const fn octets(&self) -> &'a [u8] {
        self.octets
    }
}

impl fmt::Debug for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packet")
            .field("code", &self.code)
            .field("identifier", &self.identifier)
            .field("method", &self.method)
            .field("subtype", &self.subtype)
            .field("attributes", &self.attributes)
            .finish()
    }
}
