//! How many of a server's connections one address has.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use super::Peer;

/// Counts connections by the address at their other end. A proxy on this machine brings everybody's,
/// and a unix socket has no addresses: neither is counted.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    most: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One connection's place, until it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    of: Option<(IpAddr, Shares)>,
}

impl Shares {
    /// So many connections for each address.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            taken: Arc::default(),
        }
    }

    /// A place for a connection of this peer; `None` if it has its share.
    pub(super) fn take(&self, peer: &Peer) -> Option<Share> {
        let Some(address) = peer.ip().filter(|address| !address.is_loopback()) else {
            return Some(Share { of: None });
        };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share {
            of: Some((address, self.clone())),
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some((address, shares)) = self.of.take() else {
            return;
        };
        let mut taken = shares.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = taken.entry(address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> Peer {
        Peer::tcp(address.parse().unwrap())
    }

    #[test]
    fn an_address_has_its_share_and_others_are_unaffected() {
        let shares = Shares::new(2);
        let first = shares.take(&peer("192.0.2.1:1")).unwrap();
        let second = shares.take(&peer("[::ffff:192.0.2.1]:2")).unwrap();
        assert!(shares.take(&peer("192.0.2.1:3")).is_none());
        let other = shares.take(&peer("192.0.2.2:1"));
        assert!(other.is_some());
        drop(first);
        let third = shares.take(&peer("192.0.2.1:3"));
        assert!(third.is_some());
        drop((second, third, other));
        assert!(shares.taken.lock().unwrap().is_empty());
    }

    #[test]
    fn who_comes_from_this_machine_is_not_counted() {
        let shares = Shares::new(0);
        assert!(shares.take(&peer("127.0.0.1:1")).is_some());
        assert!(shares.take(&Peer::unix()).is_some());
        assert!(shares.take(&peer("192.0.2.1:1")).is_none());
    }
}
