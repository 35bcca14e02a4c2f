//! What is asked for.

use super::*;

#[test]
fn a_request_has_exactly_one_hint() {
    let registered = client();
    for hints in [
        "",
        "&login_hint=a&login_hint_token=b",
        "&login_hint=a&id_token_hint=b",
        "&login_hint_token=a&id_token_hint=b",
        "&login_hint=a&login_hint_token=b&id_token_hint=c",
        "&login_hint=",
    ] {
        let form = format!("scope=openid{hints}");
        assert_eq!(
            code(&registered, &form),
            Some(ErrorCode::InvalidRequest),
            "{hints}"
        );
    }
    for hint in ["login_hint", "login_hint_token", "id_token_hint"] {
        assert_eq!(code(&registered, &format!("scope=openid&{hint}=a")), None);
    }
}

#[test]
fn uyulalas_clients_may_leave_the_hint_out_and_no_more_than_that() {
    let read = |form| {
        let parameters = Parameters::parse(form).unwrap();
        super::super::read(&rp(), &client(), &parameters, Hints::AtMostOne)
    };
    assert_eq!(read("scope=openid").unwrap().hint, None);
    let two = read("scope=openid&login_hint=a&id_token_hint=b");
    assert_eq!(two.unwrap_err().code, ErrorCode::InvalidRequest);
}

#[test]
fn a_client_that_is_public_or_not_registered_for_it_asks_nobody() {
    let form = format!("scope=openid&login_hint={KIM}");
    let public = Client {
        auth: crate::oauth::TokenEndpointAuth::None,
        ..client()
    };
    let other = Client {
        flows: vec![Flow::AuthorizationCode],
        ..client()
    };
    for registered in [public, other] {
        assert_eq!(
            code(&registered, &form),
            Some(ErrorCode::UnauthorizedClient)
        );
    }
}

#[test]
fn a_scope_is_within_what_is_registered_and_holds_openid() {
    for (scope, refused) in [
        ("", ErrorCode::InvalidRequest),
        ("profile", ErrorCode::InvalidScope),
        ("openid+email", ErrorCode::InvalidScope),
        ("openid++profile", ErrorCode::InvalidScope),
    ] {
        let form = format!("scope={scope}&login_hint={KIM}");
        assert_eq!(code(&client(), &form), Some(refused), "{scope}");
    }
}

#[test]
fn a_requested_expiry_is_bounded_and_a_positive_integer() {
    let lifetime = |text: &str| {
        let form = format!("scope=openid&login_hint={KIM}&requested_expiry={text}");
        read(&client(), &form).map(|request| request.lifetime.as_seconds())
    };
    for (text, seconds) in [
        ("", 300),
        ("1", 10),
        ("60", 60),
        ("600", 600),
        ("601", 600),
        ("31536000", 600),
        ("99999999999999999999999999", 600),
    ] {
        assert_eq!(lifetime(text), Ok(seconds), "{text}");
    }
    for text in [
        "0", "000", "-1", "%2B60", "6e2", "0x10", "1.5", "%2060", "sixty",
    ] {
        let refused = lifetime(text).map_err(|error| error.code);
        assert_eq!(refused, Err(ErrorCode::InvalidRequest), "{text}");
    }
}

#[test]
fn a_client_that_is_told_shows_a_token_that_fits_a_header_field() {
    let registered = World::told(Mode::Ping).registered;
    let ask = |token: &str| {
        let form = format!("scope=openid&login_hint={KIM}&client_notification_token={token}");
        code(&registered, &form)
    };
    let (longest, too_long) = ("a".repeat(1024), "a".repeat(1025));
    for token in [
        "8d67dc78-7faa-4d41-aabd-67707b374255",
        "abc.~_%2B/==",
        &longest,
    ] {
        assert_eq!(ask(token), None, "{token}");
    }
    for token in [
        "",
        "===",
        "a=b",
        "a%20b",
        "a%0d%0aHost:+other",
        "%C3%A4",
        &too_long,
    ] {
        assert_eq!(ask(token), Some(ErrorCode::InvalidRequest), "{token}");
    }
}

