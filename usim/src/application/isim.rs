//! The ISIM, for IMS (TS 31.103).

use aka::{Autn, Rand};

use crate::{
    Authentication, CardError, Error, GbaBootstrapping, KsExtNaf, ServiceTable,
    authenticate::{gba_challenge, naf_request, read_gba, read_naf, read_umts, umts_challenge},
    file::Fid,
    session::Session,
    tlv::{self, Tag},
};

use super::{
    authenticate::{Context, authenticate},
    files::optional,
};

/// A session with an ISIM.
#[derive(Debug)]
pub struct Isim<'c> {
    session: Session<'c>,
}

impl<'c> Isim<'c> {
    pub(crate) const fn new(session: Session<'c>) -> Self {
        Self { session }
    }

    /// The session, for any file, PIN or command.
    pub const fn session(&mut self) -> &mut Session<'c> {
        &mut self.session
    }

    /// The private user identity: EF_IMPI (TS 31.103 §4.2.2); `None` where nothing is written.
    ///
    /// # Errors
    /// [`CardError::PinRequired`], [`CardError::Malformed`]; otherwise as [`Session::read`].
    pub fn impi(&mut self) -> Result<Option<String>, Error> {
        let file = self.session.read(&[Fid::EF_IMPI])?;
        Ok(text(&file, "EF_IMPI")?)
    }

    /// The home network domain: EF_DOMAIN (TS 31.103 §4.2.3); `None` where nothing is written.
    ///
    /// # Errors
    /// As [`impi`](Isim::impi).
    pub fn domain(&mut self) -> Result<Option<String>, Error> {
        let file = self.session.read(&[Fid::EF_DOMAIN])?;
        Ok(text(&file, "EF_DOMAIN")?)
    }

    /// The public user identities: EF_IMPU (TS 31.103 §4.2.4), without empty records.
    ///
    /// # Errors
    /// As [`impi`](Isim::impi).
    pub fn impu(&mut self) -> Result<Vec<String>, Error> {
        let records = self.session.records(&[Fid::EF_IMPU])?;
        let texts = records.iter().map(|record| text(record, "EF_IMPU"));
        Ok(texts
            .filter_map(Result::transpose)
            .collect::<Result<_, _>>()?)
    }

    /// What the ISIM can do: EF_IST (TS 31.103 §4.2.7); `None` where there is no such file.
    ///
    /// # Errors
    /// As [`Session::read`].
    pub fn services(&mut self) -> Result<Option<ServiceTable>, Error> {
        let file = optional(self.session.read(&[Fid::EF_IST]))?;
        Ok(file.map(ServiceTable::new))
    }

    /// Answers an IMS challenge (TS 31.103 §7.1.2.1); it is sent once, whatever happens.
    ///
    /// # Errors
    /// As [`Usim::authenticate`](crate::Usim::authenticate).
    pub fn authenticate(&mut self, rand: &Rand, autn: &Autn) -> Result<Authentication, Error> {
        let data = umts_challenge(rand, autn);
        authenticate(&mut self.session, Context::Umts, &data, read_umts)
    }

    /// Bootstraps GBA on the card (TS 31.103 §7.1.2.3).
    ///
    /// # Errors
    /// As [`Usim::gba_bootstrap`](crate::Usim::gba_bootstrap).
    pub fn gba_bootstrap(&mut self, rand: &Rand, autn: &Autn) -> Result<GbaBootstrapping, Error> {
        let data = gba_challenge(rand, autn);
        authenticate(&mut self.session, Context::Gba, &data, read_gba)
    }

    /// Derives Ks_ext_NAF (TS 31.103 §7.1.2.4).
    ///
    /// # Errors
    /// As [`Usim::gba_naf`](crate::Usim::gba_naf).
    pub fn gba_naf(&mut self, naf_id: &[u8], impi: &str) -> Result<KsExtNaf, Error> {
        let data = naf_request(naf_id, impi.as_bytes())?;
        authenticate(&mut self.session, Context::Gba, &data, read_naf)
    }
}

/// A text in tag `80`, UTF-8; `None` for a file that is blank.
fn text(file: &[u8], what: &'static str) -> Result<Option<String>, CardError> {
    let malformed = CardError::Malformed { what };
    let Ok(value) = tlv::find(file, TEXT) else {
        return Err(malformed);
    };
    let value = value.filter(|value| !value.is_empty());
    match value.map(std::str::from_utf8).transpose() {
        Ok(text) => Ok(text.map(str::to_owned)),
        Err(_) => Err(malformed),
    }
}

const TEXT: Tag = Tag::new(0x80);
