//! EAP packets in JSON (TS.43 §2.8.1).

use strict_jws::base64;
use strict_jws::json::ObjectWriter;

use crate::InvalidBody;
use crate::body::{document, string};

/// The content type of a packet in JSON.
pub const CONTENT_TYPE: &str = "application/vnd.gsma.eap-relay.v1.0+json";

const MEMBER: &str = "eap-relay-packet";

/// An EAP packet of more octets than this is none of EAP-AKA's.
const LONGEST: usize = 2048;

/// The packet `eap` in JSON.
pub fn packet(eap: &[u8]) -> String {
    let mut object = ObjectWriter::new();
    object.string(MEMBER, &base64::encode_padded(eap));
    object.finish()
}

/// The packet in `body`; its octets are not looked at.
///
/// # Errors
/// [`InvalidBody`], also for more than 2048 octets.
pub fn read_packet(body: &[u8]) -> Result<Vec<u8>, InvalidBody> {
    let document = document(body)?;
    let octets = base64::decode_padded(string(document.root(), MEMBER)?.as_bytes());
    let octets = octets.ok().filter(|octets| octets.len() <= LONGEST);
    octets.ok_or(InvalidBody::Invalid(MEMBER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_comes_back() {
        let text = packet(&[1, 2, 0, 4]);
        assert_eq!(text, r#"{"eap-relay-packet":"AQIABA=="}"#);
        assert_eq!(read_packet(text.as_bytes()), Ok(vec![1, 2, 0, 4]));
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        let read = |body: &str| read_packet(body.as_bytes());
        assert_eq!(read("{}"), Err(InvalidBody::Missing(MEMBER)));
        for value in ["\"AQIABA\"", "\"AQIABA==\\n\"", "7"] {
            let body = format!(r#"{{"eap-relay-packet":{value}}}"#);
            assert_eq!(read(&body), Err(InvalidBody::Invalid(MEMBER)), "{body}");
        }
        let long = packet(&vec![0; LONGEST + 1]);
        assert_eq!(read(&long), Err(InvalidBody::Invalid(MEMBER)));
    }
}
