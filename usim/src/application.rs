//! Sessions with what 3GPP puts on a card: [`Usim`], [`Isim`] and [`Sim`].

mod authenticate;
mod files;
mod isim;
mod sim;
mod usim;

pub use isim::Isim;
pub use sim::Sim;
pub use usim::Usim;
