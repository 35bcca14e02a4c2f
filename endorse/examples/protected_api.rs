//! An API that only SIMs may use.
//!
//! ```sh
//! cargo run -p endorse --all-features --example protected_api -- \
//!     https://endorse.example https://api.example http://127.0.0.1:8480/.well-known/jwks.json
//! curl -H "Authorization: Bearer $(cat token)" -d data http://127.0.0.1:8088/upload
//! ```

use axum::{Router, routing::post};
use endorse::Verifier;
use endorse::keys::{Cached, Https, JwksUrl, Trust};
use endorse::layer::{EndorseLayer, Endorsed};

async fn upload(Endorsed(endorsement): Endorsed, data: String) -> String {
    format!("{} octets from {}\n", data.len(), endorsement.subject())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [issuer, audience, keys] = arguments.as_slice() else {
        return Err("expected the issuer, the audience and the URL of the issuer's keys".into());
    };
    let keys = Cached::new(JwksUrl::new(keys, Https::new(Trust::Public)?)?);
    let verifier = Verifier::native(issuer.parse()?, audience.parse()?, keys);
    let app = Router::new()
        .route("/upload", post(upload))
        .layer(EndorseLayer::new(verifier));

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:8088").await?;
        eprintln!("listening on http://{}", listener.local_addr()?);
        Ok(axum::serve(listener, app).await?)
    })
}
