//! Which addresses a server may send to on others' behalf.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far messages to applications may go: whoever registers an endpoint must not make the server
/// speak to itself, to its neighbours or to the machinery of its host.
///
/// ```
/// use passkey_idp::delivery::Reach;
///
/// let public = Reach::Public;
/// assert!(public.admits("8.8.8.8".parse()?));
/// assert!(!public.admits("127.0.0.1".parse()?));
/// assert!(!public.admits("::ffff:169.254.169.254".parse()?));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third answer")]
pub enum Reach {
    /// Addresses of the public Internet only (IANA special-purpose registries).
    #[default]
    Public,
    /// Every address: the operator's own networks too.
    DangerAnywhere,
}

impl Reach {
    /// Whether a message may go to `ip`. An address of IPv4 that is written as one of IPv6 counts as
    /// what it is.
    pub fn admits(self, ip: IpAddr) -> bool {
        match (self, ip.to_canonical()) {
            (Self::DangerAnywhere, _) => true,
            (Self::Public, IpAddr::V4(ip)) => is_public_v4(ip),
            (Self::Public, IpAddr::V6(ip)) => is_public_v6(ip),
        }
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    !SPECIAL_V4
        .iter()
        .any(|(network, bits)| same_prefix(ip.to_bits(), network.to_bits(), *bits))
}

/// Only global unicast is let through, and of that not what leads elsewhere by a tunnel.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let within = |(network, bits): &(Ipv6Addr, u32)| {
        let differing = ip.to_bits() ^ network.to_bits();
        differing.leading_zeros() >= *bits
    };
    within(&GLOBAL_V6) && !SPECIAL_V6.iter().any(within)
}

fn same_prefix(one: u32, other: u32, bits: u32) -> bool {
    (one ^ other).leading_zeros() >= bits
}

/// RFC 6890 and the registry "IANA IPv4 Special-Purpose Address Space", multicast and what is reserved.
const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Protocol assignments with Teredo, documentation, 6to4, documentation again.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(text: &str) -> bool {
        Reach::Public.admits(text.parse().unwrap())
    }

    #[test]
    fn a_message_goes_to_no_address_of_this_machine_or_its_networks() {
        for text in [
            "0.0.0.0",
            "0.255.255.255",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!admitted(text), "{text}");
        }
    }

    #[test]
    fn a_message_goes_to_public_addresses() {
        for text in [
            "1.1.1.1",
            "9.255.255.255",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(admitted(text), "{text}");
        }
    }

    #[test]
    fn an_operator_may_open_the_way_to_every_address() {
        for text in ["127.0.0.1", "::1", "10.0.0.1", "8.8.8.8"] {
            assert!(Reach::DangerAnywhere.admits(text.parse().unwrap()));
        }
    }
}
