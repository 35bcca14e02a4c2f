//! What `wpa_supplicant` asks over its control interface, and what it is told.

use std::fmt::{self, Write};

use aka::{Autn, Imsi, MncLength, Rand};
use usim::{Authentication, GsmAuthentication};
use zeroize::Zeroizing;

/// A message of `wpa_supplicant` that means something here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// `CTRL-REQ-SIM-<id>:...`: a challenge for the card.
    Challenge {
        /// Which network's login asks, as it names it.
        network: String,
        /// What the card shall answer.
        challenge: Challenge,
    },
    /// `CTRL-REQ-IDENTITY-<id>:...`: who logs in?
    Identity {
        /// Which network's login asks.
        network: String,
    },
    /// `CTRL-EVENT-TERMINATING`: it ends.
    Terminating,
    /// `FAIL`: it refused what was sent.
    Refused,
}

/// A challenge for the card.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// `UMTS-AUTH:<RAND>:<AUTN>`, of EAP-AKA and EAP-AKA'.
    Umts { rand: Rand, autn: Autn },
    /// `GSM-AUTH:<RAND>:<RAND>[:<RAND>]`, of EAP-SIM.
    Gsm { rands: Vec<Rand> },
}

/// The most challenges of one EAP-SIM login (RFC 4186 §9.2).
const MAX_CHALLENGES: usize = 3;

impl Message {
    /// Reads one datagram; `None` for everything that needs nothing.
    pub(crate) fn parse(datagram: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(datagram).ok()?;
        if text == "FAIL\n" {
            return Some(Self::Refused);
        }
        let (_level, event) = text.strip_prefix('<')?.split_once('>')?;
        if event.starts_with("CTRL-EVENT-TERMINATING") {
            return Some(Self::Terminating);
        }
        let (field, rest) = event.strip_prefix("CTRL-REQ-")?.split_once('-')?;
        let (network, asked) = rest.split_once(':')?;
        if network.is_empty() || !network.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        let network = network.to_owned();
        match field {
            "IDENTITY" => Some(Self::Identity { network }),
            "SIM" => Some(Self::Challenge {
                network,
                challenge: Challenge::parse(asked)?,
            }),
            _ => None,
        }
    }
}

impl Challenge {
    fn parse(asked: &str) -> Option<Self> {
        let (values, _for_which_ssid) = asked.split_once(' ').unwrap_or((asked, ""));
        let mut values = values.split(':');
        match values.next()? {
            "UMTS-AUTH" => {
                let [rand, autn] = *values.collect::<Vec<_>>() else {
                    return None;
                };
                Some(Self::Umts {
                    rand: rand.parse().ok()?,
                    autn: autn.parse().ok()?,
                })
            }
            "GSM-AUTH" => {
                let rands: Option<Vec<Rand>> = values.map(|rand| rand.parse().ok()).collect();
                let rands = rands?;
                (1..=MAX_CHALLENGES)
                    .contains(&rands.len())
                    .then_some(Self::Gsm { rands })
            }
            _ => None,
        }
    }

    /// What tells `wpa_supplicant` that there is no answer.
    pub(crate) const fn failure(&self) -> &'static str {
        match self {
            Self::Umts { .. } => "UMTS-FAIL",
            Self::Gsm { .. } => "GSM-FAIL",
        }
    }
}

/// The answer to a UMTS challenge: IK before CK.
pub(crate) fn umts(answer: &Authentication) -> Zeroizing<String> {
    match answer {
        Authentication::Success(keys) => wiped(format_args!(
            "UMTS-AUTH:{:x}:{:x}:{:x}",
            keys.ik.expose_hex(),
            keys.ck.expose_hex(),
            keys.res.expose_hex()
        )),
        Authentication::SyncFailure(auts) => wiped(format_args!("UMTS-AUTS:{:x}", auts.hex())),
    }
}

/// The answer to GSM challenges, in their order.
pub(crate) fn gsm(answers: &[GsmAuthentication]) -> Zeroizing<String> {
    let mut text = wiped(format_args!("GSM-AUTH"));
    for answer in answers {
        let (kc, sres) = (answer.kc.expose_hex(), answer.sres.expose_hex());
        put(&mut text, format_args!(":{kc:x}:{sres:x}"));
    }
    text
}

/// The command that carries an answer to the request `field` of `network`.
pub(crate) fn response(field: &str, network: &str, answer: &str) -> Zeroizing<String> {
    wiped(format_args!("CTRL-RSP-{field}-{network}:{answer}"))
}

/// Which EAP method the permanent identity is for: its first character (RFC 4186 §4.2.1.6,
/// RFC 4187 §4.1.1.6, RFC 9048 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Method {
    /// EAP-AKA
    Aka,
    /// EAP-SIM
    Sim,
    /// EAP-AKA'
    AkaPrime,
}

/// The root NAI of a subscriber (TS 23.003 §14.3).
pub(crate) fn identity(method: Method, imsi: &Imsi, mnc_length: MncLength) -> Zeroizing<String> {
    let prefix = match method {
        Method::Aka => '0',
        Method::Sim => '1',
        Method::AkaPrime => '6',
    };
    let plmn = imsi.plmn(mnc_length);
    wiped(format_args!(
        "{prefix}{}@wlan.mnc{:0>3}.mcc{}.3gppnetwork.org",
        imsi.as_str(),
        plmn.mnc(),
        plmn.mcc()
    ))
}

