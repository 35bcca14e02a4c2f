//! Directories that need nothing but this machine: in memory over a journal, and SQLite.

use auc::{
    AlgorithmName, Directory as _, Journal, Kept, Keys, OnConflict, ResLength, SqlDirectory,
    SqlError, Subscriber, Subscribers, XorForTests, conformance,
};
use server_kit::seal::{Sealer, SealingKey};
use tempfile::TempDir;

fn kept(folder: &TempDir) -> Kept<Journal> {
    let subscribers = conformance::subscribers();
    let journal = Journal::open(folder.path().join("sqn"), subscribers.numbers());
    let journal = journal.expect("the folder is ours");
    Kept::new(subscribers, journal)
}

fn sealer(seed: u8) -> Sealer {
    Sealer::new(&SealingKey::new([seed; 32]))
}

async fn empty(folder: &TempDir, seed: u8) -> SqlDirectory {
    let url = format!("sqlite:{}", folder.path().join("auc.db").display());
    let url = url.parse().expect("it is a URL");
    let opened = SqlDirectory::open(&url, sealer(seed)).await;
    opened.expect("the folder is ours")
}

async fn sqlite(folder: &TempDir) -> SqlDirectory {
    let directory = empty(folder, 1).await;
    let subscribers = conformance::subscribers();
    let added = directory.add(subscribers.iter(), OnConflict::Keep).await;
    assert_eq!(added.expect("it is empty").new, 4);
    directory
}

#[tokio::test]
async fn a_journal_gives_subscribers_back() {
    let folder = TempDir::new().unwrap();
    conformance::subscribers_come_back_as_they_were(&kept(&folder)).await;
}

