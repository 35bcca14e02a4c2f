//! The crate's own clients against this server, in each dialect.

use aka::{Autn, Rand};
use server_kit::listen::Limits;
use usim::{
    ApplicationKind, Authentication, Card, CardError, Error, Subscriber,
    transport::{
        TransportErrorKind,
        remote::{Dialect, RemoteSubscriber, RemoteTransport, Server as Remote},
    },
};

use crate::{
    home::{CK, Centre, IK, RAND, RES, wrong_autn},
    server::Server,
};

/// Does blocking work against a server with one software card.
async fn against_server(work: impl FnOnce(Remote) + Send + 'static) {
    let server = Server::soft().await.listen(Limits::default()).await;
    let remote = Remote::new(&format!("http://{}", server.address)).unwrap();
    tokio::task::spawn_blocking(move || work(remote))
        .await
        .unwrap();
}

fn authenticate(subscriber: &mut dyn Subscriber, autn: &str) -> Result<Authentication, Error> {
    let (rand, autn): (Rand, Autn) = (RAND.parse().unwrap(), autn.parse().unwrap());
    subscriber.authenticate(ApplicationKind::Usim, &rand, &autn)
}

fn keys(outcome: Authentication) -> [String; 3] {
    match outcome {
        Authentication::Success(keys) => [
            hex::encode(keys.res.expose()),
            hex::encode(keys.ck.expose()),
            hex::encode(keys.ik.expose()),
        ],
        Authentication::SyncFailure(_) => unreachable!("the challenge is fresh"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_is_known_and_authenticated_in_each_dialect() {
    against_server(|remote| {
        let centre = Centre::new();
        for dialect in [Dialect::Original, Dialect::PySim, Dialect::Typed] {
            let mut subscriber = RemoteSubscriber::new(&remote, dialect);
            let identity = subscriber.identity().unwrap();
            assert_eq!(identity.imsi.as_str(), "001010000000001", "{dialect:?}");
            let autn = centre.autn();
            let fresh = authenticate(&mut subscriber, &autn).unwrap();
            assert_eq!(keys(fresh), [RES, CK, IK], "{dialect:?}");
            let Authentication::SyncFailure(auts) = authenticate(&mut subscriber, &autn).unwrap()
            else {
                panic!("{dialect:?}: a challenge is good for once")
            };
            assert!(centre.takes(&format!("{:x}", auts.hex())), "{dialect:?}");
            let wrong = authenticate(&mut subscriber, &wrong_autn()).unwrap_err();
            assert!(
                matches!(wrong, Error::Card(CardError::MacFailure)),
                "{dialect:?}: {wrong:?}"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typed_dialect_has_words_for_everything() {
    against_server(|remote| {
        let mut subscriber = RemoteSubscriber::new(&remote, Dialect::Typed);
        let identity = subscriber.identity().unwrap();
        assert_eq!(identity.mnc_length, Some(aka::MncLength::Two));
        let gsm = subscriber.authenticate_gsm(&RAND.parse().unwrap()).unwrap();
        assert_eq!(hex::encode(gsm.sres.expose()), "46f8416a");
        assert_eq!(hex::encode(gsm.kc.expose()), "eae4be823af9a08b");
        let ims = subscriber.ims_identity().unwrap();
        assert!(
            ims.impi.contains("001010000000001"),
            "of the ISIM, or derived"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_opened_behind_the_server() {
    against_server(|remote| {
        let centre = Centre::new();
        for dialect in [Dialect::Original, Dialect::Typed] {
            let transport = RemoteTransport::new(&remote, dialect).unwrap();
            let mut card = Card::open(transport).unwrap();
            assert_eq!(
                card.usim().unwrap().imsi().unwrap().as_str(),
                "001010000000001"
            );
            let fresh = authenticate(&mut card, &centre.autn()).unwrap();
            assert_eq!(keys(fresh), [RES, CK, IK], "{dialect:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_keeps_others_out_until_it_ends() {
    against_server(|remote| {
        let mut first = Card::open(RemoteTransport::new(&remote, Dialect::Typed).unwrap()).unwrap();
        let session = first.usim().unwrap();
        let mut other = RemoteSubscriber::new(&remote, Dialect::Typed);
        let refused = authenticate(&mut other, &wrong_autn()).unwrap_err();
        let kind = refused.transport().unwrap().kind();
        assert_eq!(kind, TransportErrorKind::Busy);
        drop(session);
        let wrong = authenticate(&mut other, &wrong_autn()).unwrap_err();
        assert!(
            matches!(wrong, Error::Card(CardError::MacFailure)),
            "{wrong:?}"
        );
    })
    .await;
}
