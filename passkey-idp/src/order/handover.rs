//! Handing an order to another device.
//!
//! One page waits ([`Stored::hand_over`]): it shows codes, each good for seconds, and a number. The browser
//! that scans a code is a [`Guest`] ([`Stored::scan`]), which types the number ([`Stored::open`]) before it
//! is shown what the order is about. A wrong number is counted, and the third one rejects the order.
//!
//! ```
//! use passkey_idp::id::ViewerSecret;
//! use passkey_idp::order::{self, Number, Placement, Status, What};
//! use passkey_idp::qr::{Frame, uyulala};
//! use passkey_idp::seal::{Sealer, SealingKey};
//! use passkey_idp::store::{MemoryStore, Store, StoreExt as _};
//! use passkey_idp::{Duration, Instant};
//! use strict_jws::SystemRandom;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let (store, random) = (MemoryStore::new(), SystemRandom::new());
//! let sealer = Sealer::new(&SealingKey::new([7; 32]));
//! let now = Instant::from(std::time::SystemTime::now());
//! let placed = Placement::new("demo".parse()?, What::SignIn).place(&sealer, &random, now)?;
//! store.commit(vec![placed.change], now).await?;
//!
//! let (desktop, phone) = (ViewerSecret::generate(&random)?, ViewerSecret::generate(&random)?);
//! let number = Number::generate(&random)?;
//! let waits = order::advance(&store, &placed.id, now, |order| order.hand_over(&desktop, number, now)).await?;
//!
//! // the server makes the code, one second later the phone has scanned it
//! let code = uyulala::frame(&placed.id, &placed.secret, waits.age(now));
//! let now = now.plus(Duration::from_seconds(1));
//! let guest = waits.scan(&Frame::parse(&code)?, &placed.secret, &phone, now)?;
//! let opened = order::advance(&store, &placed.id, now, |order| order.open(&guest, Some(number), now)).await?;
//! assert_eq!(opened.status(now), Status::Viewed);
//! # Ok(())
//! # }
//! ```
//!
//! [`Stored::hand_over`]: crate::store::Stored::hand_over
//! [`Stored::scan`]: crate::store::Stored::scan
//! [`Stored::open`]: crate::store::Stored::open

use serde::{Deserialize, Serialize};

use super::{Number, Order, OrderState, Refusal, Status};
use crate::Instant;
use crate::id::{OrderSecret, ViewerSecret};
use crate::qr::{self, Frame};
use crate::random::Digest;
use crate::store::{Change, RowId, Stored};

/// A page that waits for another device, and the number that it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Handover {
    /// Whose page waits.
    pub page: Digest,
    /// What the other device asks for.
    pub number: Number,
}

/// How an order is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Entrance {
    /// By its identifier, which only the browser was given that may open it. Codes of such an order
    /// hold what opens it: they are for people who look at the same screen.
    #[default]
    Address,
    /// By a code that is good for seconds, or a token that the application gives to that browser.
    Code,
}

/// A browser that may open an order, because it has shown a code.
///
/// It is made by [`Stored::scan`](crate::store::Stored::scan), and made again from its
/// [`ticket`](Self::ticket) when the code is too old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    order: RowId,
    viewer: Digest,
    ticket: Digest,
    is_invited: bool,
}

impl Guest {
    /// What the browser shows with its next request. It is of no use to another browser.
    pub const fn ticket(&self) -> &Digest {
        &self.ticket
    }
}

impl Order {
    /// The number that whoever opens it on another device has to type.
    pub fn wanted_number(&self) -> Option<Number> {
        let waiting = self.handover.as_ref();
        waiting.map(|waiting| waiting.number).or(self.number)
    }

    /// Whether that browser's page waits for another device.
    pub fn is_waited_for_by(&self, page: &ViewerSecret) -> bool {
        self.handover.as_ref().map(|waiting| waiting.page) == Some(page.digest())
    }

    /// Whether that browser's page views it.
    pub fn is_viewed_by(&self, viewer: &ViewerSecret) -> bool {
        self.viewer == Some(viewer.digest())
    }

    /// Whether that browser is where the answer goes: the one that waits for another device, or else
    /// the one that views it.
    pub fn answers_to(&self, browser: &ViewerSecret) -> bool {
        match self.handover {
            Some(_) => self.is_waited_for_by(browser),
            None => self.is_viewed_by(browser),
        }
    }

    /// What all who show this order's tokens to an API are known by, where nothing but a code opens it:
    /// with its identifier alone nobody goes on with what they have opened.
    pub fn bearer(&self, secret: &OrderSecret) -> Option<ViewerSecret> {
        let derived = Digest::of("bearer of an order's tokens", &[secret.expose_bytes()]);
        (self.entrance == Entrance::Code).then(|| ViewerSecret::from(*derived.as_bytes()))
    }
}

