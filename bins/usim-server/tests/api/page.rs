//! The page for people.

use server_kit::caller::{Caller, Certificates, Guard, Token, Tokens};
use usim::transport::TransportKind;
use usim_server::scope;

use crate::{
    cards,
    home::Centre,
    server::{Server, Setup, gate},
};

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

#[tokio::test]
async fn a_browser_gets_the_page_with_the_sims_and_what_was_asked() {
    let server = Server::soft().await;
    server.get(&Centre::new().challenge()).await;
    let page = server
        .get_with("/", &[BROWSER, ("host", "localhost:8443")])
        .await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    for text in [
        "<dd class=\"state ready\">ready</dd>",
        "<td>authenticate</td>",
        "curl 'http://localhost:8443/?type=imsi'",
        "…0019",
    ] {
        assert!(page.body.contains(text), "{text} is not in {}", page.body);
    }
}

#[tokio::test]
async fn nothing_secret_stands_on_the_page() {
    let server = Server::soft().await;
    server.get(&Centre::new().challenge()).await;
    let page = server.get_with("/", &[BROWSER]).await.body;
    for secret in [
        "001010000000001",
        "8900101000000000019",
        "23553CBE",
        "A54211D5",
    ] {
        let shown = page.to_uppercase().contains(secret);
        assert!(!shown, "{secret} is in {page}");
    }
}

#[tokio::test]
async fn the_policy_allows_one_style_and_no_script() {
    let server = Server::soft().await;
    let (one, two) = (
        server.get_with("/", &[BROWSER]).await,
        server.get_with("/", &[BROWSER]).await,
    );
    let nonce = one.body.split("nonce=\"").nth(1).unwrap();
    let nonce = nonce.split('"').next().unwrap();
    assert_eq!(
        one.header("content-security-policy"),
        format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        )
    );
    assert!(!two.body.contains(nonce));
    assert!(!one.body.contains("<script") && !one.body.contains("style=\""));
}

#[tokio::test]
async fn a_program_and_a_query_get_no_page() {
    let server = Server::soft().await;
    assert_eq!(server.get("/").await.status, 400);
    let imsi = server.get_with("/?type=imsi", &[BROWSER]).await;
    assert_eq!(imsi.header("content-type"), "application/json");
}

#[tokio::test]
async fn names_from_outside_stay_text() {
    let alias = Some("<script>alert(1)</script>");
    let setup = Setup::new()
        .labelled(TransportKind::Soft, alias, cards::soft())
        .await;
    let server = setup.build();
    let host = ("host", "localhost");
    let page = server.get_with("/", &[BROWSER, host]).await.body;
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{page}"
    );
}

#[tokio::test]
async fn who_shows_no_token_learns_how_to_call_and_no_more() {
    let (token, mut tokens) = (Token::generate("usim").unwrap(), Tokens::default());
    tokens.insert(token.digest(), Caller::new("lab", [scope::READ]));
    let setup = Setup::new().sim(cards::soft()).await;
    let server =
        setup.build_with(|app| app.gate = gate(Guard::new(tokens, Certificates::default()), 0));
    let page = server.get_with("/", &[BROWSER]).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("-H 'Authorization: Bearer TOKEN'"));
    assert!(!page.body.contains("soft:0") && !page.body.contains("<h2>SIMs"));
    let bearer = format!("Bearer {}", token.expose());
    let page = server
        .get_with("/", &[BROWSER, ("authorization", &bearer)])
        .await;
    assert!(page.body.contains("soft:0"));
}
