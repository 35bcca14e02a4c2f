//! What a modem answers.

use std::{fmt, str};

use zeroize::Zeroizing;

use crate::transport::{TransportError, TransportErrorKind};

/// An answer is not what TS 27.007 says it is; it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidReply {
    /// `OK` came without the line that carries the answer.
    #[error("the answer is missing")]
    Missing,
    /// The line cannot be read.
    #[error("the answer cannot be read")]
    Malformed,
    /// The caller's buffer is smaller than the answer.
    #[error("the buffer is too small for the answer")]
    BufferTooSmall,
}

impl From<InvalidReply> for TransportError {
    fn from(invalid: InvalidReply) -> Self {
        let kind = match invalid {
            InvalidReply::Missing | InvalidReply::Malformed => TransportErrorKind::Protocol,
            InvalidReply::BufferTooSmall => TransportErrorKind::BufferTooSmall,
        };
        Self::new(kind, invalid)
    }
}

/// What came before `OK`. `Debug` shows nothing of it.
pub struct Reply(Option<Zeroizing<Vec<u8>>>);

impl Reply {
    pub(super) fn new(line: Option<Zeroizing<Vec<u8>>>) -> Self {
        Self(line)
    }

    /// The card's answer to [`Request::csim`](super::Request::csim) or
    /// [`cgla`](super::Request::cgla), data and status word; returns how many octets it has.
    ///
    /// The length that the modem writes before it is not looked at: some count octets, some
    /// miscount.
    ///
    /// # Errors
    /// [`InvalidReply`]
    pub fn apdu(&self, answer: &mut [u8]) -> Result<usize, InvalidReply> {
        let text = self.text()?;
        let digits = match text.split_once(',') {
            Some((_length, digits)) => digits,
            None => text,
        };
        let size = decode(digits, answer)?;
        if size < 2 {
            return Err(InvalidReply::Malformed);
        }
        Ok(size)
    }

    /// The card's answer to [`Request::crsm`](super::Request::crsm), data and then the status
    /// word, which the modem writes before it and in decimal; returns how many octets it has.
    ///
    /// # Errors
    /// [`InvalidReply`]
    pub fn restricted(&self, answer: &mut [u8]) -> Result<usize, InvalidReply> {
        let mut fields = self.text()?.splitn(3, ',').map(str::trim);
        let mut octet = || {
            let field = fields.next().ok_or(InvalidReply::Malformed)?;
            field
                .parse::<u8>()
                .map_err(|_no_octet| InvalidReply::Malformed)
        };
        let status = [octet()?, octet()?];
        let size = decode(fields.next().unwrap_or_default(), answer)?;
        let place = answer
            .get_mut(size..)
            .and_then(|rest| rest.first_chunk_mut());
        *place.ok_or(InvalidReply::BufferTooSmall)? = status;
        Ok(size.saturating_add(2))
    }

    /// The session number that [`Request::ccho`](super::Request::ccho) opened.
    ///
    /// # Errors
    /// [`InvalidReply`]
    pub fn session(&self) -> Result<u32, InvalidReply> {
        let number = self.digits()?;
        number.parse().map_err(|_no_number| InvalidReply::Malformed)
    }

    /// The digits that [`Request::imei`](super::Request::imei) is answered with.
    ///
    /// # Errors
    /// [`InvalidReply`]
    pub fn digits(&self) -> Result<&str, InvalidReply> {
        let text = self.text()?.trim_matches('"');
        let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
        digits.then_some(text).ok_or(InvalidReply::Malformed)
    }

    fn text(&self) -> Result<&str, InvalidReply> {
        let line = self.0.as_ref().ok_or(InvalidReply::Missing)?;
        let text = str::from_utf8(line).map_err(|_no_text| InvalidReply::Malformed)?;
        Ok(text.trim())
    }
}

/// Decodes digits of either case, in quotes or not, into the front of `octets`.
fn decode(digits: &str, octets: &mut [u8]) -> Result<usize, InvalidReply> {
    let digits = digits.trim().trim_matches('"');
    let size = digits.len() / 2;
    let front = octets.get_mut(..size).ok_or(InvalidReply::BufferTooSmall)?;
    hex::decode_to_slice(digits, front).map_err(|_no_hex| InvalidReply::Malformed)?;
    Ok(size)
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(_) => "Reply([redacted])",
            None => "Reply(OK)",
        })
    }
}
