//! References of orders.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::id::OrderId;
use crate::random::InvalidValue;

/// An order's identifier in the form of a UUID (`orderRef`): all 128 bits of it are random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderRef(OrderId);

impl OrderRef {
    /// The order.
    pub const fn order(&self) -> &OrderId {
        &self.0
    }
}

impl From<OrderId> for OrderRef {
    fn from(order: OrderId) -> Self {
        Self(order)
    }
}

impl fmt::Display for OrderRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_bytes(*self.0.as_bytes()).hyphenated().fmt(f)
    }
}

impl FromStr for OrderRef {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let order = Uuid::try_parse(text).or(Err(InvalidValue))?.into_bytes();
        let reference = Self(order.into());
        if reference.to_string() == text {
            Ok(reference)
        } else {
            Err(InvalidValue)
        }
    }
}
