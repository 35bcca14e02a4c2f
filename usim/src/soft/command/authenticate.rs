//! AUTHENTICATE (TS 31.102 §7.1, TS 31.103 §7.1).

use aka::{
    Autn, Auts, Rand, Res,
    card::{MacFailure, Outcome as Aka},
};

use crate::{
    ApplicationKind,
    apdu::StatusWord,
    soft::{
        Quirk,
        authentication::Bootstrapping,
        chip::{Chip, Outcome, Request},
        pin::Condition,
        reply::Reply,
        status,
    },
};

impl Chip {
    pub(in crate::soft) fn authenticate(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        let application = self.running(request)?;
        self.require(Condition::Pin1)?;
        let data = request.command.data();
        match (request.command.p1(), request.command.p2(), application) {
            (0x00, 0x81, _) => self.umts_context(data, reply)?,
            (0x00, 0x80, ApplicationKind::Usim) => self.gsm_context(data, reply)?,
            (0x00, 0x84, _) => self.gba_context(data, reply)?,
            (0x00, 0x80..=0x87, _) => return Err(status::CONTEXT_NOT_SUPPORTED),
            _ => return Err(status::INCORRECT_P1_P2),
        }
        self.proactive |= self.quirks.has(Quirk::Proactive);
        Ok(())
    }

    /// The application in whose directory, or below it, the channel stands.
    fn running(&self, request: &Request<'_>) -> Result<ApplicationKind, StatusWord> {
        let mut place = self.selection(request).directory;
        for _ in 0..8 {
            if let Some(application) = self.files.application(place) {
                return Ok(application.kind);
            }
            place = self.files.get(place).map_or(place, |file| file.parent);
        }
        Err(StatusWord::CONDITIONS_NOT_SATISFIED)
    }

    /// `DB RES CK IK [Kc]`, or `DC AUTS` (TS 31.102 §7.1.2.1).
    fn umts_context(&mut self, data: &[u8], reply: &mut Reply<'_>) -> Outcome {
        let (rand, autn) = challenge(data)?;
        let outcome = self.authentication.umts(&rand, &autn);
        match outcome.map_err(|MacFailure| StatusWord::MAC_INCORRECT)? {
            Aka::SyncFailure(auts) => put_auts(&auts, reply),
            Aka::Success { res, ck, ik, kc } => {
                self.changed = true;
                let before = reply.len();
                reply.put(&[0xdb]);
                self.put_res(&res, reply);
                put_value(ck.expose(), reply);
                put_value(ik.expose(), reply);
                if !self.quirks.has(Quirk::NoKc) {
                    put_value(kc.expose(), reply);
                }
                self.spoil(before, reply);
            }
        }
        Ok(())
    }

    /// `04 SRES 08 Kc` (TS 31.102 §7.1.2.2).
    fn gsm_context(&self, data: &[u8], reply: &mut Reply<'_>) -> Outcome {
        let (rand, rest) = value(data).ok_or(status::WRONG_LENGTH)?;
        let rand = Rand::from_slice(rand).ok().ok_or(status::INCORRECT_DATA)?;
        if !rest.is_empty() {
            return Err(status::WRONG_LENGTH);
        }
        let (sres, kc) = self.authentication.gsm(&rand);
        put_value(sres.expose(), reply);
        put_value(kc.expose(), reply);
        Ok(())
    }

    /// `DD` bootstraps and gives `DB RES` or `DC AUTS`; `DE` derives and gives `DB Ks_ext_NAF`
    /// (TS 31.102 §7.1.2.3, §7.1.2.4).
    fn gba_context(&mut self, data: &[u8], reply: &mut Reply<'_>) -> Outcome {
        match data {
            [0xdd, data @ ..] => self.bootstrap(data, reply),
            [0xde, data @ ..] => self.derive(data, reply),
            [] => Err(status::WRONG_LENGTH),
            _ => Err(status::INCORRECT_DATA),
        }
    }

    fn bootstrap(&mut self, data: &[u8], reply: &mut Reply<'_>) -> Outcome {
        let (rand, autn) = challenge(data)?;
        let outcome = self.authentication.bootstrap(&rand, &autn);
        match outcome.map_err(|MacFailure| StatusWord::MAC_INCORRECT)? {
            Bootstrapping::SyncFailure(auts) => put_auts(&auts, reply),
            Bootstrapping::Success(res) => {
                self.changed = true;
                reply.put(&[0xdb]);
                self.put_res(&res, reply);
            }
        }
        Ok(())
    }

    fn derive(&self, data: &[u8], reply: &mut Reply<'_>) -> Outcome {
        let (naf_id, rest) = value(data).ok_or(status::WRONG_LENGTH)?;
        let (impi, rest) = value(rest).ok_or(status::WRONG_LENGTH)?;
        if !rest.is_empty() {
            return Err(status::WRONG_LENGTH);
        }
        let key = self.authentication.external_naf_key(naf_id, impi);
        let key = key.ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        reply.put(&[0xdb]);
        put_value(key.expose(), reply);
        Ok(())
    }

    fn put_res(&self, res: &Res, reply: &mut Reply<'_>) {
        let octets = res.expose();
        let size = if self.quirks.has(Quirk::ShortRes) {
            4
        } else {
            octets.len()
        };
        let missing = if self.quirks.has(Quirk::LongRes) {
            16_usize.saturating_sub(size)
        } else {
            0
        };
        let length = u8::try_from(size.saturating_add(missing)).unwrap_or_default();
        reply.put(&[length]);
        reply.put(octets.get(..size).unwrap_or_default());
        reply.put([0xaa; 16].get(..missing).unwrap_or_default());
    }

    /// The answers that a careless parser takes.
    fn spoil(&self, start: usize, reply: &mut Reply<'_>) {
        if self.quirks.has(Quirk::TrailingOctets) {
            reply.put(&[0xff, 0xff, 0xff]);
        }
        if self.quirks.has(Quirk::LengthPastEnd) {
            let size = reply.len().saturating_sub(start);
            reply.truncate(start.saturating_add(size.saturating_sub(2)));
        }
    }
}

/// `10 RAND 10 AUTN`.
fn challenge(data: &[u8]) -> Result<(Rand, Autn), StatusWord> {
    let (rand, rest) = value(data).ok_or(status::WRONG_LENGTH)?;
    let (autn, rest) = value(rest).ok_or(status::WRONG_LENGTH)?;
    if !rest.is_empty() {
        return Err(status::WRONG_LENGTH);
    }
    let rand = Rand::from_slice(rand).ok().ok_or(status::INCORRECT_DATA)?;
    let autn = Autn::from_slice(autn).ok().ok_or(status::INCORRECT_DATA)?;
    Ok((rand, autn))
}

/// A length, so many octets, and what follows.
fn value(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = data.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

fn put_value(octets: &[u8], reply: &mut Reply<'_>) {
    let length = u8::try_from(octets.len()).unwrap_or(u8::MAX);
    reply.put(&[length]);
    reply.put(octets);
}

fn put_auts(auts: &Auts, reply: &mut Reply<'_>) {
    reply.put(&[0xdc]);
    put_value(auts.as_bytes(), reply);
}
