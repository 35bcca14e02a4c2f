//! Somebody makes a passkey, signs in with it, and signs a document that anybody can verify.

use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};
use demo::browser::{Browser, Page};
use passkey_idp::webauthn::TestAuthenticator;

use crate::passkeys::Passkeys;
use crate::program;

const TEXT: &str = "I lend you my bicycle until Sunday.";

pub(super) fn tell(passkeys: &Passkeys) -> Result<()> {
    println!("\n9. passkey-server answers at {}", passkeys.provider);
    let mut browser = Browser::new();
    let page = browser.open(&passkeys.invitation)?;
    let (mut passkey, page) = browser.register(&page)?;
    ensure!(page.status == 200, "no passkey: {}", page.html);
    println!("   Kim has been invited, and makes a passkey, here in software");

    println!(
        "\n10. Kim signs in at a service on an origin of its own, {}",
        passkeys.service
    );
    sign_in(passkeys, &mut browser, &mut passkey)?;

    println!("\n11. The service asks Kim to sign: {TEXT:?}");
    let proven = sign(passkeys, &mut browser, &mut passkey)?;

    println!("\n12. Anybody verifies the evidence, without either of them");
    verify(passkeys, &mut browser, &proven)
}

fn sign_in(
    passkeys: &Passkeys,
    browser: &mut Browser,
    passkey: &mut TestAuthenticator,
) -> Result<()> {
    let mut page = browser.open(&format!("{}sign-in", passkeys.service))?;
    if page.html.contains("data-passkey=\"get\"") {
        page = browser.approve(&page, passkey)?;
    }
    if page.html.contains("value=\"allow\"") {
        println!("   the identity provider asks Kim what the service may know");
        let action = page.after("<form method=\"post\" action=\"")?;
        page = browser.send(&page, &action, &[("decision", "allow")])?;
    }
    let subject = page.after("<dt>Subject</dt><dd class=\"mono\">")?;
    let means = page.after("<dt>Means</dt><dd>")?;
    println!("   pushed request, code, PKCE: the ID token says that it is {subject}, by {means}");
    Ok(())
}

fn sign(
    passkeys: &Passkeys,
    browser: &mut Browser,
    passkey: &mut TestAuthenticator,
) -> Result<Page> {
    let form = browser.open(&format!("{}documents", passkeys.service))?;
    let fields = [("text", TEXT), ("device", "this")];
    let asked = browser.send(&form, "/documents", &fields)?;
    println!("   the identity provider shows the text, and who asks");
    let proven = browser.approve(&asked, passkey)?;
    let when = proven.after("<dt>When</dt><dd>")?;
    println!("   signed at {when}; the service has collected the evidence, and verified it");
    Ok(proven)
}

fn verify(passkeys: &Passkeys, browser: &mut Browser, proven: &Page) -> Result<()> {
    let mut download = |name: &str| -> Result<String> {
        let path = format!("{}/{name}", proven.url.path());
        Ok(browser.follow(proven, &path)?.html)
    };
    let (evidence, keys) = (download("evidence.json")?, download("keys.json")?);
    std::fs::write(passkeys.file("keys.json"), keys)?;
    let accepted = verifier(passkeys, &evidence)?;
    ensure!(accepted.status.success(), "not proven: {accepted:?}");
    println!("   passkey-verify evidence.json --keys keys.json");
    for line in String::from_utf8(accepted.stdout)?.lines() {
        println!("     {line}");
    }
    let changed = evidence.replacen("jws\":\"eyJ", "jws\":\"eyK", 1);
    let refused = verifier(passkeys, &changed)?;
    ensure!(
        !refused.status.success() && changed != evidence,
        "a change went unnoticed"
    );
    let said = String::from_utf8(refused.stderr)?;
    println!("   with one letter of it changed: {}", said.trim());
    Ok(())
}

fn verifier(passkeys: &Passkeys, evidence: &str) -> Result<Output> {
    let file = passkeys.file("evidence.json");
    std::fs::write(&file, evidence)?;
    let mut command = Command::new(program::path("passkey-verify")?);
    let command = command
        .arg(file)
        .arg("--keys")
        .arg(passkeys.file("keys.json"));
    command.output().context("passkey-verify does not run")
}
