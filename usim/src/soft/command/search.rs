//! SEARCH RECORD (TS 102 221 §11.1.7) and its ancestor SEEK (TS 51.011 §8.7).

use crate::{
    apdu::StatusWord,
    soft::{
        chip::{Chip, Outcome, Request},
        files::Elementary,
        reply::Reply,
        status,
    },
};

/// Where and in which direction a search runs.
struct Search<'a> {
    file: Elementary,
    direction: Direction,
    from: u8,
    start: Start,
    pattern: &'a [u8],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forward,
    Backward,
}

/// Where in a record the search begins.
#[derive(Clone, Copy)]
enum Start {
    Offset(u8),
    AfterFirst(u8),
}

impl Chip {
    /// Gives the numbers of all records that hold the pattern; the pointer moves to the first.
    pub(in crate::soft) fn search_record(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        let file = self.record_file(request)?;
        self.require(file.rule.read())?;
        let search = self.search(request, file)?;
        if search.pattern.is_empty() {
            return Err(status::WRONG_LENGTH);
        }
        for number in self.candidates(&search) {
            if self.holds(&search, number) {
                reply.put(&[number]);
            }
        }
        let found = reply.octets().first().copied();
        self.point_to(request, found.ok_or(status::NOT_MATCHED)?);
        Ok(())
    }

    /// SEEK: type 1 moves the pointer only, type 2 gives the record's number as well.
    pub(in crate::soft) fn seek(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        let selection = self.selection(request);
        let (p2, pattern) = (request.command.p2(), request.command.data());
        if request.command.p1() != 0 {
            return Err(status::INCORRECT_P1_P2);
        }
        let file = self.current(request, None)?;
        self.require(file.rule.read())?;
        let count = self.record_count(file);
        let (direction, from) = match p2 & 0x0f {
            0x00 => (Direction::Forward, 1),
            0x01 => (Direction::Backward, count),
            0x02 => (Direction::Forward, selection.record.saturating_add(1)),
            0x03 if selection.record == 0 => (Direction::Backward, count),
            0x03 => (Direction::Backward, selection.record.saturating_sub(1)),
            _ => return Err(status::INCORRECT_P1_P2),
        };
        if pattern.is_empty() || file.structure.record_size().is_none() {
            return Err(status::INCOMPATIBLE_STRUCTURE);
        }
        let search = Search {
            file,
            direction,
            from,
            start: Start::Offset(0),
            pattern,
        };
        let found = self
            .candidates(&search)
            .find(|number| self.begins(&search, *number));
        let found = found.ok_or(status::NOT_MATCHED)?;
        self.point_to(request, found);
        if p2 & 0x10 != 0 {
            reply.put(&[found]);
        }
        Ok(())
    }

    fn search<'a>(
        &self,
        request: &Request<'a>,
        file: Elementary,
    ) -> Result<Search<'a>, StatusWord> {
        let (p1, data) = (request.command.p1(), request.command.data());
        let current = self.selection(request).record;
        let numbered = if p1 == 0 { current } else { p1 };
        let simple = |direction, from| Search {
            file,
            direction,
            from,
            start: Start::Offset(0),
            pattern: data,
        };
        match (request.command.p2() & 0x07, data) {
            (0x04, _) => Ok(simple(Direction::Forward, numbered)),
            (0x05, _) => Ok(simple(Direction::Backward, numbered)),
            (0x06, [mode, place, pattern @ ..]) => {
                let (direction, from) = match mode & 0x07 {
                    0x04 => (Direction::Forward, numbered),
                    0x05 => (Direction::Backward, numbered),
                    0x06 => (Direction::Forward, current.saturating_add(1)),
                    0x07 => (Direction::Backward, current.saturating_sub(1)),
                    _ => return Err(status::INCORRECT_DATA),
                };
                let start = match mode & 0x08 {
                    0 => Start::Offset(*place),
                    _ => Start::AfterFirst(*place),
                };
                Ok(Search {
                    file,
                    direction,
                    from,
                    start,
                    pattern,
                })
            }
            (0x06, _) => Err(status::WRONG_LENGTH),
            _ => Err(status::INCORRECT_P1_P2),
        }
    }

    /// The numbers of the records in the order of the search.
    fn candidates(&self, search: &Search<'_>) -> impl Iterator<Item = u8> + use<> {
        let count = self.record_count(search.file);
        let from = search.from;
        let (forward, backward) = match search.direction {
            Direction::Forward => (Some(from.max(1)..=count), None),
            Direction::Backward => (None, Some((1..=from.min(count)).rev())),
        };
        forward
            .into_iter()
            .flatten()
            .chain(backward.into_iter().flatten())
    }

    fn holds(&self, search: &Search<'_>, number: u8) -> bool {
        let record = self.files.record(search.file, number).unwrap_or_default();
        let begin = match search.start {
            Start::Offset(offset) => Some(usize::from(offset)),
            Start::AfterFirst(value) => {
                let at = record.iter().position(|octet| *octet == value);
                at.map(|at| at.saturating_add(1))
            }
        };
        let rest = begin
            .and_then(|begin| record.get(begin..))
            .unwrap_or_default();
        rest.windows(search.pattern.len())
            .any(|window| window == search.pattern)
    }

    fn begins(&self, search: &Search<'_>, number: u8) -> bool {
        let record = self.files.record(search.file, number);
        record.is_some_and(|record| record.starts_with(search.pattern))
    }

    fn point_to(&mut self, request: &Request<'_>, number: u8) {
        let mut selection = self.selection(request);
        selection.record = number;
        self.set_selection(request, selection);
    }
}
