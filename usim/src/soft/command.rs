//! The commands, each in the words of its clause.

mod authenticate;
mod binary;
mod channel;
mod gsm;
mod pin;
mod proactive;
mod record;
mod response;
mod search;
mod select;
mod status;
