//! A server under test: its router called directly, or listening on a port of its own.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, Response},
};
use http_body_util::BodyExt as _;
use server_kit::{
    audit::Audit,
    browser::Hosts,
    caller::{Caller, Certificates, Guard, Tokens},
    gate::Gate,
    limit::RateLimit,
    listen::{self, Limits, Listener},
    observe::Metrics,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::broadcast,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use usim::transport::{Transport, TransportKind};
use usim_server::{
    Activity, AllowList, App, Changes, Label, Sim, Sims, Status, config::ErrorStatus, scope,
};

use crate::cards::{self, Kept};

/// Long enough for any software card.
const DEADLINE: Duration = Duration::from_secs(20);

/// The pieces of a server.
pub(crate) struct Setup {
    deadline: Duration,
    changes: Changes,
    sims: Sims,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Self::with_deadline(DEADLINE)
    }

    pub(crate) fn with_deadline(deadline: Duration) -> Self {
        Self {
            deadline,
            changes: broadcast::channel(64).0,
            sims: Sims::default(),
        }
    }

    /// Adds a SIM and waits until it is ready.
    pub(crate) async fn sim(self, card: impl Transport + 'static) -> Self {
        self.labelled(TransportKind::Soft, None, card).await
    }

    pub(crate) async fn labelled(
        self,
        kind: TransportKind,
        alias: Option<&str>,
        card: impl Transport + 'static,
    ) -> Self {
        let name = format!("soft:{}", self.sims.all().len());
        let label = Label::new(name, kind).with_alias(alias.map(str::to_owned));
        let kept = Kept::new(card);
        let mut changed = self.changes.subscribe();
        let changes = self.changes.clone();
        let sim = Sim::start(label, self.deadline, changes, move || kept.connect()).unwrap();
        while sim.status() == Status::Absent {
            changed.recv().await.unwrap();
        }
        self.sims.push(sim);
        self
    }

    pub(crate) fn build(self) -> Server {
        self.build_with(|_| {})
    }

    /// Changes what should not be as usual: anonymous callers may do everything.
    pub(crate) fn build_with(self, change: impl FnOnce(&mut App)) -> Server {
        let mut app = App {
            sims: Arc::new(self.sims),
            gate: gate(open(scope::ALL), 0),
            per_sim: RateLimit::per_second(0),
            allow: AllowList::default(),
            audit: Audit::off(),
            errors: ErrorStatus::Telling,
            scheme: "http",
            slowest_request: self.deadline + Duration::from_secs(5),
            longest_lease: Duration::from_secs(300),
            metrics: Metrics::collect().unwrap(),
            ending: CancellationToken::new(),
            changes: self.changes,
            activity: Activity::default(),
        };
        change(&mut app);
        let app = Arc::new(app);
        Server {
            router: usim_server::app(Arc::clone(&app)),
            app,
            _kept: None,
        }
    }
}

/// A gate for these callers, each with so many requests a second; 0 is no limit.
pub(crate) fn gate(guard: Guard, per_caller: u32) -> Gate {
    let hosts = Hosts::new(["sim.example"]);
    Gate::new(guard, hosts, RateLimit::per_second(per_caller))
}

/// A guard that lets everybody in with these scopes.
pub(crate) fn open(scopes: &[&str]) -> Guard {
    let anonymous = Caller::new("anonymous", scopes.iter().copied());
    Guard::new(Tokens::default(), Certificates::default()).open_to(anonymous)
}

/// A server whose router is called directly.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) router: Router,
    pub(crate) app: Arc<App>,
    _kept: Option<Arc<tempfile::NamedTempFile>>,
}

impl Server {
    /// The same, with a file that it reads again as long as it is there.
    pub(crate) fn keeping(self, file: tempfile::NamedTempFile) -> Self {
        let (router, app) = (self.router, self.app);
        Self {
            router,
            app,
            _kept: Some(Arc::new(file)),
        }
    }

    /// One software card, everybody may do everything.
    pub(crate) async fn soft() -> Self {
        Setup::new().sim(cards::soft()).await.build()
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send(Request::get(target).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn post(&self, target: &str, json: &str) -> Answer {
        let request = Request::post(target)
            .header("content-type", "application/json")
            .body(Body::from(json.to_owned()));
        self.send(request.unwrap()).await
    }

    pub(crate) async fn delete(&self, target: &str) -> Answer {
        self.send(Request::delete(target).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn get_with(&self, target: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        Answer::of(response).await
    }

    /// Listens on a port of its own until it is dropped.
    pub(crate) async fn listen(self, limits: Limits) -> Listening {
        let listener = Listener::plain(&"127.0.0.1:0".parse().unwrap())
            .await
            .unwrap();
        let address = listener.address().to_string();
        let end = self.app.ending.clone();
        let served = listen::serve(vec![listener], self.router, limits, async move {
            end.cancelled().await;
        });
        Listening {
            address,
            task: tokio::spawn(served),
        }
    }
}

/// A server on a socket.
pub(crate) struct Listening {
    pub(crate) address: String,
    task: JoinHandle<()>,
}

impl Listening {
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).await.unwrap()
    }

    /// Everything that comes back on a connection of its own.
    pub(crate) async fn says(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        // a server that has enough of a request closes before it is written whole
        stream
            .write_all(request.as_bytes())
            .await
            .unwrap_or_default();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap_or_default();
        text
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let octets = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(octets.to_vec()).unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The word for programs in a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The status and the body.
    pub(crate) fn pair(&self) -> (u16, &str) {
        (self.status, &self.body)
    }
}
