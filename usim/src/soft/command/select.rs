//! SELECT (TS 102 221 §11.1.1, §8.4).

use crate::{
    apdu::StatusWord,
    soft::{
        Quirk,
        chip::{Chip, Outcome, Request, Selection},
        fcp,
        files::{FileId, Kind},
        reply::Reply,
        status,
    },
};

/// What SELECT gives back (P2 bits 4 and 3).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Fcp,
    Nothing,
}

/// Which of several applications that share the front of a name (P2 bits 2 and 1).
#[derive(Clone, Copy)]
enum Occurrence {
    First,
    Last,
    Next,
    Previous,
}

impl Chip {
    pub(in crate::soft) fn select(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        let (p1, p2) = (request.command.p1(), request.command.p2());
        let wanted = self.wanted(p2)?;
        let by_name = p1 == 0x04;
        if p2 & 0x90 != 0 || !by_name && p2 & !0x0c != 0 {
            return Err(status::INCORRECT_P1_P2);
        }
        let data = request.command.data();
        let before = self.selection(request);
        let target = match p1 {
            0x00 => self.by_identifier(before, data)?,
            0x01 => self.child_directory(before, data)?,
            0x03 if data.is_empty() => self.parent(before)?,
            0x03 => return Err(status::WRONG_LENGTH),
            0x04 => self.by_name(before, data, Occurrence::from_p2(p2))?,
            0x08 => self.by_path(before, FileId::MF, data)?,
            0x09 => self.by_path(before, before.directory, data)?,
            _ => return Err(status::INCORRECT_P1_P2),
        };
        let terminates = by_name && p2 & 0x60 == 0x40;
        let target = if terminates { FileId::MF } else { target };
        self.set_selection(request, self.selected(before, target));
        if wanted == Wanted::Fcp && !terminates {
            self.put_fcp(target, reply);
        }
        Ok(())
    }

    /// The selection once `target` is selected (TS 102 221 §8.4.1).
    pub(in crate::soft) fn selected(&self, before: Selection, target: FileId) -> Selection {
        let parent = self
            .files
            .get(target)
            .map_or(FileId::MF, |file| file.parent);
        match self.files.get(target).map(|file| &file.kind) {
            Some(Kind::Elementary(_)) => Selection {
                directory: parent,
                file: Some(target),
                record: 0,
                ..before
            },
            Some(Kind::Application(_)) => Selection {
                directory: target,
                file: None,
                application: Some(target),
                record: 0,
            },
            Some(Kind::Directory) | None => Selection {
                directory: target,
                file: None,
                record: 0,
                ..before
            },
        }
    }

    /// What a file identifier names, seen from the current directory (TS 102 221 §8.4.2).
    pub(in crate::soft) fn visible(&self, from: Selection, fid: u16) -> Option<FileId> {
        let here = from.directory;
        let parent = self.files.get(here)?.parent;
        let is = |id: FileId| self.files.get(id).is_some_and(|file| file.fid == fid);
        match fid {
            0x3f00 => Some(FileId::MF),
            0x7fff => from.application,
            _ if is(here) => Some(here),
            _ => self
                .files
                .child(here, fid)
                .or_else(|| is(parent).then_some(parent))
                .or_else(|| self.directory(parent, fid)),
        }
    }

    fn wanted(&self, p2: u8) -> Result<Wanted, StatusWord> {
        match p2 & 0x0c {
            0x04 => Ok(Wanted::Fcp),
            0x0c => Ok(Wanted::Nothing),
            0x00 if self.quirks.has(Quirk::SelectP2Zero) => Ok(Wanted::Fcp),
            _ => Err(status::INCORRECT_P1_P2),
        }
    }

    fn put_fcp(&self, target: FileId, reply: &mut Reply<'_>) {
        fcp::put(&self.files, &self.pins, target, reply);
        if self.quirks.has(Quirk::LongFcp) {
            fcp::lengthen(reply);
        }
    }

    fn by_identifier(&self, from: Selection, data: &[u8]) -> Result<FileId, StatusWord> {
        match *data {
            [] => Ok(FileId::MF),
            [high, low] => self
                .visible(from, u16::from_be_bytes([high, low]))
                .ok_or(StatusWord::FILE_NOT_FOUND),
            _ => Err(status::WRONG_LENGTH),
        }
    }

    fn child_directory(&self, from: Selection, data: &[u8]) -> Result<FileId, StatusWord> {
        let fid = <[u8; 2]>::try_from(data).ok().ok_or(status::WRONG_LENGTH)?;
        self.directory(from.directory, u16::from_be_bytes(fid))
            .ok_or(StatusWord::FILE_NOT_FOUND)
    }

    fn directory(&self, parent: FileId, fid: u16) -> Option<FileId> {
        let child = self.files.child(parent, fid)?;
        self.files.elementary(child).is_none().then_some(child)
    }

    fn parent(&self, from: Selection) -> Result<FileId, StatusWord> {
        match self.files.get(from.directory) {
            Some(file) if from.directory != FileId::MF => Ok(file.parent),
            _ => Err(StatusWord::FILE_NOT_FOUND),
        }
    }

    /// The application whose name begins with `name` (TS 102 221 §8.5.1).
    fn by_name(
        &self,
        from: Selection,
        name: &[u8],
        occurrence: Occurrence,
    ) -> Result<FileId, StatusWord> {
        if name.len() > 16 {
            return Err(status::WRONG_LENGTH);
        }
        let mut matching = self
            .files
            .applications()
            .filter(|(_, application)| application.aid.starts_with(name))
            .map(|(id, _)| id);
        let is_current = |id: &FileId| Some(*id) == from.application;
        let found = match occurrence {
            Occurrence::First => matching.next(),
            Occurrence::Last => matching.next_back(),
            Occurrence::Next => matching.skip_while(|id| !is_current(id)).nth(1),
            Occurrence::Previous => matching.rev().skip_while(|id| !is_current(id)).nth(1),
        };
        found.ok_or(StatusWord::FILE_NOT_FOUND)
    }

    /// Follows identifiers downwards; the first one may be 7FFF, the current application.
    fn by_path(&self, from: Selection, start: FileId, path: &[u8]) -> Result<FileId, StatusWord> {
        if path.is_empty() || !path.len().is_multiple_of(2) {
            return Err(status::WRONG_LENGTH);
        }
        let mut place = start;
        for (depth, fid) in path.chunks_exact(2).enumerate() {
            let fid = <[u8; 2]>::try_from(fid).map_or(0, u16::from_be_bytes);
            let next = match fid {
                0x7fff if depth == 0 && start == FileId::MF => from.application,
                _ => self.files.child(place, fid),
            };
            place = next.ok_or(StatusWord::FILE_NOT_FOUND)?;
        }
        Ok(place)
    }
}

impl Occurrence {
    const fn from_p2(p2: u8) -> Self {
        match p2 & 0x03 {
            0 => Self::First,
            1 => Self::Last,
            2 => Self::Next,
            _ => Self::Previous,
        }
    }
}
