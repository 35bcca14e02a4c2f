//! The files that pages ask for, embedded in the program.

/// A file beside the pages.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Asset {
    /// Where pages ask for it.
    pub path: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What it holds.
    pub content: &'static str,
}

/// All of them: the style, and the one script.
pub const ASSETS: [Asset; 3] = [
    Asset {
        path: "/assets/style.css",
        media_type: "text/css; charset=utf-8",
        content: include_str!("../../assets/style.css"),
    },
    Asset {
        path: "/assets/passkey.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/passkey.js"),
    },
    Asset {
        path: "/favicon.svg",
        media_type: "image/svg+xml",
        content: include_str!("../../assets/favicon.svg"),
    },
];
