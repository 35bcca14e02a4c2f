//! Any text as the form of the token endpoint, its first line as `Authorization`.
//!
//! Holds: whoever is read has shown who they are in one way at most; what is wanted is of a grant
//! type that was named; and nothing that is shown of either repeats a secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use passkey_idp::oauth::token::TokenRequest;
use passkey_idp::oauth::{Credentials, Parameters};

fuzz_target!(|text: &str| {
    let (line, form) = text.split_once('\n').unwrap_or(("", text));
    let Ok(parameters) = Parameters::parse(form) else {
        return;
    };
    let authorization = Some(line).filter(|line| !line.is_empty());
    if let Ok(credentials) = Credentials::read(authorization, &parameters) {
        let in_form = ["client_secret", "client_assertion"];
        let ways = in_form.map(|name| parameters.get(name).is_some());
        assert!(!(ways[0] && ways[1]), "two ways");
        if let Some(id) = parameters.get("client_id") {
            assert_eq!(credentials.client().as_str(), id);
        }
        hides(&format!("{credentials:?}"), &parameters, &in_form);
    }
    let named = parameters.get("grant_type");
    if let Ok(wanted) = TokenRequest::read(&parameters) {
        match wanted {
            TokenRequest::Code { .. } => assert_eq!(named, Some("authorization_code")),
            TokenRequest::Refresh { .. } => {
                assert!(matches!(named, Some("refresh_token" | "refresh")));
            }
            _ => {}
        }
        let secrets = ["code", "code_verifier", "refresh_token"];
        hides(&format!("{wanted:?}"), &parameters, &secrets);
    }
});

/// Secrets of this server's own length do not stand in what is shown, unless something else says the
/// same.
fn hides(shown: &str, parameters: &Parameters, names: &[&str]) {
    for (name, secret) in parameters.iter().filter(|(name, _)| names.contains(name)) {
        let mut others = parameters.iter().filter(|(other, _)| *other != name);
        let is_told = others.any(|(_, value)| value.contains(secret));
        if secret.len() >= 43 && !is_told {
            assert!(!shown.contains(secret), "a secret is shown");
        }
    }
}
