//! The `eap_sim_db` protocol of hostapd: one ASCII message a datagram, no line end.

use std::fmt::Write;

use aka::{
    Auts, Imsi, Rand,
    network::{Triplet, Vector},
};
use zeroize::Zeroizing;

/// The most triplets that one request may ask for; EAP-SIM uses 2 or 3 (RFC 4186 §3).
pub const MAX_TRIPLETS: u8 = 5;
/// The longest message, in octets: hostapd's own buffer.
pub const MAX_MESSAGE: usize = 1000;

/// What hostapd asks.
///
/// ```
/// use auc::eap_sim_db::Request;
///
/// let request = Request::parse(b"SIM-REQ-AUTH 001010000000001 3");
/// let imsi = "001010000000001".parse()?;
/// assert_eq!(request, Ok(Request::Triplets { imsi, count: 3 }));
/// # Ok::<(), aka::InvalidIdentity>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the protocol has no more")]
pub enum Request {
    /// `AKA-REQ-AUTH <IMSI>`: a vector for EAP-AKA or EAP-AKA'.
    Vector {
        /// For whom.
        imsi: Imsi,
    },
    /// `AKA-AUTS <IMSI> <AUTS> <RAND>`: the card is ahead of the home. It has no answer.
    Resynchronise {
        /// Whose card.
        imsi: Imsi,
        /// What the card answered.
        auts: Auts,
        /// The challenge that it answered.
        rand: Rand,
    },
    /// `SIM-REQ-AUTH <IMSI> <n>`: triplets for EAP-SIM.
    Triplets {
        /// For whom.
        imsi: Imsi,
        /// How many: 1 to [`MAX_TRIPLETS`].
        count: u8,
    },
}

impl Request {
    /// Reads one datagram.
    ///
    /// # Errors
    /// [`BadRequest`], which knows what to answer.
    pub fn parse(datagram: &[u8]) -> Result<Self, BadRequest> {
        let text = Some(datagram).filter(|datagram| datagram.len() <= MAX_MESSAGE);
        let text = text.and_then(|datagram| std::str::from_utf8(datagram).ok());
        let mut words = text.unwrap_or_default().split(' ');
        let verb = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        let request = match verb {
            "AKA-REQ-AUTH" => Self::vector(&rest),
            "AKA-AUTS" => Self::resynchronise(&rest),
            "SIM-REQ-AUTH" => Self::triplets(&rest),
            _ => None,
        };
        request.ok_or_else(|| BadRequest::new(verb, rest.first().copied()))
    }

    fn vector(rest: &[&str]) -> Option<Self> {
        let [imsi] = rest else { return None };
        let imsi = imsi.parse().ok()?;
        Some(Self::Vector { imsi })
    }

    fn resynchronise(rest: &[&str]) -> Option<Self> {
        let [imsi, auts, rand] = rest else {
            return None;
        };
        Some(Self::Resynchronise {
            imsi: imsi.parse().ok()?,
            auts: auts.parse().ok()?,
            rand: rand.parse().ok()?,
        })
    }

    fn triplets(rest: &[&str]) -> Option<Self> {
        let [imsi, count] = rest else { return None };
        let count = count.parse().ok()?;
        let imsi = imsi.parse().ok()?;
        (1..=MAX_TRIPLETS)
            .contains(&count)
            .then_some(Self::Triplets { imsi, count })
    }
}

/// A request that cannot be read, and what it gets for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRequest {
    answer: Option<String>,
}

impl BadRequest {
    /// What to answer; nothing to the notification `AKA-AUTS`.
    pub fn answer(&self) -> Option<&str> {
        self.answer.as_deref()
    }

    /// hostapd finds its pending request by the IMSI, so what looks like one goes back as it came.
    fn new(verb: &str, imsi: Option<&str>) -> Self {
        let kind = match verb {
            "AKA-REQ-AUTH" => "AKA-RESP-AUTH",
            "SIM-REQ-AUTH" => "SIM-RESP-AUTH",
            "AKA-AUTS" => return Self { answer: None },
            _ => return Self::answering("FAILURE".to_owned()),
        };
        let digits =
            |text: &&str| matches!(text.len(), 1..=20) && text.bytes().all(|c| c.is_ascii_digit());
        match imsi.filter(digits) {
            Some(imsi) => Self::answering(format!("{kind} {imsi} FAILURE")),
            None => Self::answering("FAILURE".to_owned()),
        }
    }

    const fn answering(answer: String) -> Self {
        Self {
            answer: Some(answer),
        }
    }
}

/// The answer to [`Request::Vector`]; `None` is the failure.
pub(crate) fn vector_answer(imsi: &Imsi, vector: Option<&Vector>) -> Zeroizing<String> {
    let mut answer = Answer::new("AKA-RESP-AUTH", imsi);
    match vector {
        Some(v) => answer.put(format_args!(
            " {:x} {:x} {:x} {:x} {:x}",
            v.rand.hex(),
            v.autn.hex(),
            v.ik.expose_hex(),
            v.ck.expose_hex(),
            v.xres.expose_hex()
        )),
        None => answer.put(format_args!(" FAILURE")),
    }
    answer.0
}

