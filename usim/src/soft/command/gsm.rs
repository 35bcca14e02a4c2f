//! What a 2G phone finds: SELECT and STATUS of TS 51.011 §8.1, §8.2, and RUN GSM ALGORITHM.

use aka::Rand;

use crate::{
    apdu::StatusWord,
    soft::{
        chip::{Chip, Outcome, Request},
        files::{Elementary, File, FileId, Kind, Structure},
        pin::{Condition, Pin},
        reply::Reply,
        status,
    },
};

const DF_GSM: u16 = 0x7f20;

impl Chip {
    pub(in crate::soft) fn select_gsm(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        if request.command.p1() != 0 || request.command.p2() != 0 {
            return Err(status::INCORRECT_P1_P2);
        }
        let fid = <[u8; 2]>::try_from(request.command.data());
        let fid = u16::from_be_bytes(fid.ok().ok_or(status::WRONG_LENGTH)?);
        let before = self.selection(request);
        let target = self
            .visible(before, fid)
            .ok_or(StatusWord::FILE_NOT_FOUND)?;
        self.set_selection(request, self.selected(before, target));
        self.put_gsm(target, reply);
        Ok(())
    }

    pub(in crate::soft) fn status_gsm(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        self.put_gsm(self.selection(request).directory, reply);
        let size = self.up_to(request, reply.len())?;
        reply.truncate(size);
        Ok(())
    }

    /// SRES ‖ Kc (TS 51.011 §8.16), with DF_GSM or what lies in it selected.
    pub(in crate::soft) fn run_gsm_algorithm(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        let directory = self.files.get(self.selection(request).directory);
        if directory.is_none_or(|directory| directory.fid != DF_GSM) {
            return Err(StatusWord::FILE_NOT_FOUND);
        }
        self.require(Condition::Pin1)?;
        let rand = Rand::from_slice(request.command.data())
            .ok()
            .ok_or(status::WRONG_LENGTH)?;
        let (sres, kc) = self.authentication.gsm(&rand);
        reply.put(sres.expose());
        reply.put(kc.expose());
        Ok(())
    }

    fn put_gsm(&self, id: FileId, reply: &mut Reply<'_>) {
        let Some(file) = self.files.get(id) else {
            return;
        };
        match &file.kind {
            Kind::Elementary(elementary) => self.put_gsm_file(file, *elementary, reply),
            Kind::Directory | Kind::Application(_) => self.put_gsm_directory(file, id, reply),
        }
    }

    /// The 15 octets of an EF (TS 51.011 §9.2.1).
    fn put_gsm_file(&self, file: &File, elementary: Elementary, reply: &mut Reply<'_>) {
        let size = self.files.octets(elementary).len();
        let [high, low] = u16::try_from(size).unwrap_or(u16::MAX).to_be_bytes();
        let [first, second] = file.fid.to_be_bytes();
        let access = level(elementary.rule.read()) << 4 | level(elementary.rule.update());
        let (structure, record) = match elementary.structure {
            Structure::Transparent => (0x00, 0x00),
            Structure::Linear(record) => (0x01, record),
            Structure::Cyclic(record) => (0x03, record),
        };
        reply.put(&[0x00, 0x00, high, low, first, second, 0x04, 0x00]);
        reply.put(&[access, 0xff, 0x44, 0x01, 0x02, structure, record]);
    }

    /// The 22 octets of MF or a DF (TS 51.011 §9.2.1).
    fn put_gsm_directory(&self, file: &File, id: FileId, reply: &mut Reply<'_>) {
        let kind = if id == FileId::MF { 0x01 } else { 0x02 };
        let [first, second] = file.fid.to_be_bytes();
        let is_file = |file: &File| matches!(file.kind, Kind::Elementary(_));
        let children = || self.files.children(id).map(|(_, file)| file);
        let files = children().filter(|file| is_file(file)).count();
        let directories = children().filter(|file| !is_file(file)).count();
        let count = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
        let characteristics = if self.pins.pin1.is_enabled() {
            0x13
        } else {
            0x93
        };
        reply.put(&[0x00, 0x00, 0x00, 0x00, first, second, kind]);
        reply.put(&[0x00, 0x00, 0x00, 0x00, 0x00, 0x09, characteristics]);
        reply.put(&[count(directories), count(files), 0x04, 0x00]);
        for pin in [&self.pins.pin1, &self.pins.pin2] {
            reply.put(&chv_status(pin));
        }
    }
}

/// Initialised, and so many tries: of the CHV, then of its UNBLOCK CHV.
const fn chv_status(pin: &Pin) -> [u8; 2] {
    [0x80 | pin.tries(), 0x80 | pin.puk_tries()]
}

/// The access condition level (TS 51.011 §9.3).
const fn level(condition: Condition) -> u8 {
    match condition {
        Condition::Always => 0x0,
        Condition::Pin1 => 0x1,
        Condition::Pin2 => 0x2,
        Condition::Issuer => 0x4,
    }
}
