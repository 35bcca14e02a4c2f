//! Which applications a card has.

use crate::{
    CardError, Error,
    apdu::Command,
    exchange::MAX_SHORT_RESPONSE,
    fcp::Fcp,
    file::{
        Fid,
        dir::{self, Aid, Application},
    },
    session::{Attached, Session, Target},
};

use super::{Card, Generation};

impl Card {
    /// The applications of the card, in the order of EF_DIR (TS 102 221 §13.1); they are read once.
    ///
    /// Where EF_DIR cannot be read, or lists none, USIM and ISIM are looked for by the beginning
    /// of their AID, and the whole of it is taken from tag `84` of the answer.
    ///
    /// # Errors
    /// As [`open`](Card::open).
    pub fn applications(&mut self) -> Result<&[Application], Error> {
        let applications = match self.applications.take() {
            Some(applications) => applications,
            None => self.find_applications()?,
        };
        Ok(self.applications.insert(applications))
    }

    /// A session with the first application whose AID begins so. When a remembered one is gone,
    /// the card is another one, and is read anew.
    pub(super) fn first(
        &mut self,
        prefix: &[u8],
        what: &'static str,
    ) -> Result<Session<'_>, Error> {
        let remembered = self.applications.is_some();
        let attached = match self.attach_first(prefix, what) {
            Err(Error::Card(CardError::NotFound { .. })) if remembered => {
                self.applications = None;
                self.attach_first(prefix, what)?
            }
            attached => attached?,
        };
        Ok(Session::resume(self, attached))
    }

    fn attach_first(&mut self, prefix: &[u8], what: &'static str) -> Result<Attached, Error> {
        let mut names = self
            .applications()?
            .iter()
            .map(|application| application.aid);
        let aid = names.find(|aid| aid.as_bytes().starts_with(prefix));
        let aid = aid.ok_or(CardError::NotFound { what })?;
        Attached::begin(self, Target::Application(aid))
    }

    fn find_applications(&mut self) -> Result<Vec<Application>, Error> {
        if self.generation == Generation::Gsm {
            return Ok(Vec::new());
        }
        let mut root = self.root()?;
        let records = match root.records(&[Fid::EF_DIR]) {
            Ok(records) => records,
            Err(Error::Card(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        let listed = records.iter().filter_map(|record| dir::decode(record));
        let mut applications: Vec<_> = listed.collect();
        if applications.is_empty() {
            for prefix in [Aid::USIM, Aid::ISIM] {
                applications.extend(select_by_prefix(&mut root, &prefix)?.map(Application::new));
            }
        }
        Ok(applications)
    }
}

/// SELECT by the beginning of a name, which takes the first application that has it
/// (TS 102 221 §11.1.1.2); the whole name stands in tag `84` of the answer.
fn select_by_prefix(root: &mut Session<'_>, prefix: &[u8]) -> Result<Option<Aid>, Error> {
    let select = Command::new(0x00, 0xa4, 0x04, 0x04).with_data(prefix)?;
    let mut buffer = [0; MAX_SHORT_RESPONSE];
    let response = root.transmit(&select.expecting_short(0), &mut buffer)?;
    let Ok(answer) = response.require("SELECT") else {
        return Ok(None);
    };
    let name = Fcp::parse(answer).ok().and_then(|fcp| fcp.aid);
    Ok(Some(Aid::new(name.unwrap_or(prefix))?))
}
