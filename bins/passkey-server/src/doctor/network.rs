//! How browsers reach the server, and whether passkeys work there.

use server_kit::config::Settings as _;
use server_kit::tls::{Identity, TlsError};

use super::Finding;
use crate::config::Options;
use crate::state::now;

pub(super) fn findings(options: &Options) -> Vec<Finding> {
    let origin = match options.origin() {
        Ok(origin) => origin.to_string(),
        Err(error) => {
            let mend = "--origin https://HOST, as browsers see it";
            return vec![Finding::wrong("origin", format!("{error:#}"), mend)];
        }
    };
    vec![
        relying_party(options, &origin),
        transport(options, &origin),
        metrics(options),
    ]
}

fn relying_party(options: &Options, origin: &str) -> Finding {
    match options.relying_party() {
        Ok(party) => Finding::fine(
            "origin",
            format!("{origin}, for passkeys of {}", party.id()),
        ),
        Err(error) => Finding::wrong(
            "origin",
            format!("{origin}: {error:#}"),
            "--rp-id is the origin's host or a domain above it, and each --related-origin an origin",
        ),
    }
}

/// Whether what the origin promises is what is spoken.
fn transport(options: &Options, origin: &str) -> Finding {
    let is_tls = options.listen.is_https();
    match (origin.starts_with("https:"), is_tls) {
        (true, true) => certificate(options, host(origin)),
        (true, false) => Finding::note(
            "TLS",
            "the server speaks plain HTTP, while its origin is https",
            "a proxy before it must speak TLS for it",
        ),
        (false, true) => Finding::wrong("TLS", "spoken, while the origin is http", ""),
        (false, false) => Finding::fine("TLS", "none, on this machine alone"),
    }
}

fn certificate(options: &Options, host: &str) -> Finding {
    let listen = &options.listen;
    let is_given = listen.tls_pem.is_some() || listen.tls_cert.is_some();
    if !is_given {
        return Finding::note(
            "certificate",
            "one of the server's own making, which browsers do not trust",
            "--tls-pem FILE with one that they do, or a proxy before it",
        );
    }
    match listen.identity(Options::PROGRAM) {
        Ok(identity) => given(identity, host),
        Err(error) => unusable(&error),
    }
}

fn unusable(error: &TlsError) -> Finding {
    let mend = "a chain and its key in PEM: --tls-pem FILE";
    Finding::wrong("certificate", described(error), mend)
}

fn given(identity: Identity, host: &str) -> Finding {
    let left = identity
        .ends_at()
        .map(|ends| ends.saturating_sub(now().unix_seconds()));
    let days = left.unwrap_or_default() / DAY;
    if !identity.is_for(host) {
        let mend = format!("a certificate with the name {host}");
        return Finding::wrong("certificate", format!("it is not for {host}"), mend);
    }
    if let Err(error) = identity.into_config(None) {
        return unusable(&error);
    }
    match days {
        0 => Finding::wrong("certificate", "it is over, or within a day", "renew it"),
        1..14 => Finding::note("certificate", format!("it ends in {days} days"), "renew it"),
        _ => Finding::fine("certificate", format!("for {host}, {days} more days")),
    }
}

fn metrics(options: &Options) -> Finding {
    let callers = &options.callers;
    let is_known = callers.token_file.is_some()
        || !callers.caller.is_empty()
        || !callers.token_issuer.is_empty();
    if is_known || options.listen.is_local() {
        return Finding::fine("metrics", "for those who may ask");
    }
    let mend = "a [[caller]] with the scope passkey:metrics, by --token-file FILE";
    Finding::note("metrics", "nobody may ask for them", mend)
}

fn authority(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, rest)| rest)
}

fn host(origin: &str) -> &str {
    authority(origin).split(':').next().unwrap_or_default()
}

/// An error with its causes.
pub(super) fn described(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<_> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

const DAY: u64 = 24 * 60 * 60;
