//! READ RECORD and UPDATE RECORD (TS 102 221 §11.1.5, §11.1.6).

use crate::{
    apdu::StatusWord,
    soft::{
        chip::{Book, Chip, Outcome, Request},
        files::{Elementary, Structure},
        reply::Reply,
        status,
    },
};

/// Where a record command points (P2 bits 3 to 1).
#[derive(Clone, Copy)]
enum Mode {
    Next,
    Previous,
    /// By its number; 0 is the current one.
    Absolute(u8),
}

impl Chip {
    pub(in crate::soft) fn read_record(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        let (file, mode) = self.records(request)?;
        self.require(file.rule.read())?;
        let number = self.record_number(request, file, mode)?;
        let size = file.structure.record_size().unwrap_or_default();
        self.exactly(request, size.into())?;
        let record = self.files.record(file, number);
        reply.put(record.ok_or(StatusWord::RECORD_NOT_FOUND)?);
        self.point(request, number, mode);
        Ok(())
    }

    pub(in crate::soft) fn update_record(&mut self, request: &Request<'_>) -> Outcome {
        let (file, mode) = self.records(request)?;
        self.require(file.rule.update())?;
        let data = request.command.data();
        let size = usize::from(file.structure.record_size().unwrap_or_default());
        if data.len() != size {
            return Err(status::WRONG_LENGTH);
        }
        let number = match (file.structure, mode) {
            (Structure::Cyclic(_), Mode::Previous) => {
                // the oldest record becomes the first one
                self.files.octets_mut(file).rotate_right(size);
                1
            }
            (Structure::Cyclic(_), _) => return Err(status::INCOMPATIBLE_STRUCTURE),
            (Structure::Linear(_) | Structure::Transparent, _) => {
                self.record_number(request, file, mode)?
            }
        };
        let index = usize::from(number.saturating_sub(1));
        let octets = self.files.octets_mut(file);
        if let Some(record) = octets.chunks_exact_mut(size.max(1)).nth(index) {
            record.copy_from_slice(data);
        }
        self.changed = true;
        self.point(request, number, mode);
        Ok(())
    }

    /// The file of records that P2 names.
    pub(in crate::soft) fn record_file(
        &mut self,
        request: &Request<'_>,
    ) -> Result<Elementary, StatusWord> {
        let sfi = request.command.p2() >> 3;
        if sfi != 0 && request.book == Book::Gsm {
            return Err(status::INCORRECT_P1_P2);
        }
        let file = self.current(request, (sfi != 0).then_some(sfi))?;
        match file.structure {
            Structure::Transparent => Err(status::INCOMPATIBLE_STRUCTURE),
            Structure::Linear(_) | Structure::Cyclic(_) => Ok(file),
        }
    }

    fn records(&mut self, request: &Request<'_>) -> Result<(Elementary, Mode), StatusWord> {
        let mode = match request.command.p2() & 0x07 {
            0x02 => Mode::Next,
            0x03 => Mode::Previous,
            0x04 => Mode::Absolute(request.command.p1()),
            _ => return Err(status::INCORRECT_P1_P2),
        };
        Ok((self.record_file(request)?, mode))
    }

    fn record_number(
        &self,
        request: &Request<'_>,
        file: Elementary,
        mode: Mode,
    ) -> Result<u8, StatusWord> {
        let current = self.selection(request).record;
        let count = self.record_count(file);
        let wraps = matches!(file.structure, Structure::Cyclic(_));
        let number = match mode {
            Mode::Absolute(0) => current,
            Mode::Absolute(number) => number,
            Mode::Next if wraps && current == count => 1,
            Mode::Next => current.saturating_add(1),
            Mode::Previous if current == 0 => count,
            Mode::Previous if wraps && current == 1 => count,
            Mode::Previous => current.saturating_sub(1),
        };
        match number {
            1.. if number <= count => Ok(number),
            _ => Err(StatusWord::RECORD_NOT_FOUND),
        }
    }

    /// How many records a file has.
    pub(in crate::soft) fn record_count(&self, file: Elementary) -> u8 {
        let size = usize::from(file.structure.record_size().unwrap_or_default());
        let count = self.files.octets(file).len().checked_div(size);
        u8::try_from(count.unwrap_or_default()).unwrap_or(u8::MAX)
    }

    /// Moves the record pointer; an absolute access leaves it where it was.
    fn point(&mut self, request: &Request<'_>, number: u8, mode: Mode) {
        if matches!(mode, Mode::Next | Mode::Previous) {
            let mut selection = self.selection(request);
            selection.record = number;
            self.set_selection(request, selection);
        }
    }
}
