//! Any text as the query of `/authorize`.
//!
//! Holds: parameters come back as they were when they are encoded anew; an answer, good or bad, goes
//! to a registered address and nowhere else; a good request has what the client may ask for, and
//! nothing that it did not send.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use passkey_idp::application::ApplicationId;
use passkey_idp::oauth::authorize::{Refusal, Way, read};
use passkey_idp::oauth::{Client, Flow, Parameters};

static KNOWN: LazyLock<(ApplicationId, Client)> = LazyLock::new(|| {
    let mut client = Client::default();
    let addresses = ["https://rp.example/cb", "https://rp.example/cb?tenant=1"];
    client.redirect_uris = addresses
        .map(|text| text.parse().expect("an address"))
        .into();
    client.flows = vec![Flow::AuthorizationCode, Flow::RefreshToken];
    client.scope = "openid profile offline_access".parse().expect("scopes");
    ("rp".parse().expect("a name"), client)
});

fuzz_target!(|text: &str| {
    let Ok(parameters) = Parameters::parse(text) else {
        return;
    };
    let pairs = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    let encoded = pairs.collect::<Vec<_>>().join("&");
    if encoded.len() <= LONGEST {
        assert_eq!(Parameters::parse(&encoded), Ok(parameters.clone()));
    }
    let (id, client) = &*KNOWN;
    for way in [Way::Browser, Way::Pushed] {
        match read(id, client, &parameters, way) {
            Ok(request) => {
                assert!(client.redirect_uris.contains(&request.redirect_uri));
                assert!(request.scope.is_within(&client.scope));
                assert_eq!(request.state.as_deref(), parameters.get("state"));
                assert_eq!(request.nonce.as_deref(), parameters.get("nonce"));
                assert_eq!(parameters.get("response_type"), Some("code"));
                assert_eq!(parameters.get("code_challenge_method"), Some("S256"));
            }
            Err(Refusal::Return { redirect_uri, .. }) => {
                assert!(client.redirect_uris.contains(&redirect_uri));
            }
            Err(Refusal::Show(_)) => {}
        }
    }
});

fn escaped(text: &str) -> String {
    let octets = text.bytes().map(|octet| format!("%{octet:02X}"));
    octets.collect::<Vec<_>>().concat()
}

/// Octets of a query that is read.
const LONGEST: usize = 64 * 1024;