#[tokio::test]
async fn a_journal_tells_of_a_lost_race() {
    let folder = TempDir::new().unwrap();
    conformance::a_lost_race_is_told(&kept(&folder)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_journal_no_number_comes_twice_and_none_goes_back() {
    let folder = TempDir::new().unwrap();
    let centre = conformance::no_number_is_issued_twice(kept(&folder)).await;
    conformance::resynchronisation_never_goes_back(&centre).await;
}

#[tokio::test]
async fn sqlite_gives_subscribers_back() {
    let folder = TempDir::new().unwrap();
    conformance::subscribers_come_back_as_they_were(&sqlite(&folder).await).await;
}

#[tokio::test]
async fn sqlite_tells_of_a_lost_race() {
    let folder = TempDir::new().unwrap();
    conformance::a_lost_race_is_told(&sqlite(&folder).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_sqlite_no_number_comes_twice_and_none_goes_back() {
    let folder = TempDir::new().unwrap();
    let centre = conformance::no_number_is_issued_twice(sqlite(&folder).await).await;
    conformance::resynchronisation_never_goes_back(&centre).await;
}

#[tokio::test]
async fn a_database_is_found_again_as_it_was_left() {
    let folder = TempDir::new().unwrap();
    let first = sqlite(&folder).await;
    conformance::a_lost_race_is_told(&first).await;
    first.close().await;
    let again = empty(&folder, 1).await;
    let found = again.list("", 10).await.unwrap();
    let numbers: Vec<_> = found.iter().map(|found| found.sqn.get()).collect();
    assert_eq!(numbers, [32, 0, 0, 0]);
}

#[tokio::test]
async fn a_dump_holds_no_key_and_another_sealing_key_opens_nothing() {
    let folder = TempDir::new().unwrap();
    let directory = sqlite(&folder).await;
    directory.close().await;
    let subscribers = conformance::subscribers();
    for name in ["auc.db", "auc.db-wal"] {
        let dump = std::fs::read(folder.path().join(name)).unwrap_or_default();
        for subscriber in subscribers.iter() {
            for key in [
                subscriber.keys.expose_k(),
                subscriber.keys.expose_operator(),
            ] {
                assert!(
                    !dump.windows(key.len()).any(|window| window == key),
                    "{name}"
                );
            }
        }
    }
    let error = empty(&folder, 2).await.list("", 10).await.unwrap_err();
    assert!(matches!(error, SqlError::Seal(_)), "{error}");
}

#[tokio::test]
async fn known_subscribers_are_kept_or_get_new_keys_and_never_an_older_number() {
    let folder = TempDir::new().unwrap();
    let directory = sqlite(&folder).await;
    conformance::a_lost_race_is_told(&directory).await;
    let text = "imsi,k,opc\n\
        001010000000001,11111111111111111111111111111111,22222222222222222222222222222222\n\
        001010000000009,33333333333333333333333333333333,44444444444444444444444444444444\n";
    let new = Subscribers::parse(text).unwrap();
    let imsi = "001010000000001".parse().unwrap();

    let added = directory.add(new.iter(), OnConflict::Keep).await.unwrap();
    assert_eq!((added.new, added.known), (1, 1));
    let found = directory.find(&imsi).await.unwrap().unwrap();
    assert_eq!(found.keys.expose_k()[0], 0x46);

    let added = directory
        .add(new.iter(), OnConflict::Replace)
        .await
        .unwrap();
    assert_eq!((added.new, added.known), (0, 2));
    let found = directory.find(&imsi).await.unwrap().unwrap();
    assert_eq!(found.keys.expose_k(), [0x11; 16]);
    assert_eq!(found.sqn.get(), 32, "the number of before");
}

#[tokio::test]
async fn a_hundred_thousand_are_added_at_once_and_one_is_removed() {
    let folder = TempDir::new().unwrap();
    let directory = empty(&folder, 1).await;
    let many: Vec<_> = (0..100_000_u32)
        .map(|index| {
            let imsi = format!("00101{index:010}").parse().unwrap();
            Subscriber::new(imsi, aka::K::new([1; 16]), aka::Opc::new([2; 16]))
        })
        .collect();
    let added = directory.add(many.iter(), OnConflict::Keep).await.unwrap();
    assert_eq!((added.new, added.known), (100_000, 0));

    let imsi = many[99_999].imsi;
    assert!(directory.remove(&imsi).await.unwrap());
    assert!(!directory.remove(&imsi).await.unwrap());
    assert!(directory.find(&imsi).await.unwrap().is_none());
    let page = directory.list("001010000099990", 100).await.unwrap();
    assert_eq!(page.len(), 8, "after the one named, up to 99998");
}

#[tokio::test]
async fn an_xor_subscriber_needs_a_word_each_time() {
    let folder = TempDir::new().unwrap();
    let directory = empty(&folder, 1).await;
    let imsi = "001010000000001".parse().unwrap();
    let keys = Keys::danger_xor_for_tests(aka::K::new([1; 16]));
    let subscriber = Subscriber::with_keys(imsi, keys);
    let refused = directory.add([&subscriber].into_iter(), OnConflict::Keep);
    let refused = refused.await.unwrap_err();
    assert!(matches!(refused, SqlError::XorForTests), "{refused}");

    let directory = directory.with_xor(XorForTests::DangerAllowed);
    let added = directory.add([&subscriber].into_iter(), OnConflict::Keep);
    assert_eq!(added.await.unwrap().new, 1);
    let found = directory.find(&imsi).await.unwrap().unwrap();
    assert_eq!(found.keys.algorithm(), AlgorithmName::Xor);
    assert_eq!(found.res_length, ResLength::LONGEST);

    let refused = directory.with_xor(XorForTests::Refused);
    let refused = refused.list("", 10).await.unwrap_err();
    assert!(matches!(refused, SqlError::XorForTests), "{refused}");
}

#[tokio::test]
async fn a_subscriber_passed_off_as_of_another_algorithm_does_not_open() {
    let folder = TempDir::new().unwrap();
    let directory = sqlite(&folder).await;
    directory.close().await;
    let path = folder.path().join("auc.db");
    let url: server_kit::sql::DatabaseUrl = format!("sqlite:{}", path.display()).parse().unwrap();
    let pool = url.open(1).await.unwrap();
    let changed = sqlx::query("UPDATE subscriber SET algorithm = 'xor'");
    assert_eq!(changed.execute(&pool).await.unwrap().rows_affected(), 4);
    pool.close().await;
    let directory = empty(&folder, 1).await;
    let directory = directory.with_xor(XorForTests::DangerAllowed);
    let error = directory.list("", 10).await.unwrap_err();
    assert!(matches!(error, SqlError::Seal(_)), "{error}");
}

/// A database as the version before TUAK left it.
#[tokio::test]
async fn subscribers_of_an_older_database_are_found() {
    let folder = TempDir::new().unwrap();
    let imsi = "001010000000001".parse().unwrap();
    let path = folder.path().join("auc.db");
    let url: server_kit::sql::DatabaseUrl = format!("sqlite:{}", path.display()).parse().unwrap();
    let pool = url.open(1).await.unwrap();
    let mut old: sqlx::migrate::Migrator = sqlx::migrate!("./migrations/sqlite");
    old.migrations.to_mut().retain(|step| step.version == 1);
    old.run(&pool).await.unwrap();
    let seal = |column: &str, key: u8| {
        let place = format!("auc/subscriber/001010000000001/{column}");
        sealer(1).seal(&place, &[key; 16]).unwrap()
    };
    let insert = "INSERT INTO subscriber (imsi, k, opc, amf, sqn, res_length) \
        VALUES ('001010000000001', $1, $2, 32768, 64, 8)";
    let inserted = sqlx::query(insert).bind(seal("k", 1)).bind(seal("opc", 2));
    inserted.execute(&pool).await.unwrap();
    pool.close().await;

    let found = empty(&folder, 1).await.find(&imsi).await.unwrap().unwrap();
    assert_eq!(found.keys.algorithm(), AlgorithmName::Milenage);
    assert_eq!(found.keys.expose_operator(), [2; 16]);
    assert_eq!(found.sqn.get(), 64);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_sqlite_no_death_of_a_home_repeats_a_number() {
    let folder = TempDir::new().unwrap();
    drop(sqlite(&folder).await);
    let draw = draws();
    let deaths =
        conformance::no_death_repeats_a_number(async || empty(&folder, 1).await, 300, draw);
    let deaths = deaths.await;
    assert!(
        deaths.at_a_step > 100 && deaths.in_between > 20,
        "{deaths:?}"
    );
    assert!(deaths.delivered > 30, "{deaths:?}");
}

/// The multiplicative congruential generator of Lewis, Goodman and Miller.
fn draws() -> impl FnMut(u64) -> u64 {
    let mut seed = 1_u64;
    move |below| {
        seed = seed * 16_807 % 0x7fff_ffff;
        seed % below
    }
}

/// The judge of the test above can tell.
#[tokio::test]
#[should_panic(expected = "came out")]
async fn a_directory_that_forgets_numbers_is_found_out() {
    let draw = draws();
    let open = async || Forgetful(conformance::subscribers());
    conformance::no_death_repeats_a_number(open, 300, draw).await;
}

/// Says that it stores numbers, and does not.
struct Forgetful(Subscribers);

impl auc::Directory for Forgetful {
    async fn find(&self, imsi: &aka::Imsi) -> Result<Option<Subscriber>, auc::DirectoryError> {
        Ok(self.0.get(imsi).cloned())
    }

    async fn compare_and_set(
        &self,
        _: &aka::Imsi,
        _: aka::Sqn,
        _: aka::Sqn,
    ) -> Result<aka::network::Swap, auc::DirectoryError> {
        Ok(aka::network::Swap::Done)
    }
}
