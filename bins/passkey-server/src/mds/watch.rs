//! Whoever runs the server hears of it when what is known of authenticators grows old.

use std::sync::Arc;
use std::time::Duration;

use super::Issue;
use crate::state::{App, now};

/// Says each day whether the blob is outdated; ends at once where there is none.
pub(crate) async fn watch(app: Arc<App>) {
    let Some(issue) = app.metadata.issue() else {
        return;
    };
    loop {
        tell(issue);
        tokio::time::sleep(DAY).await;
    }
}

fn tell(issue: &Issue) {
    let (number, next_update) = (issue.number(), issue.next_update());
    metrics::gauge!("passkey_mds_number").set(u32::try_from(number).unwrap_or(u32::MAX));
    let outdated_at = Duration::from_secs(issue.outdated_at().unix_seconds());
    metrics::gauge!("passkey_mds_outdated_at_seconds").set(outdated_at);
    if issue.is_outdated(now()) {
        tracing::warn!(
            number,
            %next_update,
            "the blob of --mds is outdated: fetch the present one, and start again"
        );
    }
}

const DAY: Duration = Duration::from_hours(24);
