//! The accept loop and its end.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpStream, UnixStream},
    signal::unix::{SignalKind, signal},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Listener, Peer, Socket,
    connection::{Connection, Stream},
    share::Shares,
};

/// What a connection may cost.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Limits {
    /// Open connections at once; further ones wait in the system's queue. 1024.
    pub connections: usize,
    /// Open connections of one address at once, this machine's own excepted; further ones are
    /// closed. 256.
    pub connections_per_peer: usize,
    /// Time for a TLS handshake. 10 seconds.
    pub handshake: Duration,
    /// Time for a request's head, and for an idle connection's next one. 30 seconds.
    pub head: Duration,
    /// Octets of a request's head. 16 KiB.
    pub head_size: usize,
    /// Time that a write may wait for the other end to read. 30 seconds.
    pub write: Duration,
    /// Time for open requests to finish once the server was told to end. 10 seconds.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            connections_per_peer: 256,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            head_size: 16 * 1024,
            write: Duration::from_secs(30),
            drain: Duration::from_secs(10),
        }
    }
}

/// Ends when the process is told to: SIGTERM or SIGINT.
///
/// # Errors
/// The signal handlers cannot be installed.
pub fn terminated() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Serves `app` on all `listeners` until `end`, then lets open requests finish.
///
/// Every request carries a [`Peer`] in its extensions. Dropping the future cuts everything off.
pub async fn serve(
    listeners: Vec<Listener>,
    app: Router,
    limits: Limits,
    end: impl Future<Output = ()>,
) {
    let server = Server {
        app,
        limits,
        slots: Arc::new(Semaphore::new(limits.connections)),
        shares: Shares::new(limits.connections_per_peer),
        tasks: TaskTracker::new(),
        ending: CancellationToken::new(),
        cut: CancellationToken::new(),
    };
    let _cut_when_dropped = server.cut.clone().drop_guard();
    for listener in listeners {
        server.tasks.spawn(server.clone().accept_all(listener));
    }
    end.await;
    server.ending.cancel();
    server.tasks.close();
    if timeout(limits.drain, server.tasks.wait()).await.is_err() {
        tracing::warn!("requests were cut off at the end of the drain time");
    }
}

/// What every connection shares.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) app: Router,
    pub(super) limits: Limits,
    pub(super) ending: CancellationToken,
    slots: Arc<Semaphore>,
    shares: Shares,
    tasks: TaskTracker,
    cut: CancellationToken,
}

impl Server {
    async fn accept_all(self, listener: Listener) {
        let ending = self.ending.clone();
        ending
            .run_until_cancelled(self.accept_forever(&listener))
            .await;
    }

    async fn accept_forever(&self, listener: &Listener) {
        loop {
            // the semaphore is never closed
            let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else {
                return;
            };
            match accept(&listener.socket).await {
                Ok(Accepted::Tcp(stream, address)) => {
                    self.connected(stream, Peer::tcp(address), listener, slot);
                }
                Ok(Accepted::Unix(stream)) => {
                    self.connected(stream, Peer::unix(), listener, slot);
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    fn connected<S: Stream>(
        &self,
        stream: S,
        peer: Peer,
        listener: &Listener,
        slot: OwnedSemaphorePermit,
    ) {
        let Some(share) = self.shares.take(&peer) else {
            tracing::debug!("a peer has its share of connections");
            return;
        };
        let connection = Connection::new(stream, listener.tls.clone(), peer);
        let server = self.clone();
        self.tasks.spawn(async move {
            let cut = server.cut.clone();
            if let Some(Err(error)) = cut.run_until_cancelled(connection.run(server)).await {
                tracing::debug!(%error, "a connection ended badly");
            }
            drop((slot, share));
        });
    }
}

/// Long enough for a file descriptor to come free.
const PAUSE: Duration = Duration::from_millis(50);

enum Accepted {
    Tcp(TcpStream, SocketAddr),
    Unix(UnixStream),
}

async fn accept(socket: &Socket) -> io::Result<Accepted> {
    match socket {
        Socket::Tcp(listener) => {
            let (stream, address) = listener.accept().await?;
            stream.set_nodelay(true)?;
            Ok(Accepted::Tcp(stream, address))
        }
        Socket::Unix(listener) => Ok(Accepted::Unix(listener.accept().await?.0)),
    }
}
