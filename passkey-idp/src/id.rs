//! Who and what there is: identifiers and the secrets that go with them.

use crate::random::{identifiers, secrets};

identifiers! {
    /// A user. It is also the user handle of their passkeys (WebAuthn §5.4.3), and tells nothing.
    UserId;
    /// An order. Whoever knows it may look at the order, hence a store keeps its digest.
    OrderId;
    /// A package of evidence.
    EvidenceId;
    /// A number used once, which makes no two orders for the same text alike.
    Nonce;
    /// A browser that has signed in (`sid`).
    SessionId;
    /// Tokens that came from one grant, and are revoked together.
    FamilyId;
    /// A token (`jti`).
    TokenId;
    /// What an animated QR code begins with (`qrStartToken` of the BankID dialect).
    QrStartToken;
}

secrets! {
    /// What proves that a page belongs to an order: the key of its QR tokens.
    OrderSecret = "order secret";
    /// What each frame of an animated QR code is computed with (`qrStartSecret`).
    QrStartSecret = "qr start secret";
    /// What an application authenticates with.
    ClientSecret = "client secret";
    /// An authorization code.
    Code = "authorization code";
    /// The part of a refresh token that changes with each use.
    RefreshSecret = "refresh token";
    /// What a device polls with (RFC 8628 §3.2).
    DeviceCode = "device code";
    /// What a pushed authorization request is known by.
    PushedSecret = "pushed request";
    /// What a browser that has signed in is known by.
    SessionSecret = "session";
    /// What a client asks with for what a user has answered (`auth_req_id`, CIBA §7.3).
    AuthReqId = "backchannel request";
    /// What the page that views an order first is known by, so that there is no second.
    ViewerSecret = "viewer";
}
