//! The pages of passkey-server, in a real Chromium with virtual authenticators.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use counterparts::passkey_server::{CLIENT, ORIGIN, PasskeyServer, REDIRECT};
use counterparts::program::{ours, tools};
use counterparts::{Namespace, Program};
use serde_json::json;

const STAGE: &str = include_str!("stage.mjs");

#[test]
#[ignore = "needs chromium, node and npm: cargo xtask test --only browser"]
fn people_register_sign_in_and_sign() -> Result<()> {
    played("sign", include_str!("sign.mjs"))
}

#[test]
#[ignore = "needs chromium, node and npm: cargo xtask test --only browser"]
fn an_order_goes_to_another_device() -> Result<()> {
    played("handover", include_str!("handover.mjs"))
}

#[test]
#[ignore = "needs chromium, node and npm: cargo xtask test --only browser"]
fn a_public_client_signs_users_in() -> Result<()> {
    played("oidc", include_str!("oidc.mjs"))
}

#[test]
#[ignore = "needs chromium, node and npm: cargo xtask test --only browser"]
fn people_connect_devices_consent_and_sign_out() -> Result<()> {
    played("device", include_str!("device.mjs"))
}

#[test]
#[ignore = "needs chromium, node and npm: cargo xtask test --only browser"]
fn every_page_in_light_colours_fits_and_can_be_used_by_everyone() -> Result<()> {
    looked_at("light")
}

#[test]
#[ignore = "needs chromium, node and npm: cargo xtask test --only browser"]
fn every_page_in_dark_colours_fits_and_can_be_used_by_everyone() -> Result<()> {
    looked_at("dark")
}

#[test]
#[ignore = "needs chromium, node and npm: cargo xtask test --only browser"]
fn a_service_signs_people_in_and_has_them_sign() -> Result<()> {
    let namespace = Namespace::new()?;
    let server = PasskeyServer::start(&namespace)?;
    let kept = namespace.ours("passkey-server")?.args("app --state-dir");
    let kept = kept.arg(namespace.folder().join("state"));
    let told = kept.args("add service --redirect http://127.0.0.1:8449/callback");
    let told = told.args("--redirect http://127.0.0.1:8449/documents/back");
    let told = told.args("--post-logout-redirect http://127.0.0.1:8449/ --title");
    let told = told.arg("Demo service").demand()?;
    let secret = told
        .lines()
        .find_map(|line| line.strip_prefix("client_secret"));
    let secret = namespace.file("secret", secret.context("no secret is told")?)?;
    let service = namespace
        .ours("demo-rp")?
        .args("serve --listen 127.0.0.1:8449");
    let service = service.args("--client-id service --client-secret-file");
    let mut service = service.arg(secret).start()?;
    service.prints("listening")?;
    let script = include_str!("service.mjs");
    let play = play(&namespace, "service", script, server.secret())?;
    let told = play.demand().with_context(|| service.log())?;
    ended_well("service", &told)
}

#[test]
#[ignore = "needs chromium, node and npm: cargo xtask test --only browser"]
fn the_login_that_embedders_copy_works() -> Result<()> {
    let namespace = Namespace::new()?;
    let _app = namespace.ours("examples/embed")?.start()?;
    let play = play(&namespace, "embed", include_str!("embed.mjs"), "")?;
    ended_well("embed", &play.demand()?)
}

fn looked_at(colours: &str) -> Result<()> {
    let namespace = Namespace::new()?;
    let folder = namespace.folder().join("gallery");
    let drawn = Command::new(ours("examples/gallery")?)
        .arg(&folder)
        .status()?;
    ensure!(drawn.success(), "no gallery");
    let play = play(&namespace, "looks", include_str!("looks.mjs"), "")?;
    ended_well("looks", &play.arg(&folder).arg(colours).demand()?)
}

/// A play against a server of its own.
fn played(name: &str, script: &str) -> Result<()> {
    let namespace = Namespace::new()?;
    let server = PasskeyServer::start(&namespace)?;
    let play = play(&namespace, name, script, server.secret())?;
    let told = play.demand().with_context(|| server.log())?;
    ended_well(name, &told)
}

fn play(namespace: &Namespace, name: &str, script: &str, secret: &str) -> Result<Program> {
    namespace.file("stage.mjs", STAGE)?;
    let script = namespace.file(&format!("{name}.mjs"), script)?;
    let asked = json!({"origin": ORIGIN, "redirect": REDIRECT, "client": CLIENT, "secret": secret});
    let node = namespace.program("env").arg("-C").arg(tools()?.join("npm"));
    let node = node.args("timeout 80 node").arg(script);
    Ok(node.arg(asked.to_string()).within(80))
}

fn ended_well(name: &str, told: &str) -> Result<()> {
    ensure!(told.contains(&format!("{name}: ok")), "{told}");
    Ok(())
}
