use std::string::{String, ToString as _};

use proptest::prelude::*;

use super::*;
use crate::{
    Auts, Res,
    gba::naf::{ClaimError, Naf, NonceError, Nonces, Reuse},
    http_digest::{
        Algorithm, Challenge, Cnonce, Credentials, InvalidField, Password, Qop, Sent, UriCheck,
    },
    kdf::gba::KsNaf,
};

const BSF: &str = "bsf.home1.net";
const NONCE: &str = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=";

fn terminal() -> Terminal {
    Terminal::new("001010000000001@home1.net", BSF, "/").unwrap()
}

fn challenge() -> Challenge {
    let (realm, nonce) = (BSF.parse().unwrap(), NONCE.parse().unwrap());
    Challenge::new(realm, nonce, Algorithm::AkaV1Md5, Qop::AuthInt)
}

fn cnonce() -> Cnonce {
    Cnonce::new([7; 16])
}

fn res() -> Res {
    "a54211d5e3ba50bf".parse().unwrap()
}

fn refused(change: impl FnOnce(&mut Challenge)) -> UbError {
    let mut challenge = challenge();
    change(&mut challenge);
    terminal().challenged(&challenge.to_string()).unwrap_err()
}

#[test]
fn a_challenge_of_another_kind_is_refused() {
    let other = |text: &str| text.parse().unwrap();
    assert_eq!(
        refused(|it| it.realm = other("bsf.evil.net")),
        UbError::Realm
    );
    assert_eq!(
        refused(|it| it.algorithm = Algorithm::Md5),
        UbError::Algorithm
    );
    assert_eq!(
        refused(|it| it.algorithm = Algorithm::AkaV2Md5),
        UbError::Algorithm
    );
    assert!(matches!(
        refused(|it| it.qop = [Qop::Auth].into()),
        UbError::Unprotected(_)
    ));
    assert!(matches!(
        refused(|it| it.nonce = other("AAAA")),
        UbError::Nonce(_)
    ));
    let field = terminal().challenged("Basic realm=\"bsf.home1.net\"");
    assert_eq!(field.unwrap_err(), UbError::Field(InvalidField::Scheme));
}

#[test]
fn the_card_resynchronises_once() {
    let auts: Auts = "7c3f6f95eda94477c0d3d98dab9a".parse().unwrap();
    let field = challenge().to_string();
    let challenged = terminal().challenged(&field).unwrap();
    let again = challenged.resynchronise(auts, cnonce()).unwrap();
    let sent: Credentials = again.credentials().to_string().parse().unwrap();
    assert_eq!(sent.auts, Some(auts));
    assert!(sent.verify(&Password::empty(), Sent::GET));
    let challenged = again.challenged(&field).unwrap();
    let error = challenged.resynchronise(auts, cnonce()).unwrap_err();
    assert_eq!(error, UbError::OutOfSync);
}

fn body() -> String {
    let until = UnixTime::new(1_893_456_000);
    BootstrappingInfo::new("I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net", until).to_string()
}

#[test]
fn only_who_knows_res_ends_a_bootstrapping() {
    let answered = || {
        let challenged = terminal().challenged(&challenge().to_string()).unwrap();
        challenged.answer(&res(), cnonce())
    };
    let body = body();
    let proof = |res: &Res, body: &str| {
        let answer = answered();
        let information = answer
            .credentials()
            .information(&Password::of_res(res), body.as_bytes());
        information.unwrap().to_string()
    };
    let finish = |proof: Option<&str>, body: &str| answered().finish(proof, body.as_bytes());

    let session = finish(Some(&proof(&res(), &body)), &body).unwrap();
    assert_eq!(session.btid, "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net");
    assert_eq!(session.lifetime.get(), 1_893_456_000);
    assert_eq!(
        std::format!("{:x}", session.rand.hex()),
        "23553cbe9637a89d218ae64dae47bf35"
    );

    assert_eq!(finish(None, &body).unwrap_err(), UbError::Unproven);
    let other: Res = "a54211d5e3ba50be".parse().unwrap();
    assert_eq!(
        finish(Some(&proof(&other, &body)), &body).unwrap_err(),
        UbError::Forged
    );
    let changed = body.replace("2030", "2031");
    assert_eq!(
        finish(Some(&proof(&res(), &body)), &changed).unwrap_err(),
        UbError::Forged
    );
    let empty = finish(Some(&proof(&res(), "<x/>")), "<x/>").unwrap_err();
    assert_eq!(empty, UbError::Info(InvalidInfo));
    let garbled = finish(Some("rspauth"), &body).unwrap_err();
    assert_eq!(garbled, UbError::Field(InvalidField::Grammar));
}

