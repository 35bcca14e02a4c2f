//! The bad tokens of `endorse`, shown to this server: what the library refuses must not come in here.

use endorse::{Refusal, UnixTime};
use server_kit::caller::{Authenticator, Guard, TokenIssuer};
use std::sync::Arc;
use strict_jws::KeySet;
use usim_server::scope;

use crate::server::{Answer, Server, Setup, gate};

#[path = "../../../../endorse/tests/refusals/forge.rs"]
#[expect(
    unused_macros,
    unused_imports,
    reason = "this module has a macro of its own by that name"
)]
mod genuine;

pub(crate) use genuine::{Forge, NATIVE, NOW, SORACOM, signing_key};

/// Two tests for each token: the library refuses it for the given reason, and the server with 401.
macro_rules! refused {
    ($($name:ident: |$forge:ident| $token:expr => $reason:expr;)+) => {
        mod native {
            use super::*;
            $(
                #[test]
                fn $name() {
                    let $forge = &*$crate::forge::NATIVE;
                    $crate::forge::expect_refused($forge, $token, $reason);
                }
            )+
        }

        mod soracom {
            use super::*;
            $(
                #[test]
                fn $name() {
                    let $forge = &*$crate::forge::SORACOM;
                    $crate::forge::expect_refused($forge, $token, $reason);
                }
            )+
        }
    };
}

pub(crate) use refused;

pub(crate) fn expect_refused(forge: &Forge, token: impl AsRef<[u8]>, reason: impl Into<Refusal>) {
    let token = token.as_ref();
    assert_eq!(forge.verify(token).err(), Some(reason.into()));
    let Some(answer) = shown(forge, token) else {
        return; // HTTP itself has no header with such octets
    };
    let told = (answer.status, answer.header("www-authenticate"));
    assert_eq!(told, (401, "Bearer error=\"invalid_token\""));
    assert_eq!(answer.code(), "unknown_credentials");
}

#[test]
fn the_good_tokens_come_in() {
    for forge in [&*NATIVE, &*SORACOM] {
        let answer = shown(forge, forge.good().as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// What the server answers to whoever brings the token; `None` if HTTP cannot carry it.
fn shown(forge: &Forge, token: &[u8]) -> Option<Answer> {
    let field = axum::http::HeaderValue::from_bytes(&[b"Bearer ", token].concat()).ok()?;
    let request = axum::http::Request::get("/v1/sims").header("authorization", field);
    let server = server_of(forge, |settings| settings);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    Some(runtime.block_on(server.send(request.body(axum::body::Body::empty()).unwrap())))
}

/// A server that trusts the forge's key and has no SIM; `settings` are the issuer's, to be changed.
pub(crate) fn server_of(forge: &Forge, settings: impl FnOnce(String) -> String) -> Server {
    let mut keys = KeySet::new();
    keys.insert(forge.kid.clone(), forge.key.public().clone())
        .unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), keys.to_jwks()).unwrap();
    let [profile, issuer, audience] = if forge.sim_claim == "endorse" {
        ["endorse", "https://endorse.example", "https://api.example"]
    } else {
        ["soracom", "https://soracom.io", "soracom-endorse-audience"]
    };
    let keys = file.path().display();
    let table = settings(format!(
        "{{ name = 'i', profile = '{profile}', issuer = '{issuer}', audience = '{audience}', \
         keys = '{keys}', scopes = ['sim:read', 'sim:authenticate'] }}"
    ));
    let settings: TokenIssuer = table.parse().unwrap();
    let issued = settings.authenticator(scope::ALL).unwrap();
    let issued: Arc<dyn Authenticator> =
        Arc::new(issued.with_clock(|| UnixTime::from_seconds(NOW)));
    let server = Setup::new().build_with(|app| app.gate = gate(Guard::of([issued]), 0));
    server.keeping(file)
}
