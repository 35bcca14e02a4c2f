//! What a server shows of itself: logs, metrics and health, and nothing secret in any of them.

pub use access::{CallerSlot, access_log};
pub use health::{Readiness, ReadyFlag};
pub use log::{Format, LogError, LogOptions, init};
pub use metrics::{Metrics, MetricsError};
pub use scrub::Scrubbed;

mod access;
mod counted;
mod health;
mod log;
mod metrics;
mod scrub;
