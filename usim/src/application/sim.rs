//! The 2G SIM: a card of its own, or DF_GSM of a UICC (TS 51.011).

use aka::{Imsi, MncLength, Rand};

use crate::{
    Error, GsmAuthentication, Msisdn, ServiceProvider, apdu::Command,
    authenticate::read_run_gsm_algorithm, file::Fid, session::Session,
};

use super::{authenticate::once, files};

/// A session with a 2G SIM, in class `A0`.
#[derive(Debug)]
pub struct Sim<'c> {
    session: Session<'c>,
}

impl<'c> Sim<'c> {
    pub(crate) const fn new(session: Session<'c>) -> Self {
        Self { session }
    }

    /// The session, for any file, CHV or command.
    pub const fn session(&mut self) -> &mut Session<'c> {
        &mut self.session
    }

    /// The IMSI: EF_IMSI (TS 51.011 §10.3.2).
    ///
    /// # Errors
    /// [`CardError::PinRequired`](crate::CardError::PinRequired),
    /// [`CardError::Malformed`](crate::CardError::Malformed); otherwise as [`Session::read`].
    pub fn imsi(&mut self) -> Result<Imsi, Error> {
        files::imsi(&mut self.session)
    }

    /// How long the MNC is: EF_AD (TS 51.011 §10.3.18); `None` where the card does not tell.
    ///
    /// # Errors
    /// As [`Session::read`].
    pub fn mnc_length(&mut self) -> Result<Option<MncLength>, Error> {
        files::mnc_length(&mut self.session)
    }

    /// The subscriber's numbers: EF_MSISDN below DF_TELECOM (TS 51.011 §10.5.5).
    ///
    /// # Errors
    /// As [`Session::records`].
    pub fn msisdns(&mut self) -> Result<Vec<Msisdn>, Error> {
        files::msisdns(&mut self.session, &[Fid::DF_TELECOM, Fid::EF_MSISDN])
    }

    /// The service provider's name: EF_SPN (TS 51.011 §10.3.11).
    ///
    /// # Errors
    /// As [`Session::read`].
    pub fn service_provider(&mut self) -> Result<Option<ServiceProvider>, Error> {
        files::service_provider(&mut self.session)
    }

    /// Answers a GSM challenge: RUN GSM ALGORITHM (TS 51.011 §8.16); it is sent once.
    ///
    /// # Errors
    /// [`CardError::PinRequired`](crate::CardError::PinRequired) and the like; otherwise as
    /// [`Session::transmit`].
    pub fn run_gsm_algorithm(&mut self, rand: &Rand) -> Result<GsmAuthentication, Error> {
        let command = Command::new(0xa0, 0x88, 0x00, 0x00).with_data(rand.as_bytes())?;
        let command = command.expecting_short(12);
        once(
            &mut self.session,
            &command,
            "RUN GSM ALGORITHM",
            read_run_gsm_algorithm,
        )
    }
}
