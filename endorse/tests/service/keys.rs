//! Where keys come from.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use endorse::keys::{
    Cached, Fetch, InvalidUrl, JwksFile, JwksUrl, KeySource, KeySourceError, Load, PemFolder,
    PemRepository,
};
use endorse::{Refusal, UnixTime, Verifier};
use strict_jws::{KeyId, KeySet, Signer};

use crate::world::{NOW, World, claims, new_key};

pub(crate) fn verifier(keys: impl KeySource + 'static) -> Verifier {
    let issuer = "https://endorse.example".parse().unwrap();
    Verifier::native(issuer, "https://api.example".parse().unwrap(), keys)
}

/// A source that counts how often it is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counted {
    set: Arc<Mutex<KeySet>>,
    loads: Arc<AtomicUsize>,
}

impl Load for Counted {
    fn load(&self, _: &KeySet, _: &[KeyId]) -> Result<KeySet, KeySourceError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        Ok(self.set.lock().unwrap().clone())
    }
}

impl Counted {
    fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }

    pub(crate) fn publish(&self, signer: &Signer) {
        let mut set = self.set.lock().unwrap();
        set.insert_certifying(signer.public().clone()).unwrap();
    }
}

#[test]
fn a_verifier_that_does_no_io_knows_no_key_before_a_refresh() {
    let world = World::new();
    let source = Counted::default();
    source.publish(&world.signer);
    let verifier = verifier(Cached::new(source.clone()));
    let token = world.token(&claims());
    let unknown = Refusal::Token(strict_jws::Refusal::UnknownKey);
    assert_eq!(verifier.verify(&token, NOW).err(), Some(unknown));
    assert!(verifier.verify_refreshing(&token, NOW).is_ok());
    assert!(verifier.verify(&token, NOW).is_ok());
    assert_eq!(source.loads(), 1);
}

#[test]
fn invented_names_cost_one_load_in_30_seconds() {
    let world = World::new();
    let source = Counted::default();
    source.publish(&world.signer);
    let verifier = verifier(Cached::new(source.clone()));
    for second in 0..60 {
        let stranger = World::new();
        let refusal = verifier
            .verify_refreshing(&stranger.token(&claims()), NOW.plus(second))
            .err();
        assert!(refusal.unwrap().is_unknown_key());
    }
    assert_eq!(source.loads(), 2);
}

#[test]
fn a_new_key_is_found_when_a_token_names_it() {
    let (world, next) = (World::new(), Signer::certifying(new_key()));
    let source = Counted::default();
    source.publish(&world.signer);
    let verifier = verifier(Cached::new(source.clone()));
    assert!(
        verifier
            .verify_refreshing(&world.token(&claims()), NOW)
            .is_ok()
    );
    source.publish(&next);
    let rotated = World {
        signer: next,
        ..world
    };
    let token = rotated.token(&claims());
    assert!(verifier.verify_refreshing(&token, NOW.plus(29)).is_err());
    assert!(verifier.verify_refreshing(&token, NOW.plus(30)).is_ok());
    assert_eq!(source.loads(), 2);
}

#[test]
fn a_withdrawn_key_is_forgotten_after_5_minutes() {
    let world = World::new();
    let source = Counted::default();
    source.publish(&world.signer);
    let verifier = verifier(Cached::new(source.clone()));
    let issuer = world.issuer.clone().with_lifetime(300);
    let token = world.token(&claims());
    assert!(verifier.verify_refreshing(&token, NOW).is_ok());
    *source.set.lock().unwrap() = KeySet::new();
    assert!(verifier.verify_refreshing(&token, NOW.plus(299)).is_ok());
    let later = verifier.verify_refreshing(&token, NOW.plus(300)).err();
    assert!(later.unwrap().is_unknown_key());
    assert_eq!((source.loads(), issuer.lifetime()), (2, 300));
}

