//! What an application is to OAuth, as flags.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};
use passkey_idp::application::RedirectUri;
use passkey_idp::delivery::Endpoint;
use passkey_idp::oauth::{Client, ConsentRule, Flow, Introspection, Scope, TokenEndpointAuth};
use strict_jws::{KeySet, Unsupported};

/// What an application may do as a client of OAuth and OpenID Connect.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct OAuth {
    /// How it authenticates: by its secret in the header, in the form, or by a signed assertion
    /// [default: client-secret-basic]
    #[arg(long, value_name = "WAY", conflicts_with = "public")]
    token_auth: Option<Way>,
    /// A file with its keys, a JWK set: for signed assertions and hints
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// What it may ask for
    #[arg(
        long,
        value_name = "SCOPES",
        default_value = "openid profile offline_access"
    )]
    scope: Scope,
    /// A flow that it may use; may be given again [default: authorization-code and refresh-token]
    #[arg(long, value_name = "FLOW")]
    grant: Vec<Grant>,
    /// Where users may be sent after signing out, exactly; may be given again
    #[arg(long, value_name = "URL")]
    post_logout_redirect: Vec<RedirectUri>,
    /// Where it is told that a user has signed out; https
    #[arg(long, value_name = "URL")]
    backchannel_logout: Option<Endpoint>,
    /// It may ask about everyone's tokens, because it guards what they are for
    #[arg(long, conflicts_with = "public")]
    resource_server: bool,
    /// What its tokens are signed with, if the server has such a key (`key new`, `key import`) [default:
    /// the server's youngest]
    #[arg(long, value_name = "ALGORITHM")]
    id_token_alg: Option<Signing>,
    /// It belongs to whoever runs the server: its users are not asked for consent
    #[arg(long)]
    trusted: bool,
    /// It has to push its authorization requests (RFC 9126)
    #[arg(long)]
    require_par: bool,
    /// Its tokens are bound to a key that it proves to hold (RFC 9449)
    #[arg(long)]
    require_dpop: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Way {
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Signing {
    Es256,
    Eddsa,
    Rs256,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Grant {
    AuthorizationCode,
    RefreshToken,
    DeviceCode,
    Ciba,
}

impl OAuth {
    /// Registers it; `is_public` if it has nothing to authenticate with.
    pub(super) fn register(self, is_public: bool, client: &mut Client) -> Result<()> {
        client.auth = match self.token_auth {
            _ if is_public => TokenEndpointAuth::None,
            None | Some(Way::ClientSecretBasic) => TokenEndpointAuth::ClientSecretBasic,
            Some(Way::ClientSecretPost) => TokenEndpointAuth::ClientSecretPost,
            Some(Way::PrivateKeyJwt) => TokenEndpointAuth::PrivateKeyJwt,
        };
        client.jwks = self.jwks.as_deref().map(keys).transpose()?;
        ensure!(
            client.auth != TokenEndpointAuth::PrivateKeyJwt || client.jwks.is_some(),
            "signed assertions need the application's keys: --jwks FILE"
        );
        client.scope = self.scope;
        client.flows = self.grant.iter().map(|grant| grant.flow()).collect();
        if client.flows.is_empty() {
            client.flows = vec![Flow::AuthorizationCode, Flow::RefreshToken];
        }
        client.post_logout_redirect_uris = self.post_logout_redirect;
        client.backchannel_logout_uri = self.backchannel_logout;
        if self.resource_server {
            client.introspection = Introspection::Everyones;
        }
        client.id_token_alg = self.id_token_alg.map(|alg| alg.name().to_owned());
        if self.trusted {
            client.consent = ConsentRule::Implied;
        }
        (client.pushes, client.proves_key) = (self.require_par, self.require_dpop);
        Ok(())
    }
}

impl Signing {
    fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Eddsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }
}

impl Grant {
    fn flow(self) -> Flow {
        match self {
            Self::AuthorizationCode => Flow::AuthorizationCode,
            Self::RefreshToken => Flow::RefreshToken,
            Self::DeviceCode => Flow::DeviceCode,
            Self::Ciba => Flow::Ciba,
        }
    }
}

/// A JWK set of public keys, each of which has a name.
fn keys(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("{} cannot be read", file.display()))?;
    let set = KeySet::from_jwks(text.as_bytes(), Unsupported::Skip);
    let set = set.with_context(|| format!("{} is no JWK set", file.display()))?;
    ensure!(!set.is_empty(), "no key of {} can be used", file.display());
    Ok(set.to_jwks())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        oauth: OAuth,
        #[arg(long)]
        public: bool,
    }

    fn registered(flags: &str) -> Result<Client> {
        let line = Line::try_parse_from(format!("add {flags}").split_whitespace())?;
        let mut client = Client::default();
        line.oauth.register(line.public, &mut client)?;
        Ok(client)
    }

    #[test]
    fn without_flags_a_client_asks_for_codes_with_its_secret_and_consent() {
        let client = registered("").unwrap();
        assert_eq!(client.auth, TokenEndpointAuth::ClientSecretBasic);
        assert_eq!(client.flows, [Flow::AuthorizationCode, Flow::RefreshToken]);
        assert_eq!(client.scope.to_string(), "offline_access openid profile");
        assert_eq!(client.consent, ConsentRule::Asked);
    }

    #[test]
    fn flags_say_what_a_client_must_and_may() {
        let client = registered("--public --trusted --require-par --require-dpop --grant ciba");
        let client = client.unwrap();
        assert!(client.is_public() && client.pushes && client.proves_key);
        assert_eq!(client.flows, [Flow::Ciba]);
        assert_eq!(client.consent, ConsentRule::Implied);
    }

    #[test]
    fn a_client_is_told_of_ends_over_https_and_of_others_tokens_if_it_guards_something() {
        let client = registered("--backchannel-logout https://rp.example/out --resource-server");
        let client = client.unwrap();
        let told = client.backchannel_logout_uri.unwrap();
        assert_eq!(told.as_str(), "https://rp.example/out");
        assert_eq!(client.introspection, Introspection::Everyones);
        assert!(registered("--backchannel-logout http://rp.example/out").is_err());
        assert!(registered("--public --resource-server").is_err());
    }

    #[test]
    fn signed_assertions_need_keys() {
        let error = registered("--token-auth private-key-jwt").unwrap_err();
        assert!(error.to_string().contains("--jwks"), "{error}");
        let both = registered("--public --token-auth client-secret-post");
        assert!(both.is_err());
    }
}
