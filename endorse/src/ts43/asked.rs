//! What a phone asks for (TS.43 §2.3, §6.2).

use std::fmt;
use std::str::FromStr;

use strict_jws::json::Kind;

use crate::body::{document, scalar};
use crate::{Imei, Imsi, InvalidBody};

/// What a phone asks for, from a query or from JSON. Parameters that nobody here needs are passed over.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Asked {
    identity: Option<(String, Imsi)>,
    token: Option<String>,
    terminal: Option<Imei>,
    apps: Vec<AppId>,
    operation: Option<Operation>,
}

/// Why a phone's request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAsked {
    /// The body is refused.
    #[error(transparent)]
    Body(#[from] InvalidBody),
    /// A parameter that may come once comes twice.
    #[error("the parameter {0} comes twice")]
    Twice(&'static str),
    /// A parameter has a value that it cannot have.
    #[error("the parameter {0} has a value that it cannot have")]
    Invalid(&'static str),
    /// There are more than 8 applications.
    #[error("there are more than 8 applications")]
    Apps,
}

/// An application's name, such as `ap2004`: `ap` and 4 digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AppId(Box<str>);

/// What is to be done, beside telling of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// A token for a while (TS.43 §6.2.2, `AcquireTemporaryToken`).
    AcquireTemporaryToken,
}

impl Asked {
    /// How many applications one request may name.
    pub const MAX_APPS: usize = 8;

    /// Reads the parameters of a query.
    ///
    /// # Errors
    /// [`InvalidAsked`]
    pub fn collect<N: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, InvalidAsked> {
        let mut asked = Self::default();
        for (name, value) in pairs {
            asked.take(name.as_ref(), value.as_ref())?;
        }
        Ok(asked)
    }

    /// Reads a JSON object, in which `app` is a string or an array of them.
    ///
    /// # Errors
    /// [`InvalidAsked`]
    pub fn from_json(body: &[u8]) -> Result<Self, InvalidAsked> {
        let document = document(body)?;
        let mut asked = Self::default();
        for (name, value) in document.root().members() {
            match (&*name, value.kind()) {
                (_, Kind::Null) => {}
                ("app", Kind::Array) => {
                    let apps = value.elements().map(scalar);
                    apps.into_iter()
                        .try_for_each(|app| asked.take("app", &app?))?;
                }
                (name, _) => asked.take(name, &scalar(value)?)?,
            }
        }
        Ok(asked)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), InvalidAsked> {
        match name {
            "EAP_ID" => {
                let identity = root_nai(value).map(|imsi| (value.to_owned(), imsi));
                put(&mut self.identity, "EAP_ID", identity)
            }
            "token" => put(&mut self.token, "token", Some(value.to_owned())),
            "terminal_id" => put(&mut self.terminal, "terminal_id", value.parse().ok()),
            "operation" => put(&mut self.operation, "operation", operation(value)),
            "app" if self.apps.len() == Self::MAX_APPS => Err(InvalidAsked::Apps),
            "app" => {
                let app = value.parse().or(Err(InvalidAsked::Invalid("app")))?;
                self.apps.push(app);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The SIM that wants to be proven, by its root NAI (`EAP_ID`).
    pub fn imsi(&self) -> Option<&Imsi> {
        self.identity.as_ref().map(|(_, imsi)| imsi)
    }

    /// The root NAI itself, of which the keys of EAP-AKA are made (RFC 4187 §7).
    pub fn identity(&self) -> Option<&str> {
        self.identity.as_ref().map(|(text, _)| text.as_str())
    }

    /// The token of an earlier run (`token`).
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The phone, as it calls itself (`terminal_id`): nobody has proven it.
    pub fn terminal(&self) -> Option<&Imei> {
        self.terminal.as_ref()
    }

    /// For which applications (`app`).
    pub fn apps(&self) -> &[AppId] {
        &self.apps
    }

    /// What is to be done (`operation`).
    pub fn operation(&self) -> Option<Operation> {
        self.operation
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked")
            .field("apps", &self.apps)
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}

impl AppId {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AppId {
    type Err = InvalidAsked;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("ap").unwrap_or_default();
        if digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidAsked::Invalid("app"))
        }
    }
}

fn put<T>(place: &mut Option<T>, name: &'static str, value: Option<T>) -> Result<(), InvalidAsked> {
    let value = value.ok_or(InvalidAsked::Invalid(name))?;
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(InvalidAsked::Twice(name)),
    }
}

fn operation(name: &str) -> Option<Operation> {
    (name == "AcquireTemporaryToken").then_some(Operation::AcquireTemporaryToken)
}

/// The IMSI of `0<IMSI>@nai.epc.mnc<MNC>.mcc<MCC>.3gppnetwork.org` (TS 23.003 §19.3.2), where the realm
/// is the IMSI's own network.
///
/// Never the same with `wlan` (§14.3): so a phone names itself to access points. The keys of EAP-AKA are
/// made of the name, hence what a phone answers to an access point, which relays a challenge, is no
/// answer here.
fn root_nai(text: &str) -> Option<Imsi> {
    let (user, realm) = text.split_once('@')?;
    let imsi = user.strip_prefix('0')?;
    let codes = realm.strip_prefix("nai.epc.mnc")?;
    let codes = codes.strip_suffix(".3gppnetwork.org")?;
    let (mnc, mcc) = codes.split_once(".mcc")?;
    if mnc.len() != 3 || mcc.len() != 3 {
        return None;
    }
    let rest = imsi.strip_prefix(mcc)?;
    let short = mnc.strip_prefix('0');
    let is_home = rest.starts_with(mnc) || short.is_some_and(|mnc| rest.starts_with(mnc));
    if is_home { imsi.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0234107813240779@nai.epc.mnc010.mcc234.3gppnetwork.org";

    #[test]
    fn a_phone_names_its_sim_itself_and_its_applications() {
        let pairs = [
            ("EAP_ID", ID),
            ("terminal_id", "490154203237518"),
            ("app", "ap2004"),
            ("app", "ap2009"),
            ("operation", "AcquireTemporaryToken"),
            ("vers", "1"),
        ];
        let asked = Asked::collect(pairs).unwrap();
        assert_eq!(asked.imsi().unwrap().as_str(), "234107813240779");
        assert_eq!(asked.terminal().unwrap().as_str(), "490154203237518");
        let apps: Vec<_> = asked.apps().iter().map(AppId::as_str).collect();
        assert_eq!(apps, ["ap2004", "ap2009"]);
        assert_eq!(asked.operation(), Some(Operation::AcquireTemporaryToken));
    }

    #[test]
    fn json_says_the_same_as_a_query() {
        let json = format!(
            r#"{{"EAP_ID":"{ID}","app":["ap2004","ap2009"],"vers":1,"token":null,"notif_action":2}}"#
        );
        let pairs = [("EAP_ID", ID), ("app", "ap2004"), ("app", "ap2009")];
        assert_eq!(Asked::from_json(json.as_bytes()), Asked::collect(pairs));
        let one = Asked::from_json(br#"{"app":"ap2004"}"#).unwrap();
        assert_eq!(one.apps().len(), 1);
    }

    #[test]
    fn a_realm_must_be_the_sims_own_network() {
        for id in [ID, "0310410123456789@nai.epc.mnc410.mcc310.3gppnetwork.org"] {
            assert!(
                Asked::collect([("EAP_ID", id)]).unwrap().imsi().is_some(),
                "{id}"
            );
        }
        for id in [
            "",
            "234107813240779",
            "0234107813240779@wlan.mnc010.mcc234.3gppnetwork.org",
            "1234107813240779@nai.epc.mnc010.mcc234.3gppnetwork.org",
            "6234107813240779@nai.epc.mnc010.mcc234.3gppnetwork.org",
            "0234107813240779@nai.epc.mnc011.mcc234.3gppnetwork.org",
            "0234107813240779@nai.epc.mnc010.mcc235.3gppnetwork.org",
            "0234107813240779@nai.epc.mnc10.mcc234.3gppnetwork.org",
            "0234107813240779@nai.epc.mnc010.mcc234.3gppnetwork.org.example",
            "023410781324077x@nai.epc.mnc010.mcc234.3gppnetwork.org",
        ] {
            let refusal = Err(InvalidAsked::Invalid("EAP_ID"));
            assert_eq!(Asked::collect([("EAP_ID", id)]), refusal, "{id}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let collect = |pairs: &[(&str, &str)]| Asked::collect(pairs.iter().copied()).map(|_| ());
        assert_eq!(
            collect(&[("token", "a"), ("token", "b")]),
            Err(InvalidAsked::Twice("token"))
        );
        assert_eq!(
            collect(&[("operation", "Delete")]),
            Err(InvalidAsked::Invalid("operation"))
        );
        assert_eq!(
            collect(&[("terminal_id", "x")]),
            Err(InvalidAsked::Invalid("terminal_id"))
        );
        assert_eq!(
            collect(&[("app", "ap20")]),
            Err(InvalidAsked::Invalid("app"))
        );
        assert_eq!(collect(&[("app", "ap2004"); 9]), Err(InvalidAsked::Apps));
        let deep = Asked::from_json(br#"{"x":{}}"#);
        assert_eq!(deep, Err(InvalidAsked::Body(InvalidBody::Parameter)));
    }
}
