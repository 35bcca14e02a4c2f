//! Uploads over two networks. Whoever comes over the mobile one has been let in by its SIM; over the
//! other one, which anyone can reach, an upload is taken with a token only.
//!
//! ```sh
//! cargo run -p endorse --all-features --example wifi_offload -- \
//!     https://endorse.example https://upload.example http://127.0.0.1:8480/.well-known/jwks.json
//! curl -d data http://127.0.0.1:8087/upload                                               # mobile
//! curl -d data http://127.0.0.1:8088/upload                                               # 401
//! curl -d data -H "Authorization: Bearer $(cat token)" http://127.0.0.1:8088/upload
//! ```

use std::error::Error;

use axum::{Router, routing::post};
use endorse::Verifier;
use endorse::keys::{Cached, Https, JwksUrl, Trust};
use endorse::layer::EndorseLayer;
use tokio::net::TcpListener;

fn uploads() -> Router {
    let upload = async |data: String| format!("{} octets taken\n", data.len());
    Router::new().route("/upload", post(upload))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what| arguments.next().ok_or(what);
    let (issuer, audience) = (next("the issuer")?.parse()?, next("the audience")?.parse()?);
    let keys = JwksUrl::new(next("the URL of the keys")?, Https::new(Trust::Public)?)?;
    let verifier = Verifier::native(issuer, audience, Cached::new(keys));

    // In earnest each is an address of its network's interface.
    let mobile = TcpListener::bind("127.0.0.1:8087").await?;
    let wifi = TcpListener::bind("127.0.0.1:8088").await?;
    eprintln!(
        "mobile {}, Wi-Fi {}",
        mobile.local_addr()?,
        wifi.local_addr()?
    );
    let protected = uploads().layer(EndorseLayer::new(verifier));
    tokio::spawn(async move { axum::serve(mobile, uploads()).await });
    Ok(axum::serve(wifi, protected).await?)
}
