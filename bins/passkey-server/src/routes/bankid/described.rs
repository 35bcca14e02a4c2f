//! The BankID dialect in OpenAPI: its calls are one handler in all but name.
#![expect(dead_code, reason = "it describes what is read and made elsewhere")]

use utoipa::{OpenApi, ToSchema};

/// What is described of it.
#[derive(OpenApi)]
#[openapi(paths(auth, sign, phone_auth, phone_sign, collect, cancel))]
pub(in super::super) struct Described;

/// What a user is asked.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct RpOrder {
    /// The address that the user's request came from.
    end_user_ip: String,
    /// What is shown and signed, in base64.
    user_visible_data: Option<String>,
    /// What is signed beside it, in base64.
    user_non_visible_data: Option<String>,
    /// `plaintext`, or `simpleMarkdownV1`.
    user_visible_data_format: Option<String>,
    /// Who may answer, and how.
    #[schema(value_type = Option<Object>)]
    requirement: Option<()>,
    /// Where the user's browser goes then: an address that the client has registered.
    return_url: Option<String>,
}

/// An order.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct RpOrdered {
    /// Its name.
    order_ref: String,
    /// What starts it on the same device.
    auto_start_token: Option<String>,
    /// What its QR frames begin with.
    qr_start_token: Option<String>,
    /// What they are made with; it stays with the relying party's server.
    qr_start_secret: Option<String>,
    /// Where a browser opens it.
    url: String,
}

/// Which order.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct RpOrderRef {
    /// Its name.
    order_ref: String,
}

/// How it stands.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct RpCollected {
    /// Its name.
    order_ref: String,
    /// `pending`, `failed` or `complete`.
    status: String,
    /// Why it is not complete.
    hint_code: Option<String>,
    /// Who has answered, and with what.
    #[schema(value_type = Option<Object>)]
    completion_data: Option<()>,
}

/// Why there is no answer.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct RpError {
    /// `alreadyInProgress`, `invalidParameters`, `unauthorized`, `notFound`, ...
    error_code: String,
    /// A sentence for people.
    details: String,
}

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident $path:literal $asked:ty => $told:ty,)+) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "BankID", security(("client" = [])),
            request_body = $asked, responses(
            (status = 200, body = $told),
            (status = "default", body = RpError),
        ))]
        fn $name() {}
    )+};
}

calls! {
    /// Asks a user to sign in.
    auth "/rp/v6.0/auth" RpOrder => RpOrdered,
    /// Asks a user to sign.
    sign "/rp/v6.0/sign" RpOrder => RpOrdered,
    /// Asks a user who is on the telephone to sign in.
    phone_auth "/rp/v6.0/phone/auth" Object => RpOrdered,
    /// Asks a user who is on the telephone to sign.
    phone_sign "/rp/v6.0/phone/sign" Object => RpOrdered,
    /// How an order stands.
    collect "/rp/v6.0/collect" RpOrderRef => RpCollected,
    /// Ends an order.
    cancel "/rp/v6.0/cancel" RpOrderRef => Object,
}
