//! A card in vsmartcard's virtual reader, for `usimctl emulate` and `usimctl attach`.

use std::{
    net::{SocketAddr, ToSocketAddrs},
    str::FromStr,
};

use usim::{
    soft::{
        Stop,
        vpcd::{self, Event},
    },
    transport::Transport,
};

use crate::cli::Exit;

/// Where the virtual reader listens: `HOST:PORT`, or `HOST` with the port of the first reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(SocketAddr);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected HOST or HOST:PORT, of a host that is known")]
pub(crate) struct InvalidAddress;

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let found = match text.to_socket_addrs() {
            Ok(mut found) => found.next(),
            Err(_) => (text, vpcd::PORT)
                .to_socket_addrs()
                .ok()
                .and_then(|mut found| found.next()),
        };
        found.map(Self).ok_or(InvalidAddress)
    }
}

/// Keeps `card` in the reader until the program is killed; the reader may come and go.
pub(crate) fn run(card: &mut dyn Transport, Address(address): Address) -> Exit {
    let mut waiting = false;
    vpcd::run(card, address, &Stop::new(), |event| {
        let absent = matches!(event, Event::Absent(..));
        // one line for a reader that is away, not one for every look
        if !(absent && waiting) {
            eprintln!("usimctl: {}", words(&event));
        }
        waiting = absent;
    });
    Exit::Done
}

fn words(event: &Event) -> String {
    match event {
        Event::Connected(address) => format!("the card is in the reader at {address}"),
        Event::Absent(error, _) => format!("waiting for the reader: {error}"),
        Event::Disconnected(error) => format!("the reader went away: {error}"),
        Event::CardGone(error) => format!("the card is gone: {error}"),
        _ => "something happened".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_the_first_reader_may_be_left_out() {
        let expected = Address(([127, 0, 0, 1], 35_963).into());
        assert_eq!("127.0.0.1".parse(), Ok(expected));
        assert_eq!("127.0.0.1:35963".parse(), Ok(expected));
        assert_eq!(
            "[::1]:1".parse(),
            Ok(Address((std::net::Ipv6Addr::LOCALHOST, 1).into()))
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "127.0.0.1:", "127.0.0.1:port", ":1:"] {
            assert_eq!(text.parse::<Address>(), Err(InvalidAddress), "{text}");
        }
    }
}
