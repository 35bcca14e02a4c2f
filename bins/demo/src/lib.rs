//! What the demo's story shares with tests of its programs: a browser without a screen.

pub mod browser;