impl Stored<Order> {
    /// A page shows codes and `number` to another device, and waits. The page that views the order may
    /// do that, or the first one if none does; the order is pending again.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn hand_over(
        &self,
        page: &ViewerSecret,
        number: Number,
        now: Instant,
    ) -> Result<Vec<Change>, Refusal> {
        let status = self.stands(&[Status::Pending, Status::Viewed], now)?;
        if self.body.is_waited_for_by(page) {
            return Ok(Vec::new());
        }
        if status == Status::Pending && self.body.entrance == Entrance::Code {
            return Err(self.needs_code());
        }
        self.waits(page.digest(), number, status)
    }

    /// The same by a guest who was [sent](Frame::lasts) to the page that waits, for an order that
    /// nothing but a code opens. A code of seconds will not do: whoever films it would have the answer.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn hand_over_by(
        &self,
        guest: &Guest,
        number: Number,
        now: Instant,
    ) -> Result<Vec<Change>, Refusal> {
        self.knows(guest)?;
        let status = self.stands(&[Status::Pending, Status::Viewed], now)?;
        let waiting = self.body.handover.as_ref();
        if waiting.is_some_and(|waiting| waiting.page == guest.viewer) {
            return Ok(Vec::new());
        }
        if !guest.is_invited {
            return Err(Refusal::NeedsCode);
        }
        self.waits(guest.viewer, number, status)
    }

    fn waits(&self, page: Digest, number: Number, status: Status) -> Result<Vec<Change>, Refusal> {
        let viewed_by_another = status == Status::Viewed && self.body.viewer != Some(page);
        if viewed_by_another || self.body.handover.is_some() {
            return Err(Refusal::AnotherViewer);
        }
        let handover = Handover {
            page,
            number: self.body.number.unwrap_or(number),
        };
        let order = Order {
            viewer: None,
            handover: Some(handover),
            ..self.body.clone()
        };
        Ok(vec![self.become_of(OrderState::Pending, &order)])
    }

    /// What a browser is told that comes without a code: another page has the order, or it has to scan.
    fn needs_code(&self) -> Refusal {
        match self.body.handover {
            Some(_) => Refusal::AnotherViewer,
            None => Refusal::NeedsCode,
        }
    }

    /// A browser shows a code of this order.
    ///
    /// # Errors
    /// [`qr::Refusal`]: an old, a future or another order's code.
    pub fn scan(
        &self,
        frame: &Frame<'_>,
        secret: &OrderSecret,
        viewer: &ViewerSecret,
        now: Instant,
    ) -> Result<Guest, qr::Refusal> {
        frame.verify(secret, self.age(now))?;
        Ok(Guest {
            is_invited: frame.lasts(),
            ..self.guest(secret, viewer)
        })
    }

    /// The browser that was a guest before, by its ticket.
    pub fn readmit(
        &self,
        ticket: &Digest,
        secret: &OrderSecret,
        viewer: &ViewerSecret,
    ) -> Option<Guest> {
        let guest = self.guest(secret, viewer);
        (guest.ticket == *ticket).then_some(guest)
    }

    /// A guest views the order, with the number that it wants, if it does.
    ///
    /// A wrong number is no refusal: it is counted, and the order is then pending still, or rejected
    /// after [`MOST_WRONG_NUMBERS`].
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn open(
        &self,
        guest: &Guest,
        number: Option<Number>,
        now: Instant,
    ) -> Result<Vec<Change>, Refusal> {
        self.knows(guest)?;
        if self.stands(&[Status::Pending, Status::Viewed], now)? == Status::Viewed {
            let same = self.body.viewer == Some(guest.viewer);
            return same.then(Vec::new).ok_or(Refusal::AnotherViewer);
        }
        let mut order = self.body.clone();
        let wanted = order.wanted_number();
        if wanted.is_some() && number.is_none() {
            return Err(Refusal::WrongNumber);
        }
        let state = if wanted.is_none() || wanted == number {
            order.viewer = Some(guest.viewer);
            OrderState::Viewed
        } else {
            order.wrong_numbers = order.wrong_numbers.saturating_add(1);
            if order.wrong_numbers < MOST_WRONG_NUMBERS {
                OrderState::Pending
            } else {
                OrderState::Rejected
            }
        };
        Ok(vec![self.become_of(state, &order)])
    }

    /// A guest refuses, before or after the order was opened.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn decline(&self, guest: &Guest, now: Instant) -> Result<Vec<Change>, Refusal> {
        self.knows(guest)?;
        let status = self.stands(&[Status::Pending, Status::Viewed], now)?;
        if status == Status::Viewed && self.body.viewer != Some(guest.viewer) {
            return Err(Refusal::AnotherViewer);
        }
        Ok(vec![self.become_of(OrderState::Rejected, &self.body)])
    }

    fn guest(&self, secret: &OrderSecret, viewer: &ViewerSecret) -> Guest {
        let parts: [&[u8]; 2] = [secret.expose_bytes(), viewer.expose_bytes()];
        Guest {
            order: self.id.clone(),
            viewer: viewer.digest(),
            ticket: Digest::of("ticket of a guest", &parts),
            is_invited: false,
        }
    }

    fn knows(&self, guest: &Guest) -> Result<(), Refusal> {
        if guest.order == self.id {
            Ok(())
        } else {
            Err(Refusal::Unknown)
        }
    }
}

/// How many wrong numbers reject an order: two slips of the finger, and 3 % for whoever guesses.
pub const MOST_WRONG_NUMBERS: u8 = 3;

#[cfg(test)]
mod tests;
