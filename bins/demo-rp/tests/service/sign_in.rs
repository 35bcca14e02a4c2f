//! Signing in and out, at the real provider.

use crate::world::World;

#[test]
fn a_passkey_signs_in_and_the_service_knows_by_what_means() {
    let world = World::new();
    let (_, _, home) = world.signed_in("Kim");
    assert_eq!(home.url.as_str(), world.at("/"));
    assert!(
        home.html.contains("Hello, <span class=\"party\">Kim<"),
        "{}",
        home.html
    );
    let subject = home.after("<dt>Subject</dt><dd class=\"mono\">").unwrap();
    assert_eq!(
        subject.len(),
        22,
        "an identifier of the provider: {subject}"
    );
    let means = home.after("<dt>Means</dt><dd>").unwrap();
    assert!(means.split(", ").any(|amr| amr == "user"), "{means}");
}

#[test]
fn signing_in_gives_the_browser_a_cookie_that_nobody_knew_before() {
    let world = World::new();
    let (mut browser, mut passkey) = world.person("Kim");
    let asked = browser.open(&world.at("/sign-in")).unwrap();
    let before = browser.cookie(&world.origin, "demo-rp").unwrap();
    let page = browser.approve(&asked, &mut passkey).unwrap();
    let home = crate::world::consent(&mut browser, page);
    assert!(home.html.contains("Hello"), "{}", home.html);
    let after = browser.cookie(&world.origin, "demo-rp").unwrap();
    assert_ne!(before, after);
    browser.set_cookie(&world.origin, "demo-rp", &before);
    let stranger = browser.open(&world.at("/")).unwrap();
    assert!(
        stranger.html.contains("href=\"/sign-in\""),
        "{}",
        stranger.html
    );
}

#[test]
fn whoever_says_no_is_not_signed_in_and_may_try_again() {
    let world = World::new();
    let (mut browser, mut passkey) = world.person("Kim");
    let asked = browser.open(&world.at("/sign-in")).unwrap();
    let action = asked.url.path().to_owned();
    let told = browser
        .send(&asked, &action, &[("decision", "reject")])
        .unwrap();
    assert_eq!((told.url.path(), told.status), ("/callback", 400));
    assert!(!told.html.contains("access_denied"), "{}", told.html);
    assert!(told.html.contains("You said no"), "{}", told.html);
    let home = world.sign_in(&mut browser, &mut passkey);
    assert!(home.html.contains("Hello"), "{}", home.html);
}

#[test]
fn signing_out_ends_what_the_cookie_opened() {
    let world = World::new();
    let (mut browser, _, home) = world.signed_in("Kim");
    let cookie = browser.cookie(&world.origin, "demo-rp").unwrap();
    browser.send(&home, "/sign-out", &[]).unwrap();
    browser.set_cookie(&world.origin, "demo-rp", &cookie);
    let stranger = browser.open(&world.at("/documents")).unwrap();
    assert!(
        stranger.html.contains("href=\"/sign-in\""),
        "{}",
        stranger.html
    );
}

#[test]
fn an_answer_is_taken_once() {
    let world = World::new();
    let (mut browser, _, _) = world.signed_in("Kim");
    let trail = browser.trail().iter();
    let answer = trail.rev().find(|url| url.path() == "/callback").cloned();
    let again = browser.open(answer.unwrap().as_str()).unwrap();
    assert_eq!(again.status, 400);
    assert!(
        again.html.contains("has not asked for that answer"),
        "{}",
        again.html
    );
}

#[test]
fn the_request_itself_reaches_the_provider_without_the_browser() {
    let world = World::new();
    let (mut browser, _) = world.person("Kim");
    browser.open(&world.at("/sign-in")).unwrap();
    let asked = browser
        .trail()
        .iter()
        .find(|url| url.path() == "/authorize");
    let mut names: Vec<_> = asked.unwrap().query_pairs().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(names, ["client_id", "request_uri"]);
}

#[test]
fn the_service_answers_under_its_own_name_only_and_to_its_own_pages_only() {
    let world = World::new();
    let (mut browser, _, home) = world.signed_in("Kim");
    let other = world.at("/").replace("127.0.0.1", "localhost");
    let elsewhere = browser.open(&other).unwrap();
    assert_eq!(elsewhere.status, 421);
    assert!(
        elsewhere.html.contains(&world.at("/")),
        "{}",
        elsewhere.html
    );
    let mut foreign = home;
    foreign.url = "https://evil.example/".parse().unwrap();
    let form = world.at("/sign-out");
    foreign.html = format!("<form action=\"{form}\"></form>");
    let refused = browser.send(&foreign, &form, &[]).unwrap();
    assert_eq!(refused.status, 403);
    let home = browser.open(&world.at("/")).unwrap();
    assert!(home.html.contains("Hello"), "{}", home.html);
}

#[test]
fn every_page_forbids_foreign_content() {
    let world = World::new();
    let (mut browser, _, _) = world.signed_in("Kim");
    let provider = &world.provider.settings.origin;
    for path in ["/", "/documents", "/verify/", "/nowhere"] {
        let page = browser.open(&world.at(path)).unwrap();
        assert!(
            page.policy
                .starts_with("default-src 'none'; script-src 'self';"),
            "{path}"
        );
        let forms = format!("form-action 'self' {provider};");
        assert!(page.policy.contains(&forms), "{path}: {}", page.policy);
        assert!(
            !page.html.contains("<style") && !page.html.contains(" style="),
            "{path}"
        );
    }
}
