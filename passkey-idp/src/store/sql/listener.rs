//! What other instances on the same PostgreSQL have changed.

use sqlx::postgres::{PgListener, PgNotification};
use tokio::task::JoinHandle;

use crate::store::{Kind, Watches};

/// Passes on what the database tells, until it is dropped.
pub(super) struct Listener(JoinHandle<()>);

impl Listener {
    pub(super) async fn start(url: &str, watches: &Watches) -> Result<Self, sqlx::Error> {
        let mut listener = PgListener::connect(url).await?;
        listener.listen(CHANNEL).await?;
        Ok(Self(tokio::spawn(pass_on(listener, watches.clone()))))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn pass_on(mut listener: PgListener, watches: Watches) {
    loop {
        match listener.try_recv().await {
            Ok(Some(notification)) => pass_on_one(&notification, &watches),
            // The connection was lost and is there again: nobody knows what was missed.
            Ok(None) => watches.tell_all(),
            Err(_) => {
                watches.tell_all();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn pass_on_one(notification: &PgNotification, watches: &Watches) {
    let Some((kind, id)) = notification.payload().split_once(' ') else {
        return;
    };
    let kind = Kind::ALL.iter().find(|known| known.name() == kind);
    if let (Some(kind), Ok(id)) = (kind, id.parse()) {
        watches.tell(*kind, &id);
    }
}

/// Where [`super::teller`] says what has changed.
pub(super) const CHANNEL: &str = "passkey_rows";

/// Before a database that is gone is asked again.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(500);