#[test]
fn a_clock_that_steps_back_does_not_stop_refreshing() {
    let source = Counted::default();
    let cached = Cached::new(source.clone());
    cached.refresh(None, NOW).unwrap();
    let before = NOW.minus(3600);
    assert!(cached.is_aging(before));
    cached.refresh(None, before).unwrap();
    assert_eq!((source.loads(), cached.is_aging(before)), (2, false));
}

#[test]
fn callers_at_once_cause_one_load() {
    let source = Counted::default();
    let cached = Cached::new(source.clone());
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| cached.refresh(None, NOW).unwrap());
        }
    });
    assert_eq!(source.loads(), 1);
}

/// A source whose first answer comes at once, and each later one when it is let through.
#[derive(Debug)]
pub(crate) struct Slow {
    counted: Counted,
    /// Says that somebody loads.
    loading: mpsc::Sender<()>,
    through: Mutex<mpsc::Receiver<()>>,
}

impl Load for Slow {
    fn load(&self, known: &KeySet, wanted: &[KeyId]) -> Result<KeySet, KeySourceError> {
        if self.counted.loads() > 0 {
            self.loading.send(()).unwrap();
            self.through.lock().unwrap().recv().unwrap();
        }
        self.counted.load(known, wanted)
    }
}

/// A slow source, what says that somebody loads, and what lets an answer through.
pub(crate) fn slow(counted: &Counted) -> (Slow, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (loading, is_loading) = mpsc::channel();
    let (lets, through) = mpsc::channel();
    let (counted, through) = (counted.clone(), Mutex::new(through));
    let slow = Slow {
        counted,
        loading,
        through,
    };
    (slow, is_loading, lets)
}

#[test]
fn a_slow_source_holds_nobody_up_who_brings_a_known_key() {
    let (world, source) = (World::new(), Counted::default());
    source.publish(&world.signer);
    let (slow, is_loading, lets) = slow(&source);
    let verifier = verifier(Cached::new(slow));
    let (token, old) = (world.token(&claims()), NOW.plus(300));
    verifier.refresh(token.as_bytes(), NOW).unwrap();
    std::thread::scope(|scope| {
        assert!(verifier.is_refresh_wanted(old) && !verifier.is_refresh_due(old));
        let loads = scope.spawn(|| verifier.refresh(token.as_bytes(), old));
        is_loading.recv().unwrap();
        // it is under way, and somebody else verifies with what is there
        assert!(!verifier.is_refresh_wanted(old));
        assert!(verifier.verify_refreshing(&token, old).is_ok());
        verifier.refresh(token.as_bytes(), old).unwrap();
        lets.send(()).unwrap();
        loads.join().unwrap().unwrap();
    });
    assert_eq!(source.loads(), 2);
}

#[test]
fn whoever_brings_a_new_key_waits_for_the_load_that_is_under_way() {
    let (world, source) = (World::new(), Counted::default());
    let (slow, is_loading, lets) = slow(&source);
    let cached = Cached::new(slow);
    cached.refresh(None, NOW).unwrap();
    std::thread::scope(|scope| {
        let loads = scope.spawn(|| cached.refresh(None, NOW.plus(300)));
        is_loading.recv().unwrap();
        source.publish(&world.signer);
        let key_id = world.signer.key_id();
        let waits = scope.spawn(|| cached.refresh(Some(key_id), NOW.plus(300)));
        lets.send(()).unwrap();
        waits.join().unwrap().unwrap();
        assert!(cached.find(key_id).is_some());
        loads.join().unwrap().unwrap();
    });
    assert_eq!(source.loads(), 2);
}

#[test]
fn keys_are_forgotten_an_hour_after_they_should_have_been_loaded_again() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    fs::write(&path, world.keys().to_jwks()).unwrap();
    let cached = Cached::new(JwksFile::new(&path));
    cached.refresh(None, NOW).unwrap();
    fs::remove_file(&path).unwrap();
    for (seconds, is_there) in [(300, true), (3899, true), (3929, false)] {
        let failed = cached.refresh(None, NOW.plus(seconds));
        assert!(matches!(failed, Err(KeySourceError::File(_))), "{failed:?}");
        let found = cached.find(world.signer.key_id());
        assert_eq!(found.is_some(), is_there, "{seconds}");
        assert_eq!(cached.is_due(NOW.plus(seconds)), !is_there, "{seconds}");
    }
    let impatient = Cached::new(JwksFile::new(&path)).with_patience(0);
    assert!(impatient.is_due(NOW));
}

