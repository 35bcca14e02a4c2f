//! A server in memory that knows one SIM.

use std::sync::Arc;

use aka::network::MemoryStore as Numbers;
use auc::{Kept, Subscribers};
use axum::Router;
use endorse::PairwiseSubjects;
use endorse_server::app::{App, now};
use endorse_server::dialects::Dialects;
use endorse_server::keys::{KeyUse, Keys, StoredKey};
use endorse_server::source::Embedded;
use endorse_server::store::{Budget, MemoryStore, SigningKeys as _};
use endorse_server::{Pseudonyms, Server, Settings, app};
use server_kit::audit::Audit;
use server_kit::browser::Hosts;
use server_kit::caller::{Caller, Certificates, Guard, Tokens};
use server_kit::gate::Gate;
use server_kit::limit::{PeerLimit, RateLimit};
use server_kit::observe::{Metrics, ReadyFlag};
use strict_jws::Algorithm;

pub(crate) const ORIGIN: &str = "https://endorse.example";
pub(crate) const AUDIENCE: &str = "https://api.example";
pub(crate) const IMSI: &str = "001010000000001";
pub(crate) const K: &str = "465b5ce8b199b49faa5f0a2ee238a6bc";
pub(crate) const OPC: &str = "cd63cb71954a9f4e48a5994e37a02baf";

pub(crate) async fn server() -> Router {
    app(Arc::new(state().await))
}

async fn state() -> App {
    let store = MemoryStore::default();
    let key = StoredKey::generate(Algorithm::Es256, KeyUse::Native, now()).unwrap();
    store.add_key(key.signing_from(now())).await.unwrap();
    let keys = Keys::load(&store, now()).await.unwrap();
    let settings = Settings {
        origin: ORIGIN.to_owned(),
        audiences: vec![AUDIENCE.parse().unwrap()],
        subjects: PairwiseSubjects::new(&[7; 32]),
        pseudonyms: Pseudonyms::new([8; 32]),
        tells_imsi: true,
        lifetime: 300,
        budget: Budget::default(),
        dialects: Dialects::default(),
    };
    let guard = Guard::new(Tokens::default(), Certificates::default());
    let anonymous = Caller::new("anonymous", app::scope::ALL.iter().copied());
    App {
        server: Server::new(settings, source(), Arc::new(store), keys).unwrap(),
        gate: Gate::new(
            guard.open_to(anonymous),
            Hosts::any(),
            RateLimit::per_second(0),
        ),
        peers: PeerLimit::none(),
        audit: Audit::off(),
        metrics: Metrics::collect().unwrap(),
        ready: ReadyFlag::new("the store does not answer"),
    }
}

fn source() -> Arc<Embedded<Kept<Numbers>>> {
    let subscribers = Subscribers::parse(&format!("imsi,k,opc\n{IMSI},{K},{OPC}\n")).unwrap();
    Arc::new(Embedded::in_memory(subscribers).unwrap())
}
