//! Programs that are killed at moments nobody chose: no sequence number goes back, no vector is
//! issued twice, and whoever depended on them goes on by itself.

mod card;
mod deaths;
mod home;
mod passkey;
mod server;
mod sql;
