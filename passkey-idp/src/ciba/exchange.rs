//! The token endpoint's part (CIBA §10.1), and what clients are told unasked (§10.2, §10.3).

use strict_jws::json::ObjectWriter;

use super::begin::Notice;
use super::poll::INVALID;
use super::{Backchannel, Mode, Polled};
use crate::application::Application;
use crate::delivery::{Delivery, Message, Sealing};
use crate::id::{AuthReqId, FamilyId};
use crate::oauth::refresh::RefreshToken;
use crate::oauth::token::{Caller, Exchange, Given, TokenError, Tokens, may, proven};
use crate::oauth::{ErrorCode, Flow, Grant, OAuthError, Pace};
use crate::order::Order;
use crate::seal::{SealFailed, Sealer};
use crate::store::{Change, Commit, RowId, Store, StoreExt as _, Stored};

/// What became of a message that waits for a user's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing else to it")]
pub enum Announced {
    /// The user has not answered: the order in that row is what to watch.
    Waiting(RowId),
    /// It is ready to be sent.
    Ready,
    /// There is nothing to be said, or another instance says it.
    Nothing,
}

impl<S: Store + ?Sized> Exchange<'_, S> {
    /// Answers a client that polls.
    ///
    /// # Errors
    /// [`TokenError`]
    pub async fn poll(
        &self,
        caller: Caller<'_>,
        auth_req_id: &AuthReqId,
    ) -> Result<Tokens, TokenError> {
        may(caller, Flow::Ciba)?;
        proven(caller)?;
        let row = Backchannel::row_id(auth_req_id);
        let request = self.store.find::<Backchannel>(&row).await?.ok_or(INVALID)?;
        let order = self.store.find::<Order>(&request.body.order).await?;
        let order = order.ok_or(INVALID)?;
        match request.poll(&order, caller.client, self.now)? {
            Polled::Wait { told, change } => {
                let noted = self.store.commit(vec![change], self.now).await?;
                Err(if matches!(noted, Commit::Done(_)) {
                    told
                } else {
                    Pace::SLOW_DOWN
                }
                .into())
            }
            Polled::Granted { mut grant, used } => {
                grant.key = caller.key;
                let family = FamilyId::generate(self.random)?;
                let tokens = self.issue(caller, &grant, family, used).await?;
                Ok(tokens.ok_or(INVALID)?)
            }
        }
    }

    /// Looks whether the answer has come that `delivery` waits for, and makes it say so. Of all instances
    /// that do this at once, one does it.
    ///
    /// # Errors
    /// [`TokenError`]; then it still waits.
    pub async fn announce(
        &self,
        delivery: &Stored<Delivery>,
        sealer: &Sealer,
    ) -> Result<Announced, TokenError> {
        let sealing = Sealing {
            sealer,
            random: self.random,
        };
        let Some((request, order)) = self.awaited(delivery).await? else {
            return self.forget(delivery).await;
        };
        let given = match request.granted(&order, self.now) {
            Ok(None) => return Ok(Announced::Waiting(order.id)),
            Ok(Some(granted)) => {
                let given = self.granted(delivery, &request, granted, sealing).await?;
                match given {
                    Given::Fallen => self.denied(delivery, &request, GONE, sealing).await?,
                    Given::Made | Given::Before => given,
                }
            }
            Err(error) if error.code == ErrorCode::InvalidGrant => {
                return self.forget(delivery).await;
            }
            Err(error) => self.denied(delivery, &request, error, sealing).await?,
        };
        match given {
            Given::Made => Ok(Announced::Ready),
            Given::Before => Ok(Announced::Nothing),
            Given::Fallen => self.forget(delivery).await,
        }
    }

    /// Says that there are no tokens; to a client that is there.
    async fn denied(
        &self,
        delivery: &Stored<Delivery>,
        request: &Stored<Backchannel>,
        error: OAuthError,
        sealing: Sealing<'_>,
    ) -> Result<Given, TokenError> {
        let message = request.refused(error, sealing.sealer)?;
        let ready = vec![delivery.ready(&message, sealing)?];
        let standing = vec![Application::require_active(&request.body.client)];
        Ok(self.give(standing, ready).await?)
    }

    async fn awaited(
        &self,
        delivery: &Stored<Delivery>,
    ) -> Result<Option<(Stored<Backchannel>, Stored<Order>)>, TokenError> {
        let Some(row) = &delivery.body.awaits else {
            return Ok(None);
        };
        let Some(request) = self.store.find::<Backchannel>(row).await? else {
            return Ok(None);
        };
        let order = self.store.find::<Order>(&request.body.order).await?;
        Ok(order.map(|order| (request, order)))
    }

    async fn forget(&self, delivery: &Stored<Delivery>) -> Result<Announced, TokenError> {
        self.store
            .commit(vec![delivery.drop_it()], self.now)
            .await?;
        Ok(Announced::Nothing)
    }

    async fn granted(
        &self,
        delivery: &Stored<Delivery>,
        request: &Stored<Backchannel>,
        (grant, used): (Grant, Change),
        sealing: Sealing<'_>,
    ) -> Result<Given, TokenError> {
        let notice = request.notice(sealing.sealer)?;
        if request.body.mode == Mode::Ping {
            let ready = vec![delivery.ready(&notice.ping(), sealing)?];
            return Ok(self.give(grant.stands(), ready).await?);
        }
        let row = request.body.client.row_id();
        let Some(client) = self.store.find::<Application>(&row).await? else {
            return Ok(Given::Fallen);
        };
        let caller = Caller {
            client: &request.body.client,
            registered: &client.body.client,
            key: None,
        };
        let family = FamilyId::generate(self.random)?;
        let (mut tokens, minted) = self.mint(caller, &grant, family, None)?;
        tokens.id_token = Some(self.pushed_id_token(&grant, &tokens, &notice)?);
        let mut changes = vec![used];
        changes.extend(minted);
        changes.push(delivery.ready(&notice.push(&tokens), sealing)?);
        Ok(self.give(grant.stands(), changes).await?)
    }

    /// An ID token that is bound to the tokens beside it (CIBA §10.3.1).
    fn pushed_id_token(
        &self,
        grant: &Grant,
        tokens: &Tokens,
        notice: &Notice,
    ) -> Result<String, TokenError> {
        let refresh = tokens.refresh_token.as_ref().map(RefreshToken::expose);
        let also = |claims: &mut ObjectWriter| {
            claims.string(
                "urn:openid:params:jwt:claim:auth_req_id",
                &notice.auth_req_id,
            );
            if let Some(refresh) = &refresh {
                let hash = crate::oauth::half_hash(self.issuer.signer.algorithm(), refresh);
                claims.string("urn:openid:params:jwt:claim:rt_hash", &hash);
            }
        };
        let issuer = &self.issuer;
        let token =
            issuer.id_token_with(grant, &tokens.access_token, also, (self.random, self.now));
        Ok(token?)
    }
}

