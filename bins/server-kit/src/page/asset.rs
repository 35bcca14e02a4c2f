//! The files that pages ask for, embedded in the program.

use axum::Router;
use axum::http::header;
use axum::routing::get;

/// A file beside the pages.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::exhaustive_structs,
    reason = "servers have assets of their own"
)]
pub struct Asset {
    /// Where pages ask for it.
    pub path: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What it holds.
    pub content: &'static str,
}

/// The look of every page.
pub const STYLE: Asset = Asset {
    path: "/assets/style.css",
    media_type: "text/css; charset=utf-8",
    content: include_str!("../../assets/style.css"),
};

/// The picture in the browser's tab.
pub const ICON: Asset = Asset {
    path: "/favicon.svg",
    media_type: "image/svg+xml",
    content: include_str!("../../assets/favicon.svg"),
};

/// Routes at which `assets` are found; browsers keep them for five minutes.
pub fn routes<S: Clone + Send + Sync + 'static>(assets: &[Asset]) -> Router<S> {
    assets.iter().fold(Router::new(), |router, asset| {
        let asset = *asset;
        let fields = [
            (header::CONTENT_TYPE, asset.media_type),
            (header::CACHE_CONTROL, "public, max-age=300"),
        ];
        router.route(asset.path, get(async move || (fields, asset.content)))
    })
}