/// The answer to [`Request::Triplets`]; none is the failure.
pub(crate) fn triplets_answer(imsi: &Imsi, triplets: &[Triplet]) -> Zeroizing<String> {
    let mut answer = Answer::new("SIM-RESP-AUTH", imsi);
    for t in triplets {
        answer.put(format_args!(
            " {:x}:{:x}:{:x}",
            t.kc.expose_hex(),
            t.sres.expose_hex(),
            t.rand.hex()
        ));
    }
    if triplets.is_empty() {
        answer.put(format_args!(" FAILURE"));
    }
    answer.0
}

/// A message with room for the longest answer, so that growing leaves no key behind.
struct Answer(Zeroizing<String>);

impl Answer {
    fn new(kind: &str, imsi: &Imsi) -> Self {
        let mut answer = Self(Zeroizing::new(String::with_capacity(MAX_MESSAGE)));
        answer.put(format_args!("{kind} {}", imsi.as_str()));
        answer
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        self.0.write_fmt(text).expect("a string takes any text");
    }
}

#[cfg(test)]
mod tests {
    use aka::{Autn, Ck, Ik, Kc, Res, Sres};

    use super::*;

    fn refusal(datagram: &[u8]) -> Option<String> {
        let bad = Request::parse(datagram).unwrap_err();
        bad.answer().map(str::to_owned)
    }

    #[test]
    fn requests_are_read() {
        let imsi: Imsi = "232010000000000".parse().unwrap();
        assert_eq!(
            Request::parse(b"AKA-REQ-AUTH 232010000000000"),
            Ok(Request::Vector { imsi })
        );
        let auts = "7c3f6f95eda94477c0d3d98dab9a";
        let rand = "85239c1fc80f27e6ba07cba4eacc2969";
        let message = format!("AKA-AUTS 232010000000000 {auts} {rand}");
        assert_eq!(
            Request::parse(message.as_bytes()),
            Ok(Request::Resynchronise {
                imsi,
                auts: auts.parse().unwrap(),
                rand: rand.parse().unwrap()
            })
        );
    }

    #[test]
    fn a_bad_request_fails_for_the_imsi_it_was_asked_for() {
        assert_eq!(
            refusal(b"AKA-REQ-AUTH 12345"),
            Some("AKA-RESP-AUTH 12345 FAILURE".into())
        );
        assert_eq!(
            refusal(b"AKA-REQ-AUTH 232010000000000 more"),
            Some("AKA-RESP-AUTH 232010000000000 FAILURE".into())
        );
        for count in ["0", "6", "-1", "300", "x", ""] {
            let message = format!("SIM-REQ-AUTH 232010000000000 {count}");
            assert_eq!(
                refusal(message.as_bytes()),
                Some("SIM-RESP-AUTH 232010000000000 FAILURE".into())
            );
        }
    }

    #[test]
    fn what_is_no_request_fails_without_an_echo() {
        let mut long = b"AKA-REQ-AUTH 232010000000000".to_vec();
        long.resize(MAX_MESSAGE + 1, b' ');
        for datagram in [
            b"".as_slice(),
            b"HELLO",
            b"\xff\xfe",
            b"aka-req-auth 232010000000000",
            b"AKA-REQ-AUTH",
            b"AKA-REQ-AUTH  232010000000000",
            b"AKA-REQ-AUTH 23201\r\n",
            b"AKA-REQ-AUTH 123456789012345678901",
            &long,
        ] {
            assert_eq!(refusal(datagram), Some("FAILURE".into()), "{datagram:?}");
        }
    }

    #[test]
    fn a_bad_notification_gets_no_answer() {
        assert_eq!(refusal(b"AKA-AUTS 232010000000000 00 00"), None);
        assert_eq!(refusal(b"AKA-AUTS"), None);
    }

    #[test]
    fn ik_stands_before_ck() {
        let imsi = "232010000000000".parse().unwrap();
        let vector = Vector {
            rand: Rand::new([0x11; 16]),
            autn: Autn::new([0x22; 16]),
            ik: Ik::new([0x33; 16]),
            ck: Ck::new([0x44; 16]),
            xres: Res::from_f2([0x55; 8]),
        };
        let expected = format!(
            "AKA-RESP-AUTH 232010000000000 {} {} {} {} {}",
            "11".repeat(16),
            "22".repeat(16),
            "33".repeat(16),
            "44".repeat(16),
            "55".repeat(8)
        );
        assert_eq!(*vector_answer(&imsi, Some(&vector)), expected);
        assert_eq!(
            *vector_answer(&imsi, None),
            "AKA-RESP-AUTH 232010000000000 FAILURE"
        );
    }

    #[test]
    fn the_longest_answer_fits_the_room_it_has() {
        let imsi = "232010000000000".parse().unwrap();
        let triplet = Triplet {
            rand: Rand::new([1; 16]),
            sres: Sres::new([2; 4]),
            kc: Kc::new([3; 8]),
        };
        let answer = triplets_answer(&imsi, &vec![triplet; MAX_TRIPLETS.into()]);
        let one = format!(" {}:{}:{}", "03".repeat(8), "02".repeat(4), "01".repeat(16));
        assert_eq!(
            *answer,
            format!("SIM-RESP-AUTH 232010000000000{}", one.repeat(5))
        );
        assert!(answer.len() <= MAX_MESSAGE);
        assert_eq!(
            *triplets_answer(&imsi, &[]),
            "SIM-RESP-AUTH 232010000000000 FAILURE"
        );
    }
}
