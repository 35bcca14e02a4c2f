//! READ BINARY and UPDATE BINARY (TS 102 221 §11.1.3, §11.1.4).

use crate::{
    apdu::StatusWord,
    soft::{
        Quirk,
        chip::{Book, Chip, Outcome, Request, Selection},
        files::{Elementary, FileId, Structure},
        pin::Condition,
        reply::Reply,
        status,
    },
};

impl Chip {
    pub(in crate::soft) fn read_binary(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        let (file, offset) = self.transparent(request)?;
        self.require(file.rule.read())?;
        let octets = self.files.octets(file).get(offset..).unwrap_or_default();
        if octets.is_empty() {
            return Err(status::WRONG_P1_P2);
        }
        let size = self.up_to(request, octets.len())?;
        reply.put(self.files.octets(file).get(offset..).unwrap_or_default());
        reply.truncate(size);
        Ok(())
    }

    pub(in crate::soft) fn update_binary(&mut self, request: &Request<'_>) -> Outcome {
        let (file, offset) = self.transparent(request)?;
        self.require(file.rule.update())?;
        let data = request.command.data();
        let end = offset.saturating_add(data.len());
        if data.is_empty() {
            return Err(status::WRONG_LENGTH);
        }
        if self.files.octets(file).len() < end {
            return Err(status::WRONG_P1_P2);
        }
        if let Some(place) = self.files.octets_mut(file).get_mut(offset..end) {
            place.copy_from_slice(data);
        }
        self.changed = true;
        Ok(())
    }

    /// Whether the security status satisfies `condition`.
    pub(in crate::soft) fn require(&self, condition: Condition) -> Outcome {
        if self.pins.allow(condition) {
            Ok(())
        } else {
            Err(StatusWord::SECURITY_NOT_SATISFIED)
        }
    }

    /// The current file, or the one that a short identifier names, which becomes the current one.
    pub(in crate::soft) fn current(
        &mut self,
        request: &Request<'_>,
        sfi: Option<u8>,
    ) -> Result<Elementary, StatusWord> {
        let selection = self.selection(request);
        let id = match sfi {
            Some(sfi) => self.by_short_identifier(request, selection, sfi)?,
            None => selection.file.ok_or(status::NO_FILE_SELECTED)?,
        };
        let file = self.files.elementary(id).ok_or(status::NO_FILE_SELECTED)?;
        let is_directory = self.files.get(id).is_some_and(|file| file.fid == 0x2f00);
        if is_directory && self.quirks.has(Quirk::UnreadableDirectory) {
            return Err(StatusWord::SECURITY_NOT_SATISFIED);
        }
        Ok(file)
    }

    fn by_short_identifier(
        &mut self,
        request: &Request<'_>,
        selection: Selection,
        sfi: u8,
    ) -> Result<FileId, StatusWord> {
        let id = self.files.by_sfi(selection.directory, sfi);
        let id = id.ok_or(StatusWord::FILE_NOT_FOUND)?;
        if selection.file != Some(id) {
            self.set_selection(request, self.selected(selection, id));
        }
        Ok(id)
    }

    /// The transparent file and the offset that P1 and P2 name.
    fn transparent(&mut self, request: &Request<'_>) -> Result<(Elementary, usize), StatusWord> {
        let (p1, p2) = (request.command.p1(), request.command.p2());
        let short = p1 & 0x80 != 0 && request.book == Book::Uicc;
        if short && p1 & 0x60 != 0 {
            return Err(status::INCORRECT_P1_P2);
        }
        let file = self.current(request, short.then_some(p1 & 0x1f))?;
        let offset = u16::from_be_bytes([if short { 0 } else { p1 }, p2]);
        match file.structure {
            Structure::Transparent => Ok((file, offset.into())),
            Structure::Linear(_) | Structure::Cyclic(_) => Err(status::INCOMPATIBLE_STRUCTURE),
        }
    }
}
