//! Our servers on their TLS ports: as sslyze sees them, and as they see each other.

mod tls;
mod tokens;
mod upstream;
