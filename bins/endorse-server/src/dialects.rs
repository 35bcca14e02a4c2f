//! What an operator decides of the dialects beside our own.

use std::collections::BTreeMap;
use std::str::FromStr;

use endorse::{Audience, InvalidName, Issuer, Subject};
use serde::{Deserialize, Serialize};

/// The dialects.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "an operator decides all of it")]
pub struct Dialects {
    /// Tokens in the format of SORACOM Endorse.
    pub soracom: Soracom,
    /// SORACOM's Keys API.
    pub keys_api: KeysApi,
    /// GSMA TS.43.
    pub ts43: Ts43,
}

/// Tokens in SORACOM Endorse's format, by the names that a group's settings have there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Soracom {
    /// Whether there are any.
    pub enabled: bool,
    /// Their `iss`; the server's origin unless it is said.
    pub issuer: Option<String>,
    /// Their `aud`; the server's origin unless it is said.
    pub audience: Option<String>,
    /// Their `sub`.
    pub subject: String,
    /// What they tell.
    pub parameters_to_endorse: ParametersToEndorse,
    /// How many seconds they live.
    pub token_timeout_seconds: u64,
    /// Which origin's pages may ask for one (`Access-Control-Allow-Origin`).
    pub allow_origin: Option<String>,
    /// Where browsers may be sent with one: exactly these URLs.
    pub authorized_redirect_urls: Vec<String>,
}

/// What a token in SORACOM Endorse's format tells.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the settings' switches, by their names"
)]
#[non_exhaustive]
pub struct ParametersToEndorse {
    /// The operator's name of the SIM.
    pub sim_id: bool,
    /// The IMSI.
    pub imsi: bool,
    /// The IMEI.
    pub imei: bool,
    /// The number.
    pub msisdn: bool,
    /// What the device asked to have in it.
    pub request_parameters: bool,
}

/// SORACOM's Keys API.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct KeysApi {
    /// The status of an answer with a challenge: 200, or 401 as the service itself has it.
    pub challenge_status: u16,
    /// For how many seconds a proven key signs calls.
    pub key_lifetime: u64,
    /// For whom native tokens are, where there are none in SORACOM's format; the first audience
    /// unless it is said.
    pub audience: Option<String>,
    /// What `region` says beside a token.
    pub region: String,
    /// Where `soracom/inventory/bootstrap` sends devices; without it there is no such call.
    pub inventory_server: Option<String>,
}

/// GSMA TS.43.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Ts43 {
    /// For whom the tokens of an application (`ap2004`) are; for others, the first audience.
    pub apps: BTreeMap<String, String>,
}

macro_rules! inline_table {
    ($($name:ident),*) => {$(
        impl FromStr for $name {
            type Err = toml::de::Error;

            /// Reads an inline table, as the command line has it.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let line: Line<Self> = toml::from_str(&format!("table = {text}"))?;
                Ok(line.table)
            }
        }
    )*};
}

inline_table!(Soracom, KeysApi, Ts43);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<T> {
    table: T,
}

impl Default for Soracom {
    fn default() -> Self {
        Self {
            enabled: false,
            issuer: None,
            audience: None,
            subject: "soracom-endorse".to_owned(),
            parameters_to_endorse: ParametersToEndorse::default(),
            token_timeout_seconds: 600,
            allow_origin: None,
            authorized_redirect_urls: Vec::new(),
        }
    }
}

impl Default for ParametersToEndorse {
    /// All of it.
    fn default() -> Self {
        Self {
            sim_id: true,
            imsi: true,
            imei: true,
            msisdn: true,
            request_parameters: true,
        }
    }
}

impl Default for KeysApi {
    fn default() -> Self {
        Self {
            challenge_status: 200,
            key_lifetime: 600,
            audience: None,
            region: "local".to_owned(),
            inventory_server: None,
        }
    }
}

impl Soracom {
    /// Whether browsers may be sent to `url`, letter for letter.
    pub fn may_redirect(&self, url: &str) -> bool {
        let mut known = self.authorized_redirect_urls.iter();
        self.enabled && known.any(|known| known == url)
    }

    /// Who issues these tokens, for a server at `origin`.
    ///
    /// # Errors
    /// A name is none.
    pub(crate) fn names(&self, origin: &str) -> Result<SoracomNames, InvalidName> {
        let issuer = self.issuer.as_deref().unwrap_or(origin).parse()?;
        let subject: Subject = self.subject.parse()?;
        Ok(SoracomNames {
            issuer: Issuer::soracom(issuer, subject.clone())
                .with_lifetime(self.token_timeout_seconds),
            audience: self.audience.as_deref().unwrap_or(origin).parse()?,
            subject,
        })
    }
}

/// The constants of tokens in SORACOM's format.
#[derive(Clone, Debug)]
pub(crate) struct SoracomNames {
    pub(crate) issuer: Issuer,
    pub(crate) audience: Audience,
    pub(crate) subject: Subject,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_allowed_letter_for_letter_or_not_at_all() {
        let soracom = Soracom {
            enabled: true,
            authorized_redirect_urls: vec!["https://app.example/callback".to_owned()],
            ..Soracom::default()
        };
        assert!(soracom.may_redirect("https://app.example/callback"));
        for url in [
            "",
            "https://app.example",
            "https://app.example/callback/",
            "https://app.example/callback?x=1",
            "https://app.example/callback#x",
            "https://APP.example/callback",
            "https://app.example/callback/../callback",
            "https://app.example:443/callback",
            "https://app.example@evil.example/callback",
            "//app.example/callback",
            "javascript:alert(1)",
            " https://app.example/callback",
        ] {
            assert!(!soracom.may_redirect(url), "{url}");
        }
        let off = Soracom {
            enabled: false,
            ..soracom
        };
        assert!(!off.may_redirect("https://app.example/callback"));
    }

    #[test]
    fn tables_are_read_from_a_line_and_unknown_names_are_refused() {
        let soracom = "{ enabled = true, parametersToEndorse = { imsi = false } }";
        let soracom: Soracom = soracom.parse().unwrap();
        assert!(soracom.enabled && soracom.parameters_to_endorse.imei);
        assert!(!soracom.parameters_to_endorse.imsi);
        assert_eq!(soracom.token_timeout_seconds, 600);
        let unknown = "{ enable = true }".parse::<Soracom>();
        assert!(unknown.unwrap_err().to_string().contains("unknown field"));
        let ts43: Ts43 = r#"{ apps = { ap2004 = "https://api.example" } }"#.parse().unwrap();
        assert_eq!(ts43.apps["ap2004"], "https://api.example");
    }

    #[test]
    fn our_own_issuer_is_the_default() {
        let names = Soracom::default().names("https://endorse.example").unwrap();
        assert_eq!(names.issuer.id().as_str(), "https://endorse.example");
        assert_eq!(names.audience.as_str(), "https://endorse.example");
        assert_eq!(names.subject.as_str(), "soracom-endorse");
    }
}