/// What a client is told that waits for tokens which nobody may have any more.
const GONE: OAuthError = ErrorCode::AccessDenied.because("the user is gone or locked out");

impl Stored<Backchannel> {
    fn notice(&self, sealer: &Sealer) -> Result<Notice, SealFailed> {
        Notice::open(self.body.notice.as_ref().ok_or(SealFailed)?, sealer)
    }

    /// What is said when there are no tokens.
    fn refused(&self, error: OAuthError, sealer: &Sealer) -> Result<Message, SealFailed> {
        let notice = self.notice(sealer)?;
        Ok(match self.body.mode {
            Mode::Push => notice.failed(error),
            Mode::Ping | Mode::Poll => notice.ping(),
        })
    }
}

impl Notice {
    /// CIBA §10.2.
    fn ping(&self) -> Message {
        self.saying(|_| {})
    }

    /// CIBA §10.3.1.
    fn push(&self, tokens: &Tokens) -> Message {
        self.saying(|body| {
            body.string("access_token", &tokens.access_token)
                .string("token_type", tokens.token_type)
                .integer("expires_in", tokens.expires_in.as_seconds());
            if let Some(refresh) = &tokens.refresh_token {
                body.string("refresh_token", &refresh.expose());
            }
            if let Some(id_token) = &tokens.id_token {
                body.string("id_token", id_token);
            }
        })
    }

    /// CIBA §12.
    fn failed(&self, error: OAuthError) -> Message {
        self.saying(|body| {
            body.string("error", error.code.name())
                .string("error_description", error.description);
        })
    }

    fn saying(&self, more: impl FnOnce(&mut ObjectWriter)) -> Message {
        let mut body = ObjectWriter::new();
        body.string("auth_req_id", &self.auth_req_id);
        more(&mut body);
        Message::json(body.finish(), self.token.clone())
    }
}
