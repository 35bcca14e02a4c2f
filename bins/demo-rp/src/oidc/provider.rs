//! What the provider says of itself.

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
    CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::url::Url;
use openidconnect::{
    AccessToken, AdditionalProviderMetadata, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    ProviderMetadata, SubjectIdentifier,
};
use serde::{Deserialize, Serialize};

use super::{Oidc, SignInError};

/// What a provider publishes beside what `openidconnect` knows of.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Beside {
    pushed_authorization_request_endpoint: Option<Url>,
    end_session_endpoint: Option<Url>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Beside {}

type Metadata = ProviderMetadata<
    Beside,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

pub(super) type Tokens = CoreTokenResponse;

/// The signatures that are believed: of a key of the provider, never of our own secret.
pub(super) const VERIFIED: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
];

/// A provider as it was discovered.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) client: Client,
    pub(super) keys: Url,
    pub(super) push: Option<Url>,
    pub(super) sign_out: Option<Url>,
    issuer: String,
    names_itself: bool,
}

/// Asks the provider what it can do (OpenID Connect Discovery 1.0 §4).
pub(super) async fn discover(oidc: &Oidc) -> Result<Provider, SignInError> {
    let issuer = oidc.issuer.clone();
    let metadata = Metadata::discover_async(issuer, &oidc.web).await;
    let metadata = metadata.map_err(SignInError::discovery)?;
    let beside = metadata.additional_metadata().clone();
    let keys = metadata.jwks_uri().url().clone();
    let secret = Some(oidc.secret.clone());
    let client = CoreClient::from_provider_metadata(metadata, oidc.id.clone(), secret);
    Ok(Provider {
        client: client.set_redirect_uri(oidc.back.clone()),
        keys,
        push: beside.pushed_authorization_request_endpoint,
        sign_out: beside.end_session_endpoint,
        issuer: oidc.issuer.to_string(),
        names_itself: beside.authorization_response_iss_parameter_supported,
    })
}

impl Provider {
    /// An answer of another provider is refused before anything in it is used (RFC 9207 §2.4).
    pub(super) fn check_issuer(&self, issuer: Option<&str>) -> Result<(), SignInError> {
        match issuer {
            Some(issuer) if issuer == self.issuer => Ok(()),
            None if !self.names_itself => Ok(()),
            Some(_) | None => Err(SignInError::OtherProvider),
        }
    }

    /// The person's name, if the provider tells it.
    pub(super) async fn name(
        &self,
        oidc: &Oidc,
        token: &AccessToken,
        subject: &SubjectIdentifier,
    ) -> Option<String> {
        let request = self.client.user_info(token.clone(), Some(subject.clone()));
        let claims: CoreUserInfoClaims = request.ok()?.request_async(&oidc.web).await.ok()?;
        Some(claims.name()?.get(None)?.to_string())
    }
}