#[test]
fn keys_stay_when_a_refresh_fails() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    fs::write(&path, world.keys().to_jwks()).unwrap();
    let cached = Cached::new(JwksFile::new(&path));
    cached.refresh(None, NOW).unwrap();
    fs::write(&path, "{").unwrap();
    let failed = cached.refresh(None, NOW.plus(300));
    assert!(matches!(failed, Err(KeySourceError::Set(_))), "{failed:?}");
    assert!(cached.find(world.signer.key_id()).is_some());
}

#[test]
fn a_file_that_is_missing_or_too_long_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let load = || JwksFile::new(&path).load(&KeySet::new(), &[]);
    assert!(matches!(load(), Err(KeySourceError::File(_))));
    fs::write(&path, " ".repeat(KeySet::MAX_LEN + 1)).unwrap();
    assert!(matches!(load(), Err(KeySourceError::TooLong)));
}

#[test]
fn a_folder_gives_its_pem_files_and_leaves_others_alone() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let name = world.signer.key_id().as_str();
    fs::write(folder.path().join(name), world.signer.public().to_pem()).unwrap();
    fs::write(folder.path().join("README"), "nothing").unwrap();
    fs::write(folder.path().join("a b.pem"), "nothing").unwrap();
    let keys = PemFolder::new(folder.path())
        .load(&KeySet::new(), &[])
        .unwrap();
    assert_eq!(keys, world.keys());
    fs::write(folder.path().join("x.pem"), "nothing").unwrap();
    let refused = PemFolder::new(folder.path()).load(&KeySet::new(), &[]);
    assert!(
        matches!(refused, Err(KeySourceError::Key(_))),
        "{refused:?}"
    );
}

/// A web server in memory, which notes what is asked for.
#[derive(Clone, Debug, Default)]
struct Web(Arc<Mutex<WebState>>);

#[derive(Debug, Default)]
struct WebState {
    files: std::collections::HashMap<String, String>,
    asked: Vec<String>,
}

impl Fetch for Web {
    fn fetch(&self, url: &str, _: usize) -> Result<Option<Vec<u8>>, KeySourceError> {
        let mut state = self.0.lock().unwrap();
        state.asked.push(url.to_owned());
        Ok(state.files.get(url).map(|file| file.clone().into_bytes()))
    }
}

impl Web {
    fn with(self, url: &str, file: String) -> Self {
        self.0.lock().unwrap().files.insert(url.to_owned(), file);
        self
    }

    fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().asked.clone()
    }
}

#[test]
fn a_set_behind_a_url_is_fetched() {
    let world = World::new();
    let url = "https://endorse.example/.well-known/jwks.json";
    let web = Web::default().with(url, world.keys().to_jwks());
    let verifier = verifier(Cached::new(JwksUrl::new(url, web.clone()).unwrap()));
    assert!(
        verifier
            .verify_refreshing(&world.token(&claims()), NOW)
            .is_ok()
    );
    assert_eq!(web.asked(), [url]);
}

#[test]
fn a_repository_is_asked_for_the_key_that_a_token_names() {
    let world = World::new();
    let url = format!("https://keys.example/{}", world.signer.key_id());
    let web = Web::default().with(&url, world.signer.public().to_pem());
    let repository = PemRepository::new("https://keys.example/", web.clone()).unwrap();
    let verifier = verifier(Cached::new(repository));
    assert!(
        verifier
            .verify_refreshing(&world.token(&claims()), NOW)
            .is_ok()
    );
    let stranger = World::new().token(&claims());
    let refusal = verifier.verify_refreshing(&stranger, NOW.plus(30)).err();
    assert!(refusal.unwrap().is_unknown_key());
    assert_eq!(web.asked()[0], url);
    assert_eq!(web.asked().len(), 3);
    assert!(
        web.asked()
            .iter()
            .all(|asked| asked.starts_with("https://keys.example/v1-"))
    );
}