#[test]
fn bodies_as_others_write_them_are_read() {
    for body in [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BootstrappingInfo xmlns=\"uri:3gpp-gba\">\n\
         <btid>AQID@bsf</btid>\n<lifetime>2030-01-01T00:00:00Z</lifetime>\n</BootstrappingInfo>\n",
        "<BootstrappingInfo xmlns=\"uri:3gpp-gba\"><btid> AQID@bsf </btid>\
         <lifetime>2030-01-01T01:00:00.000+01:00</lifetime><Extension><currenttime>x</currenttime>\
         </Extension></BootstrappingInfo>",
        "<gba:BootstrappingInfo\n xmlns:gba='uri:3gpp-gba'><gba:btid>AQID@bsf</gba:btid>\
         <gba:lifetime>2030-01-01T00:00:00Z</gba:lifetime></gba:BootstrappingInfo >",
    ] {
        let info: BootstrappingInfo = body.parse().unwrap();
        assert_eq!(
            (info.btid(), info.lifetime().get()),
            ("AQID@bsf", 1_893_456_000)
        );
    }
}

#[test]
fn hostile_bodies_are_refused() {
    let good = body();
    for (from, to) in [
        ("<?xml", "<!DOCTYPE x [<!ENTITY a \"b\">]><?xml"),
        ("I1U8", "&#65;"),
        ("I1U8", "<![CDATA[x]]>"),
        ("uri:3gpp-gba", "uri:other"),
        ("</btid>", "</btid><btid>x</btid>"),
        ("</btid>", "</lifetime>"),
        ("<btid>", "<btid><b>"),
        ("</BootstrappingInfo>", ""),
        ("</BootstrappingInfo>", "</BootstrappingInfo><x>"),
        ("2030", "203O"),
        ("I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net", ""),
        ("I1U8", "I1\"U8"),
        ("I1U8", "I1\u{e9}"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good);
        assert_eq!(
            changed.parse::<BootstrappingInfo>(),
            Err(InvalidInfo),
            "{changed}"
        );
    }
    let long = good.replace("I1U8", &"A".repeat(16 * 1024));
    assert_eq!(long.parse::<BootstrappingInfo>(), Err(InvalidInfo));
}

/// A terminal's answer to a NAF.
fn answer(naf: &Naf, nonce: crate::http_digest::Quoted, key: &KsNaf, uri: &str) -> String {
    let challenge: Challenge = naf.challenge(nonce).to_string().parse().unwrap();
    let btid = "AQID@bsf.home1.net".parse().unwrap();
    let user = Credentials::before_challenge(btid, challenge.realm.clone(), uri.parse().unwrap());
    let answer = user.answering(&challenge, &Password::of_ks_naf(key), Sent::GET, cnonce());
    answer.unwrap().to_string()
}

#[test]
fn a_naf_lets_in_who_has_its_key_for_what_was_asked() {
    let (naf, key) = (Naf::new("naf.home1.net").unwrap(), KsNaf::new([9; 32]));
    let field = answer(&naf, NONCE.parse().unwrap(), &key, "/a");
    let claim = || naf.claim(&field).unwrap();
    let strict = |target| UriCheck::Strict.of(target, "naf.home1.net");
    let admitted = claim().verify(&key, Sent::GET, strict("/a")).unwrap();
    assert_eq!(
        admitted.credentials().username.as_str(),
        "AQID@bsf.home1.net"
    );

    let wrong = claim().verify(&KsNaf::new([8; 32]), Sent::GET, strict("/a"));
    assert_eq!(wrong.unwrap_err(), ClaimError::Digest);
    let other = Sent {
        method: "DELETE",
        ..Sent::GET
    };
    assert_eq!(
        claim().verify(&key, other, strict("/a")).unwrap_err(),
        ClaimError::Digest
    );
    let body = Sent {
        body: b"x",
        ..Sent::GET
    };
    assert_eq!(
        claim().verify(&key, body, strict("/a")).unwrap_err(),
        ClaimError::Digest
    );
    assert_eq!(
        claim().verify(&key, Sent::GET, strict("/b")).unwrap_err(),
        ClaimError::Target
    );
    let lenient = UriCheck::Lenient.of("/b", "naf.home1.net");
    assert!(claim().verify(&key, Sent::GET, lenient).is_ok());
}

