//! What a browser may do with a page.

use std::fmt;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header fields of every page, beside `Content-Type`.
///
/// Scripts, styles and images come from this server alone, nobody frames a page, and forms go
/// nowhere else, but for the one origin to which an answer is posted.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    form_target: Option<Origin>,
    layer: Layer,
    referrer: Referrer,
}

/// What pages come over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Layer {
    #[default]
    Plain,
    Tls,
}

/// To whom a browser says where it comes from (Referrer Policy §3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Referrer {
    #[default]
    Nobody,
    Ourselves,
}

impl Headers {
    /// Those of a page that comes over TLS: HSTS is among them.
    pub fn over_tls() -> Self {
        Self {
            layer: Layer::Tls,
            ..Self::default()
        }
    }

    /// Lets a form go to `origin` as well (OAuth 2.0 Form Post Response Mode).
    #[must_use]
    pub fn form_to(mut self, origin: Origin) -> Self {
        self.form_target = Some(origin);
        self
    }

    /// Lets a browser say to this server, and to nobody else, from which of its pages a form comes.
    ///
    /// Without it a form comes with `Origin: null`, which [`crate::browser::Hosts`] refuses: this is for
    /// forms that hold no token of their own.
    #[must_use]
    pub const fn forms_by_origin(mut self) -> Self {
        self.referrer = Referrer::Ourselves;
        self
    }

    /// Names and values, in lower case.
    ///
    /// ```
    /// use server_kit::page::Headers;
    ///
    /// let fields = Headers::default().fields();
    /// assert!(fields.contains(&("x-content-type-options", "nosniff".to_owned())));
    /// ```
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("content-security-policy", self.policy())];
        fields.extend(FIXED.map(|(name, value)| (name, value.to_owned())));
        let referrer = match self.referrer {
            Referrer::Nobody => "no-referrer",
            Referrer::Ourselves => "same-origin",
        };
        fields.push(("referrer-policy", referrer.to_owned()));
        if self.layer == Layer::Tls {
            fields.push(("strict-transport-security", "max-age=31536000".to_owned()));
        }
        fields
    }

    /// Puts them among an answer's fields.
    pub fn put_on(&self, answer: &mut HeaderMap) {
        for (name, value) in self.fields() {
            if let Ok(value) = HeaderValue::from_str(&value) {
                answer.insert(HeaderName::from_static(name), value);
            }
        }
    }

    fn policy(&self) -> String {
        let target = self.form_target.as_ref().map_or("", |origin| &origin.0);
        let between = if target.is_empty() { "" } else { " " };
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
             connect-src 'self'; form-action 'self'{between}{target}; frame-ancestors 'none'; \
             base-uri 'none'"
        )
    }
}

const FIXED: [(&str, &str); 5] = [
    ("x-frame-options", "DENY"),
    (
        "permissions-policy",
        "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), \
         geolocation=(), microphone=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
];

/// An origin that stands in a policy: scheme, host, port, and nothing that could end the directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// A text that is no origin of the web.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no origin: it is written https://host[:port] or http://host[:port]")]
#[non_exhaustive]
pub struct OriginError;

impl Origin {
    /// Reads `https://host[:port]`.
    ///
    /// # Errors
    /// Another scheme, a path, or a character that no host has.
    pub fn new(text: &str) -> Result<Self, OriginError> {
        let host = text
            .strip_prefix("https://")
            .or(text.strip_prefix("http://"));
        let host = host.ok_or(OriginError)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        if host.is_empty() || !host.bytes().all(plain) {
            return Err(OriginError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl Origin {
    /// An application on the device by its scheme, which has a dot in it (RFC 8252 §7.1).
    ///
    /// # Errors
    /// No such scheme.
    pub fn of_app(scheme: &str) -> Result<Self, OriginError> {
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
        let begins = scheme.starts_with(|first: char| first.is_ascii_lowercase());
        if begins && scheme.contains('.') && scheme.bytes().all(plain) {
            Ok(Self(format!("{scheme}:")))
        } else {
            Err(OriginError)
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_go_to_the_server_and_to_one_origin() {
        let origin = Origin::new("https://rp.example:8443").expect("an origin");
        let policy = Headers::default().form_to(origin).policy();
        assert!(
            policy.contains("form-action 'self' https://rp.example:8443;"),
            "{policy}"
        );
        let policy = Headers::default().policy();
        assert!(policy.contains("form-action 'self';"), "{policy}");
    }

    #[test]
    fn forms_go_to_an_application_on_the_device() {
        let app = Origin::of_app("com.example.app").expect("a scheme");
        let policy = Headers::default().form_to(app).policy();
        assert!(
            policy.contains("form-action 'self' com.example.app:;"),
            "{policy}"
        );
        for text in ["javascript", "data", "a.b;", "", ".a", "a.B", "a.b *"] {
            assert_eq!(Origin::of_app(text), Err(OriginError), "{text}");
        }
    }

    #[test]
    fn no_origin_can_widen_a_policy() {
        for text in [
            "https://a; script-src *",
            "https://a b",
            "https://",
            "javascript:alert(1)",
            "https://a/b",
            "https://*",
            "https://a'",
            "",
        ] {
            assert_eq!(Origin::new(text), Err(OriginError), "{text}");
        }
    }

    #[test]
    fn where_a_browser_comes_from_is_told_to_nobody_or_to_ourselves() {
        let policy = |headers: Headers| {
            let fields = headers.fields().into_iter();
            let found: Vec<_> = fields
                .filter_map(|(name, value)| (name == "referrer-policy").then_some(value))
                .collect();
            found.join(",")
        };
        assert_eq!(policy(Headers::default()), "no-referrer");
        let ours = Headers::over_tls().forms_by_origin();
        assert_eq!(policy(ours), "same-origin");
    }

    #[test]
    fn transport_security_is_promised_under_tls_only() {
        let named = |headers: Headers| {
            let fields = headers.fields();
            fields
                .iter()
                .any(|(name, _)| *name == "strict-transport-security")
        };
        assert!(named(Headers::over_tls()));
        assert!(!named(Headers::default()));
    }
}
