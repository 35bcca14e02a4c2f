//! The pages for people: what the server is, a login with a SIM, and the way back from it.

use std::fmt::{self, Display, Write as _};

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use endorse::Refusal;

use crate::ServerError;
use crate::app::App;

const STYLE: &str = include_str!("page/style.css");
const HOME: &str = include_str!("page/home.html");
const LOGIN: &str = include_str!("page/login.html");
const CARRY: &str = include_str!("page/carry.html");
const DECODER: &str = include_str!("page/decoder.js");
const SUBMIT: &str = "document.forms[0].submit();\n";

/// What a page may do beside showing itself.
struct Page<'p> {
    title: &'p str,
    body: String,
    script: Option<&'static str>,
    /// Where its forms go, as `form-action` has it.
    forms: &'p str,
}

/// What the server is, how to get a token, and what one says.
pub(super) fn home(app: &App) -> Response {
    let settings = app.server.settings();
    let audiences: Vec<&str> = settings
        .audiences
        .iter()
        .map(endorse::Audience::as_str)
        .collect();
    let audience = audiences.first().copied().unwrap_or("https://api.example");
    let page = Page {
        title: "endorse-server",
        body: filled(
            HOME,
            &[
                ("origin", &settings.origin),
                ("audience", audience),
                ("audiences", &audiences.join(", ")),
                ("version", env!("CARGO_PKG_VERSION")),
            ],
        ),
        script: Some(DECODER),
        forms: "'none'",
    };
    page.respond()
}

/// A login for whoever sent the browser here.
pub(super) fn login(
    app: &App,
    url: &str,
    parameters: &[(String, String)],
    refusal: Option<Refusal>,
) -> Response {
    let origin = &app.server.settings().origin;
    let mut inputs = hidden("redirect_url", url);
    for (name, value) in parameters {
        inputs.push_str(&hidden(name, value));
    }
    let alert = refusal.map(|_| ALERT).unwrap_or_default();
    let body = filled(LOGIN, &[("origin", origin), ("host", host(url))]);
    let page = Page {
        title: "Log in with your SIM",
        body: body
            .replace("<!-- inputs -->", &inputs)
            .replace("<!-- alert -->", alert),
        script: None,
        forms: "'self'",
    };
    page.respond()
}

/// Sends the browser back, with the token in a form.
pub(super) fn carry(url: &str, token: &str) -> Response {
    let values = [("url", url), ("host", host(url)), ("token", token)];
    let page = Page {
        title: "Back to where you came from",
        body: filled(CARRY, &values),
        script: Some(SUBMIT),
        forms: &origin(url),
    };
    page.respond()
}

const ALERT: &str = "<p class=\"alert\" role=\"alert\">This token is not good, or has been used. \
                     Get a fresh one and try again.</p>";

impl Page<'_> {
    fn respond(&self) -> Response {
        let mut octets = [0; 16];
        if let Err(error) = getrandom::fill(&mut octets) {
            return ServerError::Randomness(error).into_response();
        }
        let nonce = hex::encode(octets);
        let mut response = Html(self.text(&nonce)).into_response();
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; \
             connect-src 'self'; form-action {}; base-uri 'none'; frame-ancestors 'none'",
            self.forms
        );
        let headers = response.headers_mut();
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        let referrer = HeaderValue::from_static("same-origin");
        headers.insert(header::REFERRER_POLICY, referrer);
        response
    }

    fn text(&self, nonce: &str) -> String {
        let mut text = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{}</title>\n<style nonce=\"{nonce}\">\n{STYLE}</style>\n</head>\n<body>\n{}",
            Escaped(self.title),
            self.body
        );
        if let Some(script) = self.script {
            let script = format!("<script nonce=\"{nonce}\">\n{script}</script>\n");
            text.push_str(&script);
        }
        text.push_str("</body>\n</html>\n");
        text
    }
}

/// A template with its values, each escaped.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    for (at, part) in template.split("{{").enumerate() {
        match part.split_once("}}").filter(|_| at > 0) {
            Some((name, rest)) => {
                let value = values.iter().find(|(known, _)| *known == name);
                let value = value.map(|(_, value)| *value).unwrap_or_default();
                write!(text, "{}{rest}", Escaped(value)).expect("a String takes all text");
            }
            None => text.push_str(part),
        }
    }
    text
}

fn hidden(name: &str, value: &str) -> String {
    let (name, value) = (Escaped(name), Escaped(value));
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n")
}

/// Scheme and authority of a URL.
fn origin(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // Nothing that could end the directive.
    let symbol = |symbol: &char| symbol.is_ascii_alphanumeric() || ".-:[]".contains(*symbol);
    let authority: String = authority.chars().filter(symbol).collect();
    format!("{scheme}://{authority}")
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Text within an element or an attribute of HTML.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            other => f.write_char(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_templates_are_not() {
        let text = filled(
            "<b title='{{x}}'>{{y}}</b>{{z}}",
            &[("x", "'\"&"), ("y", "<{{x}}>")],
        );
        assert_eq!(text, "<b title='&#39;&quot;&amp;'>&lt;{{x}}&gt;</b>");
    }

    #[test]
    fn a_forms_target_is_the_urls_origin() {
        assert_eq!(
            origin("https://app.example:8443/a?b"),
            "https://app.example:8443"
        );
        assert_eq!(
            origin("https://app.example;x 'y'/a"),
            "https://app.examplexy"
        );
        assert_eq!(host("https://app.example/a"), "app.example");
    }

    #[test]
    fn every_name_in_a_template_is_known() {
        for (template, known) in [
            (HOME, &["origin", "audience", "audiences", "version"][..]),
            (LOGIN, &["origin", "host"]),
            (CARRY, &["url", "host", "token"]),
        ] {
            let names = template.split("{{").skip(1);
            for name in names.filter_map(|part| part.split_once("}}")) {
                assert!(known.contains(&name.0), "{}", name.0);
            }
        }
    }
}
