//! Evidence proves what was asked for, and nothing else.

use demo_rp::document::{Asked, File, Mismatch};
use passkey_idp::evidence::{Refusal, Trust, verify};
use passkey_idp::id::OrderId;
use passkey_idp::random::Digest;
use strict_jws::KeySet;

use crate::documents::downloads;
use crate::world::{CLIENT, World};

/// Somebody has signed "mine".
struct Signed {
    evidence: String,
    keys: KeySet,
    order: OrderId,
    asked: Asked,
}

impl Signed {
    fn new() -> Self {
        let world = World::new();
        let (mut browser, mut passkey, _) = world.signed_in("Kim");
        let page = world.ask(&mut browser, &[("text", "mine"), ("device", "this")]);
        let page = browser.approve(&page, &mut passkey).expect("a page");
        let (evidence, keys) = downloads(&mut browser, &page);
        let verified = verify(&evidence, &Trust::Embedded).expect("evidence");
        let asked = Asked {
            subject: verified.statement.user.to_string(),
            application: CLIENT.to_owned(),
            text: "mine".to_owned(),
            media_type: "text/plain",
            file: None,
        };
        Self {
            evidence,
            keys,
            order: verified.statement.order,
            asked,
        }
    }

    fn proves(&self, asked: &Asked) -> Result<(), Mismatch> {
        let proven = asked.prove(&self.order, self.evidence.clone(), &self.keys);
        proven.map(drop)
    }
}

#[test]
fn evidence_of_anything_else_than_what_was_asked_for_proves_nothing() {
    let signed = Signed::new();
    assert_eq!(signed.proves(&signed.asked), Ok(()));
    let changed = |change: fn(&mut Asked)| {
        let mut asked = signed.asked.clone();
        change(&mut asked);
        signed.proves(&asked)
    };
    assert_eq!(
        changed(|asked| asked.application = "other".to_owned()),
        Err(Mismatch::Order)
    );
    assert_eq!(
        changed(|asked| asked.subject = "other".to_owned()),
        Err(Mismatch::Signer)
    );
    assert_eq!(
        changed(|asked| asked.text = "yours".to_owned()),
        Err(Mismatch::Content)
    );
    assert_eq!(
        changed(|asked| asked.media_type = "text/markdown"),
        Err(Mismatch::Content)
    );
    let with_file = changed(|asked| {
        asked.file = Some(File {
            name: "a".to_owned(),
            size: 1,
            digest: Digest::sha256(b"a"),
        });
    });
    assert_eq!(with_file, Err(Mismatch::Content));
}

#[test]
fn evidence_of_another_order_or_of_unknown_keys_proves_nothing() {
    let signed = Signed::new();
    let prove = |order: &OrderId, keys: &KeySet| {
        let proven = signed.asked.prove(order, signed.evidence.clone(), keys);
        proven.map(drop)
    };
    let other = OrderId::from([0; 16]);
    assert_eq!(prove(&other, &signed.keys), Err(Mismatch::Order));
    let unknown = Mismatch::Refused(Refusal::UnknownKey);
    assert_eq!(prove(&signed.order, &KeySet::new()), Err(unknown));
}

#[test]
fn a_changed_octet_is_noticed() {
    let signed = Signed::new();
    let package = signed.evidence.clone();
    let proof = signed.asked.prove(&signed.order, package, &signed.keys);
    assert!(matches!(proof.unwrap().changed(), Err(Refusal::Server(_))));
}