#[test]
fn credentials_for_another_naf_or_of_the_card_are_foreign() {
    let (naf, key) = (Naf::new("naf.home1.net").unwrap(), KsNaf::new([9; 32]));
    for other in [
        Naf::new("naf.evil.net").unwrap(),
        Naf::of_card_clients("naf.home1.net").unwrap(),
    ] {
        let field = answer(&other, NONCE.parse().unwrap(), &key, "/");
        assert_eq!(naf.claim(&field).unwrap_err(), ClaimError::Foreign);
    }
    let field = answer(&naf, NONCE.parse().unwrap(), &key, "/");
    let without_body = field.replace("qop=auth-int", "qop=auth");
    assert_eq!(naf.claim(&without_body).unwrap_err(), ClaimError::Foreign);
    let of_aka = field.replace("algorithm=MD5", "algorithm=AKAv1-MD5");
    assert_eq!(naf.claim(&of_aka).unwrap_err(), ClaimError::Foreign);
    let garbled = naf.claim("Digest x").unwrap_err();
    assert_eq!(garbled, ClaimError::Field(InvalidField::Grammar));
}

#[test]
fn a_nonce_counts_while_it_is_fresh_and_its_count_grows() {
    let (naf, key) = (Naf::new("naf.home1.net").unwrap(), KsNaf::new([9; 32]));
    let now = UnixTime::new(1000);
    let mut nonces = Nonces::new(Reuse::Counted);
    let nonce = nonces.issue([1; 16], now);
    let field = answer(&naf, nonce, &key, "/");
    let spend = |nonces: &mut Nonces, field: &str, now| nonces.spend(&field.parse().unwrap(), now);
    let late = now.after(Nonces::LIFETIME);
    assert_eq!(spend(&mut nonces, &field, late), Err(NonceError::Stale));
    assert_eq!(spend(&mut nonces, &field, now), Ok(()));
    assert_eq!(spend(&mut nonces, &field, now), Err(NonceError::Replayed));
    let next = field.replace("nc=00000001", "nc=00000003");
    assert_eq!(spend(&mut nonces, &next, now), Ok(()));
    let between = field.replace("nc=00000001", "nc=00000002");
    assert_eq!(spend(&mut nonces, &between, now), Err(NonceError::Replayed));

    let mut once = Nonces::new(Reuse::Never);
    once.issue([1; 16], now);
    assert_eq!(spend(&mut once, &field, now), Ok(()));
    assert_eq!(spend(&mut once, &next, now), Err(NonceError::Replayed));
    let mut strange = Nonces::new(Reuse::Counted);
    assert_eq!(spend(&mut strange, &field, now), Err(NonceError::Stale));
}

#[test]
fn the_oldest_nonces_make_room() {
    let (naf, key) = (Naf::new("naf.home1.net").unwrap(), KsNaf::new([9; 32]));
    let now = UnixTime::new(1000);
    let mut nonces = Nonces::new(Reuse::Never);
    let first = nonces.issue([0xff; 16], now);
    let second = nonces.issue([0xfe; 16], now);
    for number in 2..=Nonces::CAPACITY {
        let mut random = [0; 16];
        random[..8].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
        nonces.issue(random, now);
    }
    let spent = |nonces: &mut Nonces, nonce| {
        nonces.spend(&answer(&naf, nonce, &key, "/").parse().unwrap(), now)
    };
    assert_eq!(spent(&mut nonces, first), Err(NonceError::Stale));
    assert_eq!(spent(&mut nonces, second), Ok(()));
}

proptest! {
    #[test]
    fn no_body_panics(body in "(<BootstrappingInfo xmlns=\"uri:3gpp-gba\">)?[<>/a-z:= \"]{0,60}(</BootstrappingInfo>)?") {
        drop(body.parse::<BootstrappingInfo>());
    }

    #[test]
    fn what_a_bsf_writes_a_terminal_reads(btid in "[A-Za-z0-9+/=@.]{1,60}", seconds in 0..=UnixTime::LAST.get()) {
        let info = BootstrappingInfo::new(&btid, UnixTime::new(seconds));
        prop_assert_eq!(&info.to_string().parse::<BootstrappingInfo>().unwrap(), &info);
        prop_assert_eq!(info.btid(), btid);
    }
}
