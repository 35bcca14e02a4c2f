use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;

fn imsi() -> Imsi {
    "001010000000001".parse().unwrap()
}

fn sqn(number: u64) -> Sqn {
    Sqn::new(number).unwrap()
}

fn open(folder: &TempDir) -> Result<Journal, JournalError> {
    Journal::open(folder.path().join("sqn"), [(imsi(), Sqn::ZERO)])
}

fn advance(journal: &Journal, from: u64, to: u64) -> Swap {
    journal
        .compare_and_set(&imsi(), sqn(from), sqn(to))
        .unwrap()
}

#[test]
fn a_number_outlives_the_process() {
    let folder = TempDir::new().unwrap();
    let journal = open(&folder).unwrap();
    assert_eq!(advance(&journal, 0, 32), Swap::Done);
    assert_eq!(advance(&journal, 32, 64), Swap::Done);
    drop(journal);

    assert_eq!(open(&folder).unwrap().load(&imsi()).unwrap(), sqn(64));
}

#[test]
fn a_lost_race_tells_the_winners_number() {
    let folder = TempDir::new().unwrap();
    let journal = open(&folder).unwrap();
    advance(&journal, 0, 32);

    assert_eq!(advance(&journal, 0, 96), Swap::Lost(sqn(32)));
    assert_eq!(journal.load(&imsi()).unwrap(), sqn(32));
}

#[test]
fn a_torn_last_line_is_dropped_and_the_journal_goes_on() {
    let folder = TempDir::new().unwrap();
    advance(&open(&folder).unwrap(), 0, 32);
    let path = folder.path().join("sqn");
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("001010000000001 0000000");
    fs::write(&path, text).unwrap();

    let journal = open(&folder).unwrap();
    assert_eq!(advance(&journal, 32, 64), Swap::Done);
    drop(journal);
    assert_eq!(open(&folder).unwrap().load(&imsi()).unwrap(), sqn(64));
}

#[test]
fn a_damaged_journal_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    advance(&open(&folder).unwrap(), 0, 32);
    let path = folder.path().join("sqn");
    let text = format!("rubbish\n{}", fs::read_to_string(&path).unwrap());
    fs::write(&path, &text).unwrap();

    let error = open(&folder).unwrap_err();
    assert_eq!(error.to_string(), "line 1 of the journal is damaged");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn the_higher_of_journal_and_subscribers_file_counts() {
    let folder = TempDir::new().unwrap();
    advance(&open(&folder).unwrap(), 0, 64);
    let path = folder.path().join("sqn");

    let lower = Journal::open(&path, [(imsi(), sqn(32))]).unwrap();
    assert_eq!(lower.load(&imsi()).unwrap(), sqn(64));
    drop(lower);
    let higher = Journal::open(&path, [(imsi(), sqn(96))]).unwrap();
    assert_eq!(higher.load(&imsi()).unwrap(), sqn(96));
}

#[test]
fn a_subscriber_that_left_the_file_keeps_its_number() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sqn");
    advance(&open(&folder).unwrap(), 0, 64);
    drop(Journal::open(&path, []).unwrap());

    assert_eq!(open(&folder).unwrap().load(&imsi()).unwrap(), sqn(64));
}

#[test]
fn a_second_process_is_kept_out() {
    let folder = TempDir::new().unwrap();
    let first = open(&folder).unwrap();

    let error = open(&folder).unwrap_err();
    assert_eq!(error.to_string(), "another process has the journal open");
    drop(first);
    assert!(open(&folder).is_ok(), "the lock goes with its holder");
}

#[test]
fn a_second_process_is_kept_out_by_whatever_link_it_comes() {
    let folder = TempDir::new().unwrap();
    let first = open(&folder).unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(folder.path().join("sqn"), &link).unwrap();

    let error = Journal::open(&link, [(imsi(), Sqn::ZERO)]).unwrap_err();
    assert!(matches!(error, JournalError::InUse), "{error}");
    advance(&first, 0, 32);
    drop(first);
    let linked = Journal::open(&link, [(imsi(), Sqn::ZERO)]).unwrap();
    assert_eq!(linked.load(&imsi()).unwrap(), sqn(32));
    advance(&linked, 32, 64);
    drop(linked);
    assert!(link.is_symlink());
    assert_eq!(open(&folder).unwrap().load(&imsi()).unwrap(), sqn(64));
}

#[test]
fn nobody_else_may_read_it() {
    let folder = TempDir::new().unwrap();
    drop(open(&folder).unwrap());

    for name in ["sqn", "sqn.lock"] {
        let mode = fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn an_unknown_subscriber_has_no_number() {
    let folder = TempDir::new().unwrap();
    let journal = open(&folder).unwrap();
    let stranger = "999990000000001".parse().unwrap();

    let error = journal.load(&stranger).unwrap_err();
    assert_eq!(error.to_string(), "unknown subscriber");
}

#[test]
fn after_a_failed_write_no_number_is_given_out() {
    let folder = TempDir::new().unwrap();
    let journal = open(&folder).unwrap();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    journal.state().unwrap().file = Some(full);

    let swap = |from, to| journal.compare_and_set(&imsi(), sqn(from), sqn(to));
    assert_eq!(
        swap(0, 32).unwrap_err().to_string(),
        "cannot write the journal"
    );
    assert_eq!(
        swap(0, 32).unwrap_err().to_string(),
        "an earlier write to the journal failed"
    );
    drop(journal);
    assert_eq!(open(&folder).unwrap().load(&imsi()).unwrap(), Sqn::ZERO);
}

#[test]
fn a_missing_folder_is_reported() {
    let folder = TempDir::new().unwrap();
    let error = Journal::open(folder.path().join("missing/sqn"), []).unwrap_err();
    assert_eq!(error.to_string(), "cannot lock the journal");
}

#[test]
fn a_long_journal_is_written_anew_without_losing_a_number() {
    let folder = TempDir::new().unwrap();
    let journal = open(&folder).unwrap();
    advance(&journal, 0, 32);
    journal.state().unwrap().lines = SLACK + 1;
    assert_eq!(advance(&journal, 32, 64), Swap::Done);

    let text = fs::read_to_string(folder.path().join("sqn")).unwrap();
    assert_eq!(text, line::encode(&imsi(), sqn(64)));
    assert_eq!(advance(&journal, 64, 96), Swap::Done);
    drop(journal);
    assert_eq!(open(&folder).unwrap().load(&imsi()).unwrap(), sqn(96));
}