/// Longer than any answer, so that growing leaves no key behind.
const ROOM: usize = 256;

fn wiped(text: fmt::Arguments<'_>) -> Zeroizing<String> {
    let mut made = Zeroizing::new(String::with_capacity(ROOM));
    put(&mut made, text);
    made
}

fn put(text: &mut Zeroizing<String>, more: fmt::Arguments<'_>) {
    text.write_fmt(more).expect("a string takes any text");
}

#[cfg(test)]
mod tests {
    use aka::{Auts, Ck, Ik, Kc, Res, Sres};
    use usim::Keys;

    use super::*;

    const RAND: &str = "23553cbe9637a89d218ae64dae47bf35";
    const AUTN: &str = "55f328b43577b9b94a9ffac354dfafb3";

    fn rand() -> Rand {
        RAND.parse().unwrap()
    }

    #[test]
    fn a_umts_challenge_is_read() {
        let text = format!("<3>CTRL-REQ-SIM-12:UMTS-AUTH:{RAND}:{AUTN} needed for SSID home: wifi");
        let challenge = Challenge::Umts {
            rand: rand(),
            autn: AUTN.parse().unwrap(),
        };
        let network = "12".to_owned();
        assert_eq!(
            Message::parse(text.as_bytes()),
            Some(Message::Challenge { network, challenge })
        );
    }

    #[test]
    fn gsm_challenges_are_read() {
        let text = format!("<3>CTRL-REQ-SIM-0:GSM-AUTH:{RAND}:{RAND}:{RAND} needed for SSID x");
        let challenge = Challenge::Gsm {
            rands: vec![rand(); 3],
        };
        let network = "0".to_owned();
        assert_eq!(
            Message::parse(text.as_bytes()),
            Some(Message::Challenge { network, challenge })
        );
    }

    #[test]
    fn an_identity_is_asked_for() {
        let network = "0".to_owned();
        assert_eq!(
            Message::parse(b"<3>CTRL-REQ-IDENTITY-0:Identity needed for SSID x"),
            Some(Message::Identity { network })
        );
    }

    #[test]
    fn its_end_and_its_refusals_are_noticed() {
        assert_eq!(
            Message::parse(b"<3>CTRL-EVENT-TERMINATING "),
            Some(Message::Terminating)
        );
        assert_eq!(Message::parse(b"FAIL\n"), Some(Message::Refused));
    }

    #[test]
    fn everything_else_needs_nothing() {
        for text in [
            "",
            "OK\n",
            "<3>CTRL-EVENT-SCAN-STARTED ",
            "<3>CTRL-REQ-PASSWORD-0:Password needed for SSID x",
            "CTRL-REQ-SIM-0:UMTS-AUTH:00:00 without a level",
            "<3>CTRL-REQ-SIM-0:UMTS-AUTH:00:00 needed for SSID x",
            "<3>CTRL-REQ-SIM-:UMTS-AUTH",
            "<3>CTRL-REQ-SIM-0\n1:UMTS-AUTH",
            "<3>CTRL-REQ-SIM-0:GSM-AUTH needed for SSID x",
            "<3>CTRL-REQ-SIM-0:LTE-AUTH:00 needed",
        ] {
            assert_eq!(Message::parse(text.as_bytes()), None, "{text}");
        }
        let many = format!(
            "<3>CTRL-REQ-SIM-0:GSM-AUTH{} x",
            format!(":{RAND}").repeat(4)
        );
        assert_eq!(Message::parse(many.as_bytes()), None);
        assert_eq!(Message::parse(b"\xff\xfe"), None);
    }

    #[test]
    fn ik_stands_before_ck() {
        let keys = Keys::new(
            Res::from_f2([1; 8]),
            Ck::new([2; 16]),
            Ik::new([3; 16]),
            None,
        );
        let expected = ["03".repeat(16), "02".repeat(16), "01".repeat(8)].join(":");
        assert_eq!(
            *response("SIM", "0", &umts(&Authentication::Success(keys))),
            format!("CTRL-RSP-SIM-0:UMTS-AUTH:{expected}")
        );
    }

    #[test]
    fn a_stale_challenge_answers_auts() {
        let auts = Auts::new([0xab; 14]);
        assert_eq!(
            *umts(&Authentication::SyncFailure(auts)),
            format!("UMTS-AUTS:{}", "ab".repeat(14))
        );
    }

    #[test]
    fn kc_stands_before_sres() {
        let answer = GsmAuthentication::new(Sres::new([1; 4]), Kc::new([2; 8]));
        let one = format!(":{}:{}", "02".repeat(8), "01".repeat(4));
        assert_eq!(
            *gsm(&[answer.clone(), answer]),
            format!("GSM-AUTH{one}{one}")
        );
    }

    #[test]
    fn the_identity_is_the_root_nai() {
        let imsi = "001010000000001".parse().unwrap();
        assert_eq!(
            *identity(Method::Aka, &imsi, MncLength::Two),
            "0001010000000001@wlan.mnc001.mcc001.3gppnetwork.org"
        );
        let imsi = "310150123456789".parse().unwrap();
        assert_eq!(
            *identity(Method::AkaPrime, &imsi, MncLength::Three),
            "6310150123456789@wlan.mnc150.mcc310.3gppnetwork.org"
        );
    }
}
