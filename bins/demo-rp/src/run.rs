//! From settings to a running service.

use std::sync::Arc;

use anyhow::Result;
use server_kit::config::Settings as _;
use server_kit::listen::{self, Advice, Authentication};

use crate::config::Options;
use crate::routes;
use crate::state::App;

/// Serves until the process is told to end.
///
/// # Errors
/// A setting is wrong, or a socket cannot be opened.
pub async fn run(mut options: Options) -> Result<()> {
    let ended = listen::terminated()?;
    options.settle()?;
    let app = Arc::new(App::new(options.settings()?)?);
    let advice = Advice {
        program: Options::PROGRAM,
        scope: "none",
    };
    // people sign in at the provider, and nobody sees anything before
    let opened = options.listen.open(Authentication::Required, advice);
    let listeners = opened.await?;
    for listener in &listeners {
        tracing::info!(
            url = listener.url(),
            origin = app.origin,
            issuer = app.oidc.issuer(),
            "listening"
        );
    }
    listen::serve(listeners, routes::app(app), options.listen.limits(), ended).await;
    Ok(())
}
