//! The document that ends a run (TS.43 §2.9), in JSON and in XML.

use std::fmt::{self, Write as _};

use strict_jws::json::ObjectWriter;

use super::AppId;

/// What a phone gets.
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "these are the document's parts")]
pub struct Granted<'a> {
    /// The token, with which the phone may ask again.
    pub token: &'a str,
    /// For how many seconds it is good.
    pub validity: u64,
    /// The application's token, where the phone asked for one.
    pub temporary: Option<Temporary<'a>>,
}

/// What `AcquireTemporaryToken` acquires.
#[derive(Clone, Copy)]
#[expect(
    clippy::exhaustive_structs,
    reason = "these are the operation's results"
)]
pub struct Temporary<'a> {
    /// For which application.
    pub app: &'a AppId,
    /// The token.
    pub token: &'a str,
    /// When it expires, as in `2026-11-22T08:00:00Z`.
    pub expiry: &'a str,
}

impl Granted<'_> {
    /// As `application/json`.
    pub fn to_json(self) -> String {
        let validity = self.validity.to_string();
        let mut document = ObjectWriter::new();
        document.object("Vers", |vers| {
            vers.string("version", "1").string("validity", &validity);
        });
        document.object("Token", |token| {
            token
                .string("token", self.token)
                .string("validity", &validity);
        });
        if let Some(temporary) = &self.temporary {
            document.object(temporary.app.as_str(), |app| {
                app.string("OperationResult", "1")
                    .string("TemporaryToken", temporary.token)
                    .string("TemporaryTokenExpiry", temporary.expiry);
            });
        }
        document.finish()
    }

    /// As `text/vnd.wap.connectivity-xml`.
    pub fn to_xml(self) -> String {
        let validity = self.validity.to_string();
        let mut text =
            String::from("<?xml version=\"1.0\"?>\n<wap-provisioningdoc version=\"1.1\">\n");
        characteristic(
            &mut text,
            "VERS",
            &[("version", "1"), ("validity", &validity)],
        );
        let token = [("token", self.token), ("validity", &validity)];
        characteristic(&mut text, "TOKEN", &token);
        if let Some(temporary) = &self.temporary {
            let parameters = [
                ("AppID", temporary.app.as_str()),
                ("OperationResult", "1"),
                ("TemporaryToken", temporary.token),
                ("TemporaryTokenExpiry", temporary.expiry),
            ];
            characteristic(&mut text, "APPLICATION", &parameters);
        }
        text.push_str("</wap-provisioningdoc>\n");
        text
    }
}

impl fmt::Debug for Granted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Granted([redacted])")
    }
}

impl fmt::Debug for Temporary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Temporary([redacted])")
    }
}

fn characteristic(text: &mut String, kind: &str, parameters: &[(&str, &str)]) {
    let infallible = "a String takes all text";
    writeln!(text, "  <characteristic type=\"{kind}\">").expect(infallible);
    for (name, value) in parameters {
        let value = Escaped(value);
        writeln!(text, "    <parm name=\"{name}\" value=\"{value}\"/>").expect(infallible);
    }
    text.push_str("  </characteristic>\n");
}

/// Text within an attribute of XML.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '"' => f.write_str("&quot;"),
            other => f.write_char(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_finds_the_token_where_it_looks_for_it() {
        let granted = Granted {
            token: "a.b.c",
            validity: 300,
            temporary: None,
        };
        let json = r#"{"Vers":{"version":"1","validity":"300"},"Token":{"token":"a.b.c","validity":"300"}}"#;
        assert_eq!(granted.to_json(), json);
        let xml = granted.to_xml();
        assert!(
            xml.contains(r#"<parm name="token" value="a.b.c"/>"#),
            "{xml}"
        );
    }

    #[test]
    fn an_application_gets_its_own_token() {
        let app = "ap2009".parse().unwrap();
        let granted = Granted {
            token: "t",
            validity: 1,
            temporary: Some(Temporary {
                app: &app,
                token: "x\"<&",
                expiry: "2026-11-22T08:00:00Z",
            }),
        };
        let json: serde_json::Value = serde_json::from_str(&granted.to_json()).unwrap();
        assert_eq!(json["ap2009"]["OperationResult"], "1");
        assert_eq!(json["ap2009"]["TemporaryToken"], "x\"<&");
        let xml = granted.to_xml();
        assert!(xml.contains(r#"value="x&quot;&lt;&amp;"/>"#), "{xml}");
        assert!(
            xml.contains(r#"<parm name="AppID" value="ap2009"/>"#),
            "{xml}"
        );
    }
}
