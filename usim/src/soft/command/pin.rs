//! VERIFY PIN, CHANGE PIN, DISABLE PIN, ENABLE PIN and UNBLOCK PIN (TS 102 221 §11.1.9 to
//! §11.1.13), and the CHV commands of TS 51.011 §8.9 to §8.13, which differ in P2 only.

use crate::{
    apdu::StatusWord,
    soft::{
        chip::{Book, Chip, Outcome, Request},
        pin::{Code, Pin, Reference, Refusal},
        status,
    },
};

impl Chip {
    /// Without data it tells how many tries are left.
    pub(in crate::soft) fn verify(&mut self, request: &Request<'_>) -> Outcome {
        let reference = reference(request)?;
        must_be(request.command.p1() == 0)?;
        if request.command.data().is_empty() {
            return Err(counter(self.pins.get(reference).tries()));
        }
        let presented = one(request)?;
        self.attempt(reference, |pin| pin.verify(&presented))
    }

    pub(in crate::soft) fn change(&mut self, request: &Request<'_>) -> Outcome {
        let reference = reference(request)?;
        must_be(request.command.p1() == 0)?;
        let (old, new) = two(request)?;
        self.attempt(reference, |pin| pin.change(&old, &new))
    }

    /// P1 = 80 disables PIN1 and puts the universal PIN in its place.
    pub(in crate::soft) fn disable(&mut self, request: &Request<'_>) -> Outcome {
        let reference = reference(request)?;
        let p1 = request.command.p1();
        let replace = p1 == 0x80 && reference == Reference::Pin1 && request.book == Book::Uicc;
        must_be(p1 == 0 || replace)?;
        let presented = one(request)?;
        self.attempt(reference, |pin| pin.disable(&presented))?;
        if reference == Reference::Pin1 {
            self.pins.replaced = replace;
        }
        Ok(())
    }

    pub(in crate::soft) fn enable(&mut self, request: &Request<'_>) -> Outcome {
        let reference = reference(request)?;
        must_be(request.command.p1() == 0)?;
        let presented = one(request)?;
        self.attempt(reference, |pin| pin.enable(&presented))?;
        if reference == Reference::Pin1 {
            self.pins.replaced = false;
        }
        Ok(())
    }

    /// Without data it tells how many tries of the PUK are left.
    pub(in crate::soft) fn unblock(&mut self, request: &Request<'_>) -> Outcome {
        let reference = match (request.book, request.command.p2()) {
            // here CHV1 is number 0
            (Book::Gsm, 0x00) => Reference::Pin1,
            (Book::Gsm, 0x01) => return Err(status::INCORRECT_P1_P2),
            _ => reference(request)?,
        };
        must_be(request.command.p1() == 0)?;
        if request.command.data().is_empty() {
            return Err(counter(self.pins.get(reference).puk_tries()));
        }
        let (puk, new) = two(request)?;
        self.attempt(reference, |pin| pin.unblock(&puk, &new))
    }

    fn attempt(
        &mut self,
        reference: Reference,
        attempt: impl FnOnce(&mut Pin) -> Result<(), Refusal>,
    ) -> Outcome {
        let pin = self.pins.get_mut(reference);
        let before = pin.memory();
        let outcome = attempt(pin);
        self.changed |= pin.memory() != before;
        outcome.map_err(|refusal| match refusal {
            Refusal::Wrong(tries) => status::tries_left(tries),
            Refusal::Blocked => StatusWord::BLOCKED,
            Refusal::Disabled => status::INVALIDATED,
            Refusal::Enabled => StatusWord::CONDITIONS_NOT_SATISFIED,
            Refusal::Malformed => status::INCORRECT_DATA,
        })
    }
}

fn reference(request: &Request<'_>) -> Result<Reference, StatusWord> {
    let p2 = request.command.p2();
    let reference = match (request.book, p2) {
        (Book::Gsm, 0x01) => Some(Reference::Pin1),
        (Book::Gsm, 0x02) => Some(Reference::Pin2),
        (Book::Gsm, _) => None,
        (Book::Uicc | Book::Proprietary, _) => Reference::from_octet(p2),
    };
    reference.ok_or(status::REFERENCE_NOT_FOUND)
}

fn counter(tries: u8) -> StatusWord {
    match tries {
        0 => StatusWord::BLOCKED,
        tries => status::tries_left(tries),
    }
}

fn must_be(so: bool) -> Outcome {
    if so {
        Ok(())
    } else {
        Err(status::INCORRECT_P1_P2)
    }
}

fn one(request: &Request<'_>) -> Result<Code, StatusWord> {
    let octets = <[u8; 8]>::try_from(request.command.data());
    octets.map(Code::new).ok().ok_or(status::WRONG_LENGTH)
}

fn two(request: &Request<'_>) -> Result<(Code, Code), StatusWord> {
    let (first, second) = request
        .command
        .data()
        .split_at_checked(8)
        .ok_or(status::WRONG_LENGTH)?;
    let first = <[u8; 8]>::try_from(first)
        .ok()
        .ok_or(status::WRONG_LENGTH)?;
    let second = <[u8; 8]>::try_from(second)
        .ok()
        .ok_or(status::WRONG_LENGTH)?;
    Ok((Code::new(first), Code::new(second)))
}
