//! What PC/SC's errors mean.

use crate::transport::{TransportError, TransportErrorKind};

impl From<pcsc::Error> for TransportError {
    fn from(error: pcsc::Error) -> Self {
        Self::new(kind(error), error)
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "four dozen more, of which most concern Windows"
)]
fn kind(error: pcsc::Error) -> TransportErrorKind {
    use TransportErrorKind as Kind;
    use pcsc::Error;
    match error {
        Error::NoSmartcard => Kind::NoCard,
        Error::RemovedCard | Error::UnpoweredCard => Kind::CardRemoved,
        Error::ResetCard => Kind::CardReset,
        Error::SharingViolation => Kind::Busy,
        Error::Timeout | Error::Cancelled => Kind::Timeout,
        Error::InsufficientBuffer => Kind::BufferTooSmall,
        Error::ProtoMismatch | Error::UnsupportedFeature | Error::CardUnsupported => {
            Kind::Unsupported
        }
        // A handle becomes invalid when the daemon that gave it has gone.
        Error::InvalidHandle
        | Error::NoReadersAvailable
        | Error::NoService
        | Error::ReaderUnavailable
        | Error::ServiceStopped
        | Error::Shutdown
        | Error::UnknownReader => Kind::Unavailable,
        _ => Kind::Io,
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn the_kind_says_what_to_do_and_the_cause_is_kept() {
        use TransportErrorKind as Kind;
        for (error, expected) in [
            (pcsc::Error::NoSmartcard, Kind::NoCard),
            (pcsc::Error::RemovedCard, Kind::CardRemoved),
            (pcsc::Error::ResetCard, Kind::CardReset),
            (pcsc::Error::SharingViolation, Kind::Busy),
            (pcsc::Error::Timeout, Kind::Timeout),
            (pcsc::Error::InsufficientBuffer, Kind::BufferTooSmall),
            (pcsc::Error::ProtoMismatch, Kind::Unsupported),
            (pcsc::Error::InvalidHandle, Kind::Unavailable),
            (pcsc::Error::NoService, Kind::Unavailable),
            (pcsc::Error::UnknownReader, Kind::Unavailable),
            (pcsc::Error::CommError, Kind::Io),
        ] {
            let converted = TransportError::from(error);
            assert_eq!(converted.kind(), expected);
            let source = converted.source().and_then(|source| source.downcast_ref());
            assert_eq!(source, Some(&error));
        }
    }
}
