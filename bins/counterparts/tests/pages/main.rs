//! The pages of endorse-server, in a real Chromium that playwright-core leads; descriptions that
//! schemathesis holds servers to.

use anyhow::Result;
use counterparts::endorse_server::{EndorseServer, ORIGIN, REDIRECT, token};
use counterparts::passkey_server::{self, PasskeyServer};
use counterparts::program::tools;
use counterparts::{Namespace, Program};
use serde_json::json;

#[test]
#[ignore = "needs chromium, node and playwright-core: cargo xtask test --only pages"]
fn people_verify_tokens_and_log_in() -> Result<()> {
    let namespace = Namespace::new()?;
    let _server = EndorseServer::start(&namespace)?;
    let home = [token(&namespace)?, token(&namespace)?];
    let asked = json!({"origin": ORIGIN, "redirect": REDIRECT, "home": home});
    let script = namespace.file("pages.mjs", include_str!("pages.mjs"))?;
    let node = namespace.program("env").arg("-C").arg(tools()?.join("npm"));
    let told = node
        .args("timeout 100 node")
        .arg(script)
        .arg(asked.to_string());
    assert!(told.demand()?.contains("pages: ok"));
    Ok(())
}

/// What the description promises, schemathesis holds the server to.
#[test]
#[ignore = "needs schemathesis: cargo xtask test --only pages"]
fn the_description_is_kept() -> Result<()> {
    let namespace = Namespace::new()?;
    let server = EndorseServer::start(&namespace)?;
    // 511 is what TS.43 has for a token that is not good.
    let expected = r#"checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 511]"#;
    let settings = namespace.file("schemathesis.toml", expected)?;
    let st = scanner(&namespace)?.arg("--config-file").arg(settings);
    let finished = scan(st, ORIGIN)
        .args("--max-examples 20 --phases examples,coverage,fuzzing")
        .finish()?;
    assert!(finished.success, "{}\n{}", finished.output, server.log());
    Ok(())
}

#[test]
#[ignore = "needs schemathesis: cargo xtask test --only pages"]
fn the_description_of_passkey_server_is_kept() -> Result<()> {
    let namespace = Namespace::new()?;
    let server = PasskeyServer::start(&namespace)?;
    let st = scan(scanner(&namespace)?, passkey_server::ORIGIN);
    let client = format!("{}:{}", passkey_server::CLIENT, server.secret());
    let st = st.args("--phases examples,coverage --auth").arg(client);
    let finished = st.finish()?;
    assert!(finished.success, "{}\n{}", finished.output, server.log());
    Ok(())
}

fn scanner(namespace: &Namespace) -> Result<Program> {
    let bounded = namespace.program("timeout").arg("90");
    Ok(bounded.arg(tools()?.join("bin/st")))
}

fn scan(scanner: Program, origin: &str) -> Program {
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,\
                  response_schema_conformance";
    let st = scanner.arg("run").arg(format!("{origin}/openapi.json"));
    let st = st.args("--seed 1 --checks");
    st.arg(checks)
}
