//! Our servers on their TLS ports: as sslyze sees them, and as they see each other.

mod certificates;
mod tls;
mod upstream;
