//! SELECT within a session, by a path of file identifiers.

use crate::{
    CardError, Error,
    apdu::{Command, StatusWord},
    exchange::MAX_SHORT_RESPONSE,
    fcp::{Fcp, FileKind, GsmFile},
    file::Fid,
};

use super::{Session, Target};

/// What is known of a selected file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileInfo {
    /// Its structure; `None` when the card does not tell in a form of the standard.
    pub kind: Option<FileKind>,
    /// Octets of its body, where the card tells.
    pub size: Option<u32>,
}

impl Session<'_> {
    /// Selects a file by its path from the session's application, or from the MF.
    ///
    /// # Errors
    /// [`CardError::NotFound`]; otherwise as [`transmit`](Session::transmit).
    pub fn select(&mut self, path: &[Fid]) -> Result<FileInfo, Error> {
        self.repeatable(|session| session.select_path(path))
    }

    pub(super) fn select_path(&mut self, path: &[Fid]) -> Result<FileInfo, Error> {
        if !self.attached.at_root {
            self.select_root()?;
        }
        let mut info = FileInfo {
            kind: None,
            size: None,
        };
        for fid in path {
            self.attached.at_root = false;
            info = self.select_child(*fid)?;
        }
        // an elementary file leaves its directory selected
        let directory = matches!(info.kind, None | Some(FileKind::Dedicated));
        self.attached.at_root = path.is_empty() || path.len() == 1 && !directory;
        Ok(info)
    }

    fn select_root(&mut self) -> Result<(), Error> {
        let fids = match self.attached.target {
            Target::Mf | Target::GsmRoot => [Fid::MF].as_slice(),
            Target::Application(_) => [Fid::CURRENT_ADF].as_slice(),
            Target::Gsm => [Fid::MF, Fid::DF_GSM].as_slice(),
        };
        for fid in fids {
            self.select_child(*fid)?;
        }
        self.attached.at_root = true;
        Ok(())
    }

    fn select_child(&mut self, fid: Fid) -> Result<FileInfo, Error> {
        let name = fid.to_bytes();
        let gsm = self.is_gsm();
        let p2 = if gsm { 0x00 } else { 0x04 };
        let select = Command::new(self.attached.target.class(), 0xa4, 0x00, p2).with_data(&name)?;
        let mut buffer = [0; MAX_SHORT_RESPONSE];
        let response = self.transmit(&select.expecting_short(0), &mut buffer)?;
        selected(fid.name(), response.status())?;
        Ok(if gsm {
            FileInfo::of_gsm(response.data())
        } else {
            FileInfo::of_fcp(response.data())
        })
    }
}

impl FileInfo {
    /// A card whose FCP cannot be read may still let the file be read.
    fn of_fcp(answer: &[u8]) -> Self {
        let fcp = Fcp::parse(answer).ok();
        Self {
            kind: fcp.map(|fcp| fcp.kind),
            size: fcp.and_then(|fcp| fcp.size),
        }
    }

    fn of_gsm(answer: &[u8]) -> Self {
        let file = GsmFile::parse(answer).ok();
        Self {
            kind: file.map(|file| file.kind),
            size: file.map(|file| u32::from(file.size)),
        }
    }
}

/// A warning, such as `6283` for a file that is deactivated, leaves the file selected.
pub(crate) const fn selected(what: &'static str, status: StatusWord) -> Result<(), CardError> {
    if status.is_success() || status.sw1() == 0x62 {
        Ok(())
    } else {
        Err(CardError::from_status(what, status))
    }
}
