//! A card as the subscriber that an embedding program asks.

use aka::{Autn, Imsi, MncLength, Rand};

use crate::{
    ApplicationKind, Authentication, CardError, Error, GbaBootstrapping, GsmAuthentication,
    Identity, ImsIdentity, KsExtNaf, Subscriber, assumed_mnc_length, derive_ims_identity,
};

use super::{Card, Generation};

/// Each call is a session of its own. A 2G SIM says who it is and answers GSM challenges.
impl Subscriber for Card {
    fn identity(&mut self) -> Result<Identity, Error> {
        let (imsi, mnc_length) = self.home()?;
        Ok(Identity::new(imsi, mnc_length))
    }

    fn authenticate(
        &mut self,
        application: ApplicationKind,
        rand: &Rand,
        autn: &Autn,
    ) -> Result<Authentication, Error> {
        if application == ApplicationKind::Isim {
            match self.isim() {
                Ok(mut isim) => return isim.authenticate(rand, autn),
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(error),
            }
        }
        self.usim()?.authenticate(rand, autn)
    }

    fn authenticate_gsm(&mut self, rand: &Rand) -> Result<GsmAuthentication, Error> {
        match self.generation {
            Generation::Uicc => self.usim()?.authenticate_gsm(rand),
            Generation::Gsm => self.sim()?.run_gsm_algorithm(rand),
        }
    }

    fn ims_identity(&mut self) -> Result<ImsIdentity, Error> {
        if let Some(written) = self.written_ims_identity()? {
            return Ok(written);
        }
        let (imsi, mnc_length) = self.home()?;
        let mnc_length = mnc_length.unwrap_or_else(|| assumed_mnc_length(&imsi));
        Ok(derive_ims_identity(&imsi, mnc_length))
    }

    fn gba_bootstrap(&mut self, rand: &Rand, autn: &Autn) -> Result<GbaBootstrapping, Error> {
        self.usim()?.gba_bootstrap(rand, autn)
    }

    fn gba_naf(&mut self, naf_id: &[u8], impi: &str) -> Result<KsExtNaf, Error> {
        self.usim()?.gba_naf(naf_id, impi)
    }
}

impl Card {
    fn home(&mut self) -> Result<(Imsi, Option<MncLength>), Error> {
        match self.generation {
            Generation::Uicc => {
                let mut usim = self.usim()?;
                Ok((usim.imsi()?, usim.mnc_length()?))
            }
            Generation::Gsm => {
                let mut sim = self.sim()?;
                Ok((sim.imsi()?, sim.mnc_length()?))
            }
        }
    }

    /// `None` without an ISIM, or with one in which nothing is written.
    fn written_ims_identity(&mut self) -> Result<Option<ImsIdentity>, Error> {
        let mut isim = match self.isim() {
            Ok(isim) => isim,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let (Some(impi), Some(domain)) = (isim.impi()?, isim.domain()?) else {
            return Ok(None);
        };
        Ok(Some(ImsIdentity::new(impi, domain, isim.impu()?)))
    }
}

const fn is_absent(error: &Error) -> bool {
    matches!(error, Error::Card(CardError::NotFound { .. }))
}

#[cfg(feature = "tokio")]
impl crate::worker::Session for Card {
    fn check(&mut self) -> Result<(), crate::transport::TransportError> {
        self.transport.check()
    }
}
