//! The page for people: which SIMs there are, what was asked of them lately, how to ask.

use std::fmt::{self, Display, Write};

use axum::{
    http::{HeaderValue, Method, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use server_kit::caller::{Caller, Denied};

use super::{compat::Query, v1::body::kind};
use crate::{
    activity::Event,
    error::ApiError,
    sim::{Sim, Status},
    state::{App, scope},
};

const STYLE: &str = include_str!("page.css");

/// Whether a request is a browser's for the page, and no program's for an answer.
pub(super) fn is_meant(request: &Parts, query: &Query) -> bool {
    let accept = request.headers.get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok());
    request.method == Method::GET
        && request.uri.path() == "/"
        && query.first("type").is_none()
        && accept.is_some_and(|kinds| kinds.contains("text/html"))
}

/// The page; who shows no credentials where some are needed learns how to call, and no more.
pub(super) async fn show(app: &App, request: &Parts) -> Response {
    let reader = match app.admit(request).await {
        Ok(caller) => caller.may(scope::READ).is_ok().then_some(caller),
        Err(ApiError::Denied(Denied::Missing)) => None,
        Err(error) => return error.into_response(),
    };
    let Ok(nonce) = nonce() else {
        return ApiError::NoSim.into_response();
    };
    let host = request.headers.get(header::HOST);
    let host = host.and_then(|value| value.to_str().ok());
    let mut text = String::with_capacity(8192);
    let page = Page {
        app,
        reader,
        host: host.unwrap_or("localhost:8443"),
        nonce: &nonce,
    };
    if page.write(&mut text).is_err() {
        return ApiError::NoSim.into_response();
    }
    let mut response = Html(text).into_response();
    let headers = response.headers_mut();
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

fn nonce() -> Result<String, getrandom::Error> {
    let mut octets = [0; 16];
    getrandom::fill(&mut octets)?;
    Ok(hex::encode(octets))
}

struct Page<'a> {
    app: &'a App,
    reader: Option<Caller>,
    host: &'a str,
    nonce: &'a str,
}

impl Page<'_> {
    fn write(&self, out: &mut String) -> fmt::Result {
        write!(
            out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>usim-server</title>\n<style nonce=\"{}\">\n{STYLE}</style>\n</head>\n<body>\n\
             <header>\n<h1>usim-server</h1>\n\
             <p class=\"muted\">SIMs over HTTPS, version {}</p>\n</header>\n<main>\n",
            self.nonce,
            env!("CARGO_PKG_VERSION"),
        )?;
        if let Some(reader) = &self.reader {
            sims(out, &self.app.sims.of(reader))?;
            activity(out, &self.app.activity.recent(), reader)?;
        }
        self.calls(out)?;
        out.push_str("</main>\n</body>\n</html>\n");
        Ok(())
    }

    fn calls(&self, out: &mut String) -> fmt::Result {
        let (host, token) = (
            Escaped(self.host),
            if self.app.gate.is_open() {
                ""
            } else {
                " -H 'Authorization: Bearer TOKEN'"
            },
        );
        let scheme = self.app.scheme;
        write!(
            out,
            "<section>\n<h2>How to call</h2>\n\
             <p>The subscriber's identity, and the answer to a challenge:</p>\n\
             <pre><code>curl{token} '{scheme}://{host}/?type=imsi'\n\
             curl{token} '{scheme}://{host}/?type=rand-autn&amp;rand=…&amp;autn=…'</code></pre>\n\
             <p>The same with types, for every SIM by name:</p>\n\
             <pre><code>curl{token} {scheme}://{host}/v1/sims\n\
             curl{token} {scheme}://{host}/v1/sims/0/authenticate \\\n  \
             --json '{{\"rand\": \"…\", \"autn\": \"…\"}}'</code></pre>\n\
             <p><a href=\"openapi.json\">openapi.json</a> describes it all; \
             <a href=\"metrics\">metrics</a> counts it.</p>\n</section>\n"
        )
    }
}

fn sims(out: &mut String, sims: &[(usize, std::sync::Arc<Sim>)]) -> fmt::Result {
    out.push_str("<section>\n<h2>SIMs</h2>\n");
    if sims.is_empty() {
        out.push_str("<p>There is none yet.</p>\n");
    }
    out.push_str("<ul class=\"sims\">\n");
    for (index, sim) in sims {
        let profile = sim.profile();
        let (class, state) = state(sim.status());
        let iccid = profile.iccid.as_deref().map_or("", last_digits);
        write!(
            out,
            "<li>\n<h3>{}</h3>\n<dl>\n<dt>State</dt><dd class=\"state {class}\">{state}</dd>\n\
             <dt>Index</dt><dd>{index}</dd>\n<dt>Name</dt><dd>{}</dd>\n<dt>Kind</dt><dd>{}</dd>\n",
            Escaped(sim.alias().unwrap_or(sim.name())),
            Escaped(sim.name()),
            kind(sim.kind()),
        )?;
        if !iccid.is_empty() {
            writeln!(out, "<dt>ICCID</dt><dd>…{}</dd>", Escaped(iccid))?;
        }
        out.push_str("</dl>\n</li>\n");
    }
    out.push_str("</ul>\n</section>\n");
    Ok(())
}

fn activity(out: &mut String, events: &[Event], reader: &Caller) -> fmt::Result {
    out.push_str("<section>\n<h2>Asked lately</h2>\n");
    let events = events
        .iter()
        .filter(|event| reader.reaches([event.sim.as_str()]).is_ok());
    let mut rows = String::new();
    for event in events {
        let class = match event.outcome {
            "success" => "ready",
            "synchronisation_failure" => "absent",
            _ => "refused",
        };
        writeln!(
            rows,
            "<tr><td>{:.0}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"{class}\">{}</td></tr>",
            event.time,
            Escaped(&event.caller),
            Escaped(&event.sim),
            event.action,
            event.outcome.replace('_', " "),
        )?;
    }
    if rows.is_empty() {
        out.push_str("<p>Nothing yet.</p>\n</section>\n");
        return Ok(());
    }
    write!(
        out,
        "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"Asked lately\">\n<table>\n\
         <thead><tr><th scope=\"col\">Time</th><th scope=\"col\">Caller</th>\
         <th scope=\"col\">SIM</th><th scope=\"col\">What</th><th scope=\"col\">Outcome</th></tr>\
         </thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n</section>\n"
    )
}

fn state(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Ready => ("ready", "ready"),
        Status::Absent => ("absent", "no card"),
        Status::Failed => ("failed", "does not work"),
        Status::Locked => ("locked", "wants its PIN"),
    }
}

fn last_digits(iccid: &str) -> &str {
    iccid
        .get(iccid.len().saturating_sub(4)..)
        .unwrap_or_default()
}

/// Text from outside, so that it stays text.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;"),
                '<' => f.write_str("&lt;"),
                '>' => f.write_str("&gt;"),
                '"' => f.write_str("&quot;"),
                '\'' => f.write_str("&#39;"),
                other => f.write_char(other),
            }?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_text() {
        assert_eq!(
            Escaped("<a href=\"x\" b='y'>&").to_string(),
            "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;"
        );
    }

    #[test]
    fn four_digits_of_an_iccid_are_shown() {
        assert_eq!(last_digits("89860012345678901234"), "1234");
        assert_eq!(last_digits("89"), "89");
    }
}
