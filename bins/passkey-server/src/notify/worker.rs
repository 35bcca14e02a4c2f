//! One instance's part in telling applications.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use passkey_idp::application::Application;
use passkey_idp::ciba::Announced;
use passkey_idp::delivery::{Answer, Delivery, DeliveryState, Message};
use passkey_idp::oauth::token::TokenError;
use passkey_idp::seal::SealFailed;
use passkey_idp::store::{
    Change, Commit, Kind, List, PageSize, RowId, StoreError, StoreExt as _, Stored,
};
use tokio::time::timeout;

use super::places::Places;
use super::{Outbound, OutboundError};
use crate::routes::oauth::token::exchange;
use crate::state::{App, now};

/// Sends what is due, for one instance.
#[derive(Debug)]
pub struct Worker {
    app: Arc<App>,
    outbound: Outbound,
    /// The rows that this instance has in hand.
    busy: Mutex<HashSet<RowId>>,
    /// How many requests may be under way.
    places: Places,
}

/// Why a row is left for the next look.
#[derive(Debug, thiserror::Error)]
enum Left {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Seal(#[from] SealFailed),
}

impl Worker {
    /// A worker of that instance.
    pub fn new(app: Arc<App>, outbound: Outbound) -> Arc<Self> {
        Arc::new(Self {
            app,
            outbound,
            busy: Mutex::default(),
            places: Places::new(),
        })
    }

    /// Works until it is aborted.
    pub async fn run(self: Arc<Self>) {
        loop {
            if let Err(error) = self.look().await {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "what is to be told could not be read");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Takes every row in hand that is not in hand yet.
    async fn look(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let list = List::of::<Delivery>()
                .after(after.as_ref())
                .limit(PageSize::MAX);
            let page = self.app.store.page::<Delivery>(list).await?;
            for delivery in page.items {
                if is_open(&delivery) && self.busy().insert(delivery.id.clone()) {
                    tokio::spawn(Arc::clone(self).follow(delivery.id));
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn follow(self: Arc<Self>, id: RowId) {
        if let Err(error) = self.followed(&id).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "an application is not told yet");
        }
        self.busy().remove(&id);
    }

    /// Waits for the answer that the row waits for, if it does, and sends it.
    async fn followed(&self, id: &RowId) -> Result<(), Left> {
        let mut awaited: Option<RowId> = None;
        loop {
            let order = awaited.as_ref();
            let changed = order.map(|order| self.app.store.watch(Kind::Order, order));
            let Some(delivery) = self.app.store.find::<Delivery>(id).await? else {
                return Ok(());
            };
            if delivery.state == DeliveryState::Ready {
                return self.send(&delivery).await;
            }
            match (self.announce(&delivery).await?, changed) {
                (Announced::Waiting(_), Some(changed)) => {
                    // what another instance has seen while a notice got lost is seen soon
                    timeout(LOOK_AT_ORDER, changed).await.unwrap_or_default();
                }
                (Announced::Waiting(order), None) => awaited = Some(order),
                (Announced::Ready, _) => {}
                (Announced::Nothing, _) => return Ok(()),
            }
        }
    }

    /// Tokens that are pushed are signed with the key that the client wants.
    async fn announce(&self, delivery: &Stored<Delivery>) -> Result<Announced, TokenError> {
        let client = delivery.body.application.row_id();
        let client = self.app.store.find::<Application>(&client).await?;
        let wanted = client.and_then(|client| client.body.client.id_token_alg);
        let keys = self.app.keys.now();
        let exchange = exchange(&self.app, keys.signer_of(wanted.as_deref()), now());
        exchange.announce(delivery, &self.app.sealer).await
    }

    /// Sends the row's message, if nobody else does.
    async fn send(&self, delivery: &Stored<Delivery>) -> Result<(), Left> {
        let _place = self.places.take(&delivery.body.application).await;
        let Some(claim) = delivery.claim(now()) else {
            return Ok(());
        };
        let Some(delivery) = self.claimed(delivery, claim).await? else {
            return Ok(());
        };
        let Some(sealed) = &delivery.body.message else {
            return Ok(());
        };
        let message = Message::open(sealed, &self.app.sealer)?;
        let posted = self.outbound.post(&delivery.body.endpoint, &message).await;
        let answer = answer(&posted);
        self.trace(&delivery, answer, posted.err().as_ref());
        let settled = vec![delivery.settle(answer, now())];
        self.app.store.commit(settled, now()).await?;
        Ok(())
    }

    /// The row that this instance sends from now on. An application that is gone or locked out is told
    /// nothing any more.
    async fn claimed(
        &self,
        delivery: &Stored<Delivery>,
        claim: Change,
    ) -> Result<Option<Stored<Delivery>>, StoreError> {
        let active = Application::require_active(&delivery.body.application);
        let commit = self.app.store.commit(vec![claim, active], now());
        match commit.await? {
            Commit::Done(rows) => rows.into_iter().next().map(Stored::try_from).transpose(),
            Commit::Refused { at: 0 } => Ok(None),
            Commit::Refused { .. } => {
                self.trace(delivery, Answer::Refused, None);
                let dropped = vec![delivery.drop_it()];
                self.app.store.commit(dropped, now()).await?;
                Ok(None)
            }
        }
    }

    fn trace(&self, delivery: &Stored<Delivery>, answer: Answer, error: Option<&OutboundError>) {
        let outcome = match answer {
            Answer::Taken => "success",
            Answer::Refused => "refused",
            Answer::Failed if delivery.is_last_attempt() => "given up",
            Answer::Failed => "failed",
        };
        if let Some(error) = error {
            let (host, error): (_, &dyn std::error::Error) = (delivery.body.endpoint.host(), error);
            tracing::info!(host, error, "an application does not answer");
        }
        let application = delivery.body.application.as_str();
        self.app.trace("server", application, "notify", outcome);
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, HashSet<RowId>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether there is something to be done: now, or when a user answers.
fn is_open(delivery: &Stored<Delivery>) -> bool {
    match delivery.state {
        DeliveryState::Awaiting => !delivery.has_expired(now()),
        DeliveryState::Ready => delivery.claim(now()).is_some(),
    }
}

/// An address that may not be reached now may not be reached later either.
fn answer(posted: &Result<u16, OutboundError>) -> Answer {
    match posted {
        Ok(status) => Answer::of_status(*status),
        Err(OutboundError::Forbidden | OutboundError::Name(_) | OutboundError::Request(_)) => {
            Answer::Refused
        }
        Err(_) => Answer::Failed,
    }
}

/// How soon a row of another instance is taken in hand.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const LOOK_AT_ORDER: Duration = Duration::from_secs(15);
