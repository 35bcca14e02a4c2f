//! The description of the API in OpenAPI 3.1: what programs ask for, from the handlers.

use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Description, Ref, ResponseBuilder};

use super::{bankid, ciba, oauth, published, uyulala};

/// An identity provider with passkeys only: sign-ins and signed documents.
#[derive(OpenApi)]
#[openapi(
    info(title = "passkey-server", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    components(schemas(server_kit::problem::Problem)),
    tags(
        (name = "orders", description = "asking users, and what they have signed"),
        (name = "answers", description = "what whoever holds the passkey needs"),
        (name = "users", description = "users and their passkeys, for clients that are admins"),
        (name = "OAuth", description = "tokens"),
        (name = "BankID", description = "the dialect of BankID's relying parties"),
        (name = "published", description = "what anybody may know")
    )
)]
struct Server;

/// The description.
pub fn description() -> Description {
    let mut description = Server::openapi();
    for dialect in [
        uyulala::Described::openapi(),
        oauth::Described::openapi(),
        ciba::Described::openapi(),
        bankid::Described::openapi(),
        published::Described::openapi(),
    ] {
        description.merge(dialect);
    }
    let components = description.components.get_or_insert_default();
    for (name, scheme, told) in [
        (
            "client",
            HttpAuthScheme::Basic,
            "a client's identifier and secret",
        ),
        ("token", HttpAuthScheme::Bearer, "an access token"),
    ] {
        let scheme = HttpBuilder::new().scheme(scheme).description(Some(told));
        components.add_security_scheme(name, SecurityScheme::Http(scheme.build()));
    }
    limited(description)
}

/// Says of every operation that a peer may ask too often, and that a server may have failed.
fn limited(mut description: Description) -> Description {
    for path in description.paths.paths.values_mut() {
        let operations = [
            &mut path.get,
            &mut path.post,
            &mut path.put,
            &mut path.delete,
        ];
        for operation in operations.into_iter().flatten() {
            let content = Content::new(Some(Ref::from_schema_name("Problem")));
            let response = ResponseBuilder::new()
                .description("this peer asks too often")
                .content("application/problem+json", content);
            let responses = &mut operation.responses.responses;
            responses.insert("429".to_owned(), response.build().into());
        }
    }
    description
}
