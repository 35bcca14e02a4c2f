//! EF_UST and EF_IST: which services an application has (TS 31.102 §4.2.8, TS 31.103 §4.2.7).

/// A service table: a bit for each service, service 1 in bit 1 of the first octet.
///
/// ```
/// use usim::ServiceTable;
///
/// let table = ServiceTable::new(vec![0b0000_0001, 0b1000_0000]);
/// assert!(table.has(1) && table.has(16) && !table.has(2));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceTable(Vec<u8>);

impl ServiceTable {
    /// GSM access, service 27 of EF_UST: the GSM context of AUTHENTICATE.
    pub const GSM_ACCESS: u16 = 27;
    /// MSISDN, service 21 of EF_UST.
    pub const MSISDN: u16 = 21;
    /// GBA, service 68 of EF_UST.
    pub const GBA: u16 = 68;
    /// The SUCI is computed on the card, service 125 of EF_UST.
    pub const SUCI_ON_CARD: u16 = 125;
    /// GBA, service 2 of EF_IST.
    pub const ISIM_GBA: u16 = 2;

    /// Takes the file's octets.
    pub const fn new(file: Vec<u8>) -> Self {
        Self(file)
    }

    /// Whether the service of this number, from 1, is available.
    pub fn has(&self, service: u16) -> bool {
        service
            .checked_sub(1)
            .and_then(|bit| Some(self.0.get(usize::from(bit / 8))? & 1 << (bit % 8) != 0))
            .unwrap_or(false)
    }

    /// The numbers of the services that are available, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        (1..=u16::MAX)
            .take(8 * self.0.len())
            .filter(|service| self.has(*service))
    }

    /// Writes the file of an application with these services.
    pub fn encode(services: &[u16]) -> Vec<u8> {
        let last = services.iter().copied().max().unwrap_or_default();
        let mut file = vec![0; usize::from(last.div_ceil(8))];
        for bit in services.iter().filter_map(|service| service.checked_sub(1)) {
            if let Some(octet) = file.get_mut(usize::from(bit / 8)) {
                *octet |= 1 << (bit % 8);
            }
        }
        file
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn services_are_counted_from_1() {
        let table = ServiceTable::new(vec![0b0000_0101, 0x00, 0b0100_0000]);
        assert_eq!(table.iter().collect::<Vec<_>>(), [1, 3, 23]);
    }

    #[test]
    fn services_behind_the_end_and_service_0_are_not_available() {
        let table = ServiceTable::new(vec![0xff]);
        assert!(table.has(8));
        assert!(!table.has(9));
        assert!(!table.has(0));
        assert!(!table.has(u16::MAX));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(services in prop::collection::btree_set(1..200_u16, 0..20)) {
            let services: Vec<_> = services.into_iter().collect();
            let table = ServiceTable::new(ServiceTable::encode(&services));
            prop_assert_eq!(table.iter().collect::<Vec<_>>(), services);
        }
    }
}