#[test]
fn a_repository_is_asked_for_all_keys_that_were_named_meanwhile() {
    let (one, two) = (World::new(), World::new());
    let place = |world: &World| format!("https://keys.example/{}", world.signer.key_id());
    let web = Web::default()
        .with(&place(&one), one.signer.public().to_pem())
        .with(&place(&two), two.signer.public().to_pem());
    let repository = PemRepository::new("https://keys.example", web.clone()).unwrap();
    let cached = Cached::new(repository);
    cached.refresh(None, NOW).unwrap();
    cached.refresh(Some(one.signer.key_id()), NOW).unwrap();
    // a stranger names many that there are not, and is first when the time has come
    for second in 1..=30 {
        let stranger = World::new();
        let name = stranger.signer.key_id();
        cached.refresh(Some(name), NOW.plus(second)).unwrap();
        for world in [&one, &two] {
            cached
                .refresh(Some(world.signer.key_id()), NOW.plus(second))
                .unwrap();
        }
    }
    for world in [one, two] {
        assert!(cached.find(world.signer.key_id()).is_some());
    }
    assert_eq!(web.asked().len(), 8);
}

#[test]
fn a_key_that_is_gone_from_its_repository_is_forgotten() {
    let world = World::new();
    let url = format!("https://keys.example/{}", world.signer.key_id());
    let web = Web::default().with(&url, world.signer.public().to_pem());
    let repository = PemRepository::new("https://keys.example", web.clone()).unwrap();
    let cached = Cached::new(repository);
    cached.refresh(Some(world.signer.key_id()), NOW).unwrap();
    assert!(cached.find(world.signer.key_id()).is_some());
    web.0.lock().unwrap().files.clear();
    cached.refresh(None, NOW.plus(300)).unwrap();
    assert!(cached.find(world.signer.key_id()).is_none());
}

#[test]
fn an_invented_name_keeps_no_key_that_is_gone_in_use() {
    let (world, stranger) = (World::new(), World::new());
    let place = |world: &World| format!("https://keys.example/{}", world.signer.key_id());
    let web = Web::default().with(&place(&world), world.signer.public().to_pem());
    let repository = PemRepository::new("https://keys.example", web.clone()).unwrap();
    let cached = Cached::new(repository);
    cached.refresh(Some(world.signer.key_id()), NOW).unwrap();
    web.0.lock().unwrap().files.clear();
    let _web = web.with(&place(&stranger), "<html>not found</html>".to_owned());
    let refreshed = cached.refresh(Some(stranger.signer.key_id()), NOW.plus(300));
    assert!(refreshed.is_ok());
    assert!(cached.find(world.signer.key_id()).is_none());
    assert!(cached.find(stranger.signer.key_id()).is_none());
}

#[test]
fn keys_come_over_https_or_from_this_machine() {
    for url in [
        "https://x.example/k",
        "http://127.0.0.1:80/k",
        "http://localhost/k",
        "http://[::1]:8/k",
    ] {
        assert!(JwksUrl::new(url, Web::default()).is_ok(), "{url}");
    }
    for url in [
        "http://x.example/k",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example",
        "ftp://x",
        "",
        "https://user@x.example/",
        "http://localhost@evil.example/",
    ] {
        let refused = JwksUrl::new(url, Web::default()).err();
        assert!(matches!(refused, Some(InvalidUrl { .. })), "{url}");
    }
}

#[test]
fn a_source_may_be_shared() {
    let world = World::new();
    let shared: Arc<dyn KeySource> = Arc::new(world.keys());
    let verifier = verifier(Arc::clone(&shared));
    assert!(verifier.verify(&world.token(&claims()), NOW).is_ok());
    assert!(!shared.is_due(UnixTime::from_seconds(0)));
}
