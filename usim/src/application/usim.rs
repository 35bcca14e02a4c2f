//! The USIM, for mobile networks and EAP-AKA (TS 31.102).

use aka::{Autn, Imsi, MncLength, Rand};

use crate::{
    Authentication, CardError, Error, GbaBootstrapping, GsmAuthentication, KsExtNaf, Msisdn,
    ServiceProvider, ServiceTable,
    apdu::Command,
    authenticate::{
        gba_challenge, gsm_challenge, naf_request, read_gba, read_gsm, read_naf, read_umts,
        umts_challenge,
    },
    file::Fid,
    session::Session,
    tlv::{self, Tag},
};

use super::{
    authenticate::{Context, authenticate, once},
    files,
};

/// A session with a USIM.
#[derive(Debug)]
pub struct Usim<'c> {
    session: Session<'c>,
}

impl<'c> Usim<'c> {
    pub(crate) const fn new(session: Session<'c>) -> Self {
        Self { session }
    }

    /// The session, for any file, PIN or command.
    pub const fn session(&mut self) -> &mut Session<'c> {
        &mut self.session
    }

    /// The IMSI: EF_IMSI (TS 31.102 §4.2.2).
    ///
    /// # Errors
    /// [`CardError::PinRequired`]; [`CardError::Malformed`] for a card without a subscription.
    pub fn imsi(&mut self) -> Result<Imsi, Error> {
        files::imsi(&mut self.session)
    }

    /// How long the MNC is: EF_AD (TS 31.102 §4.2.18); `None` where the card does not tell, see
    /// [`assumed_mnc_length`](crate::assumed_mnc_length).
    ///
    /// # Errors
    /// As [`Session::read`].
    pub fn mnc_length(&mut self) -> Result<Option<MncLength>, Error> {
        files::mnc_length(&mut self.session)
    }

    /// The subscriber's numbers: EF_MSISDN (TS 31.102 §4.2.26); often there is none.
    ///
    /// # Errors
    /// As [`Session::records`].
    pub fn msisdns(&mut self) -> Result<Vec<Msisdn>, Error> {
        files::msisdns(&mut self.session, &[Fid::EF_MSISDN])
    }

    /// The service provider's name: EF_SPN (TS 31.102 §4.2.12).
    ///
    /// # Errors
    /// As [`Session::read`].
    pub fn service_provider(&mut self) -> Result<Option<ServiceProvider>, Error> {
        files::service_provider(&mut self.session)
    }

    /// What the USIM can do: EF_UST (TS 31.102 §4.2.8).
    ///
    /// # Errors
    /// As [`Session::read`].
    pub fn services(&mut self) -> Result<ServiceTable, Error> {
        Ok(ServiceTable::new(self.session.read(&[Fid::EF_UST])?))
    }

    /// Answers a UMTS challenge (TS 31.102 §7.1.2.1); it is sent once, whatever happens.
    ///
    /// # Errors
    /// [`CardError::MacFailure`], [`CardError::PinRequired`], [`CardError::Malformed`]; otherwise
    /// as [`Session::transmit`].
    pub fn authenticate(&mut self, rand: &Rand, autn: &Autn) -> Result<Authentication, Error> {
        let data = umts_challenge(rand, autn);
        authenticate(&mut self.session, Context::Umts, &data, read_umts)
    }

    /// Answers a GSM challenge (TS 31.102 §7.1.2.2).
    ///
    /// # Errors
    /// [`CardError::ContextNotSupported`] when the USIM does not do GSM; otherwise as
    /// [`authenticate`](Usim::authenticate).
    pub fn authenticate_gsm(&mut self, rand: &Rand) -> Result<GsmAuthentication, Error> {
        let data = gsm_challenge(rand);
        authenticate(&mut self.session, Context::Gsm, &data, read_gsm)
    }

    /// Bootstraps GBA on the card (TS 31.102 §7.1.2.3).
    ///
    /// # Errors
    /// As [`authenticate_gsm`](Usim::authenticate_gsm).
    pub fn gba_bootstrap(&mut self, rand: &Rand, autn: &Autn) -> Result<GbaBootstrapping, Error> {
        let data = gba_challenge(rand, autn);
        authenticate(&mut self.session, Context::Gba, &data, read_gba)
    }

    /// Derives Ks_ext_NAF from the Ks that the last bootstrapping left on the card
    /// (TS 31.102 §7.1.2.4).
    ///
    /// # Errors
    /// [`CardError::Status`] with `6985` before any bootstrapping; otherwise as
    /// [`authenticate_gsm`](Usim::authenticate_gsm).
    pub fn gba_naf(&mut self, naf_id: &[u8], impi: &str) -> Result<KsExtNaf, Error> {
        let data = naf_request(naf_id, impi.as_bytes())?;
        authenticate(&mut self.session, Context::Gba, &data, read_naf)
    }

    /// GET IDENTITY: the SUCI, computed on the card (TS 31.102 §7.5).
    ///
    /// # Errors
    /// [`CardError::Status`] or [`CardError::ContextNotSupported`] when the card does not compute
    /// it; otherwise as [`Session::transmit`].
    pub fn suci(&mut self) -> Result<Vec<u8>, Error> {
        let command = Command::new(0x80, 0x78, 0x00, 0x01).expecting_short(0);
        once(&mut self.session, &command, "GET IDENTITY", |answer| {
            let suci = tlv::find(answer, SUCI).ok().flatten();
            let malformed = CardError::Malformed {
                what: "answer to GET IDENTITY",
            };
            Ok(suci.ok_or(malformed)?.to_vec())
        })
    }
}

/// The SUCI TLV data object (TS 31.102 §7.5.2).
const SUCI: Tag = Tag::new(0xa1);
