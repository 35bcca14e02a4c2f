//! Files that the applications have in common.

use aka::{Imsi, MncLength};

use crate::{
    CardError, Error, Msisdn, ServiceProvider,
    file::{Fid, ad, imsi, msisdn, spn},
    session::Session,
};

pub(super) fn imsi(session: &mut Session<'_>) -> Result<Imsi, Error> {
    let file = session.read(&[Fid::EF_IMSI])?;
    Ok(imsi::decode(&file)?)
}

/// A card may be without the file, or keep it to itself.
pub(super) fn mnc_length(session: &mut Session<'_>) -> Result<Option<MncLength>, Error> {
    let file = optional(session.read(&[Fid::EF_AD]))?;
    Ok(file.and_then(|file| ad::mnc_length(&file)))
}

pub(super) fn msisdns(session: &mut Session<'_>, path: &[Fid]) -> Result<Vec<Msisdn>, Error> {
    let records = optional(session.records(path))?.unwrap_or_default();
    let numbers = records.iter().map(|record| msisdn::decode(record));
    Ok(numbers
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?)
}

pub(super) fn service_provider(
    session: &mut Session<'_>,
) -> Result<Option<ServiceProvider>, Error> {
    let file = optional(session.read(&[Fid::EF_SPN]))?;
    Ok(file.and_then(|file| spn::decode(&file)))
}

/// `None` for a file that the card does not have.
pub(super) fn optional<T>(read: Result<T, Error>) -> Result<Option<T>, Error> {
    match read {
        Ok(file) => Ok(Some(file)),
        Err(Error::Card(CardError::NotFound { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}
