//! EF_SPN: the service provider's name, 17 octets (TS 31.102 §4.2.12).

use crate::file::alphabet;

/// How many octets the file has.
pub const SIZE: usize = 17;

/// The service provider's name, and where it is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceProvider {
    /// The name.
    pub name: String,
    /// The display condition octet: bit 1 asks for the network's name beside it at home, bit 2
    /// forbids it elsewhere.
    pub display_condition: u8,
}

impl ServiceProvider {
    /// A name that is shown alone.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            display_condition: 0,
        }
    }
}

/// Reads the file; `None` where no name is written.
pub fn decode(file: &[u8]) -> Option<ServiceProvider> {
    let (display_condition, name) = file.split_first()?;
    let name = alphabet::decode(name);
    (!name.is_empty()).then_some(ServiceProvider {
        name,
        display_condition: *display_condition,
    })
}

/// Writes the file; `None` when the name does not fit.
pub fn encode(provider: &ServiceProvider) -> Option<Vec<u8>> {
    let mut file = vec![provider.display_condition];
    file.extend(alphabet::encode(&provider.name, SIZE - 1)?);
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::octets;

    #[test]
    fn the_name_follows_the_display_condition() {
        let provider = decode(&octets("01 53 69 6d 70 6c 65 ff*10")).unwrap();
        assert_eq!(
            (provider.name.as_str(), provider.display_condition),
            ("Simple", 1)
        );
    }

    #[test]
    fn a_blank_file_has_no_name() {
        assert_eq!(decode(&[0xff; 17]), None);
        assert_eq!(decode(&[0x00]), None);
        assert_eq!(decode(&[]), None);
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let provider = ServiceProvider::new("Test Network");
        let file = encode(&provider).unwrap();
        assert_eq!(file.len(), SIZE);
        assert_eq!(decode(&file), Some(provider));
        assert_eq!(encode(&ServiceProvider::new("seventeen letters")), None);
    }
}