#[test]
fn user_codes_and_signed_requests_are_refused_rather_than_overlooked() {
    let form = |more: &str| format!("scope=openid&login_hint={KIM}&{more}");
    let with_code = code(&client(), &form("user_code=1234"));
    assert_eq!(with_code, Some(ErrorCode::InvalidUserCode));
    let signed = code(&client(), &form("request=a.b.c"));
    assert_eq!(signed, Some(ErrorCode::InvalidRequest));
}

#[test]
fn a_binding_message_that_misleads_is_refused() {
    let long = "a".repeat(129);
    for text in ["%20", "a%0Ab", "%E2%80%AEevil", "a%00", &long] {
        let form = format!("scope=openid&login_hint={KIM}&binding_message={text}");
        let refused = code(&client(), &form);
        assert_eq!(refused, Some(ErrorCode::InvalidBindingMessage), "{text}");
    }
}

#[test]
fn a_binding_message_is_shown_and_signed() {
    let world = World::polling();
    let begun = world.begun("&binding_message=Till+7%3A+199+kr");
    let order = &begun.placed.order;
    assert_eq!(order.document().unwrap().text(), "Till 7: 199 kr");
    let mut other = order.clone();
    other.what = world.begun("&binding_message=Till+8").placed.order.what;
    let signed = |order: &Order| order.challenge(&begun.placed.id, "op.example");
    assert_ne!(signed(order), signed(&other));
}

#[test]
fn a_level_that_needs_verification_demands_it() {
    use crate::order::UserVerification::{Preferred, Required};
    let world = World::polling();
    for (levels, wanted) in [
        ("", Preferred),
        ("&acr_values=phr", Preferred),
        ("&acr_values=https://refeds.org/profile/mfa+phr", Preferred),
        ("&acr_values=https://refeds.org/profile/mfa", Required),
        ("&acr_values=unknown", Preferred),
    ] {
        let order = world.begun(levels).placed.order;
        assert_eq!(order.user_verification, wanted, "{levels}");
    }
}

#[test]
fn what_is_kept_tells_neither_the_request_nor_the_clients_token() {
    let world = World::told(Mode::Push);
    let begun = world.placed("");
    let id = begun.auth_req_id.expose();
    assert_eq!(id.len(), 43, "256 bits");
    for kind in Kind::ALL {
        let list = crate::store::List {
            kind: *kind,
            ..crate::store::List::of::<Order>()
        };
        let rows = world.harness.run(world.harness.store().list(list)).unwrap();
        for row in rows {
            let text = format!("{} {}", row.id, row.body);
            let secrets = [id.as_str(), "secret-token", &begun.placed.secret.expose()];
            assert!(
                !secrets.iter().any(|secret| text.contains(secret)),
                "{kind}"
            );
        }
    }
}

#[test]
fn nobody_is_asked_who_is_not_there() {
    let world = World::polling();
    let form = format!("scope=openid&login_hint={KIM}");
    let request = read(&client(), &form).unwrap();
    let random = SystemRandom::new();
    let sealing = Sealing {
        sealer: &world.sealer,
        random: &random,
    };
    let nobody = UserId::from([9; 16]);
    let begun = request
        .begin(&client(), Some(nobody), sealing, NOW)
        .unwrap();
    assert!(!world.commit(begun.changes, NOW));
}

#[test]
fn a_photograph_of_the_requests_code_opens_nothing() {
    let world = World::polling();
    let begun = world.placed("");
    let refused = world.order(&begun).view(None, None, NOW);
    assert_eq!(refused.unwrap_err(), Refusal::NeedsCode);
}

#[test]
fn a_client_that_may_not_refresh_is_not_granted_what_it_would_refresh_with() {
    let registered = Client {
        flows: vec![Flow::Ciba],
        ..client()
    };
    let form = format!("scope=openid+offline_access&login_hint={KIM}");
    let request = read(&registered, &form).unwrap();
    assert_eq!(request.scope.to_string(), "openid");
    assert_eq!(
        read(&client(), &form).unwrap().scope.to_string(),
        "offline_access openid"
    );
}
