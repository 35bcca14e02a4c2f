//! What a handler has not read of a request, read after it.
//!
//! A server that answers before it has read a request resets the stream (RFC 9113 §8.1), or closes the
//! connection; there are clients that then lose the answer as well, such as curl 7.88. So a refusal
//! waits for the rest of a small request.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::timeout;

/// A body that the handler reads, and that is still there when the handler has gone.
pub(super) struct Unread<B>(Arc<Mutex<B>>);

impl<B> Clone for Unread<B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<B: Body<Data = Bytes> + Unpin> Unread<B> {
    pub(super) fn new(body: B) -> Self {
        Self(Arc::new(Mutex::new(body)))
    }

    /// Reads on to the end, but not much and not for long.
    pub(super) async fn drain(mut self) {
        if !self.is_end_stream() {
            // whoever sends more than that, or slower, is cut off
            drop(timeout(PATIENCE, self.read_on()).await);
        }
    }

    async fn read_on(&mut self) {
        let mut left = MOST;
        while let Some(Ok(frame)) = self.frame().await {
            let read = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(read) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, B> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Unread<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut *self.lock()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.lock().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.lock().size_hint()
    }
}

/// Octets that are read of what nobody wanted.
const MOST: usize = 256 * 1024;
/// For how long.
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use axum::body::Body as Made;

    use super::*;

    fn of(parts: usize, size: usize) -> Made {
        let part = move |_| Ok::<_, std::io::Error>(Bytes::from(vec![0; size]));
        Made::from_stream(futures_util::stream::iter((0..parts).map(part)))
    }

    #[tokio::test]
    async fn what_a_handler_leaves_is_read_to_its_end() {
        let unread = Unread::new(of(4, 1000));
        let mut handled = unread.clone();
        assert!(handled.frame().await.is_some_and(|frame| frame.is_ok()));
        drop(handled);
        let mut rest = unread.clone();
        unread.drain().await;
        assert!(rest.frame().await.is_none());
    }

    #[tokio::test]
    async fn more_than_a_little_is_left() {
        let unread = Unread::new(of(3, MOST));
        let mut rest = unread.clone();
        unread.drain().await;
        assert!(rest.frame().await.is_some(), "the third part is nobody's");
    }
}
