//! Whether what is known of authenticators' models is the present state.

use passkey_idp::store::Store;

use super::Finding;
use crate::config::Options;
use crate::state::now;

/// What the blob itself says, if there is one that verifies.
pub(super) fn finding(options: &Options) -> Option<Finding> {
    let metadata = options.party.metadata().ok()?;
    let issue = metadata.issue()?;
    let said = format!("number {}, of {} models", issue.number(), metadata.len());
    Some(if issue.is_outdated(now()) {
        let said = format!("{said}, outdated since {}", issue.next_update());
        Finding::wrong(WHAT, said, FETCH)
    } else {
        Finding::fine(WHAT, format!("{said}, until {}", issue.next_update()))
    })
}

/// Whether a later blob was known before.
pub(super) async fn replaced(options: &Options, store: &dyn Store) -> Option<Finding> {
    let metadata = options.party.metadata().ok()?;
    let issue = metadata.issue()?;
    let known = match issue.known(store).await {
        Ok(known) => known?,
        Err(error) => return Some(Finding::wrong(WHAT, error.to_string(), "")),
    };
    let number = issue.number();
    (known > number).then(|| {
        let said = format!("number {number}, and {known} was known before");
        Finding::wrong(WHAT, said, FETCH)
    })
}

const WHAT: &str = "metadata";
const FETCH: &str = "fetch https://mds3.fidoalliance.org/ for --mds, and start again";
