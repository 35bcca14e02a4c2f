use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::task::spawn_blocking;

use super::*;
use crate::transport::{
    Transport, TransportError, TransportErrorKind,
    fault::{Fault, FaultInjector, Faults},
    replay::Replay,
};

type Card = FaultInjector<Replay>;

const LONG: Duration = Duration::from_secs(60);
const STATUS: [u8; 5] = [0x80, 0xf2, 0x00, 0x00, 0x02];

fn card() -> Card {
    let recording = "> 80F2000002\n< 62009000\n".repeat(50);
    FaultInjector::new(Replay::from_text(&recording).unwrap())
}

fn ask(card: &mut Card) -> Result<usize, Error> {
    Ok(card.transmit(&STATUS, &mut [0; 8])?)
}

/// A worker whose sessions come from this list, the first one first; then there is no card.
fn worker(sessions: Vec<Result<Card, TransportErrorKind>>, options: Options) -> Handle<Card> {
    let mut sessions = sessions.into_iter();
    let opener = move || {
        let session = sessions.next().unwrap_or(Err(TransportErrorKind::NoCard));
        session.map_err(TransportError::from)
    };
    Worker::spawn("test", opener, options).unwrap()
}

/// As [`worker`], with one card that can be made to fail, and which is looked at by no poll.
fn worker_with_faults() -> (Handle<Card>, Faults) {
    let card = card();
    let faults = card.faults();
    (worker(vec![Ok(card)], undisturbed()), faults)
}

fn undisturbed() -> Options {
    Options::default().with_poll(LONG)
}

async fn hanging(faults: &Faults) {
    let faults = faults.clone();
    spawn_blocking(move || faults.wait_until_hanging())
        .await
        .unwrap();
}

async fn session(handle: &Handle<Card>, expected: u64) {
    let reached = |state: &State| matches!(state, State::Ready { session } if *session == expected);
    handle.state().wait_for(reached).await.unwrap();
}

fn kind(error: &WorkerError) -> TransportErrorKind {
    error.error().and_then(Error::transport).unwrap().kind()
}

#[tokio::test]
async fn work_is_done_in_the_order_of_its_asking() {
    let handle = worker(vec![Ok(card())], undisturbed());
    let order = Arc::new(Mutex::new(Vec::new()));
    let work = |number: usize| {
        let order = Arc::clone(&order);
        handle.run(LONG, move |card: &mut Card| {
            order.lock().unwrap().push(number);
            Ok(number + ask(card)?)
        })
    };
    let (a, b, c) = tokio::join!(work(1), work(2), work(3));
    assert_eq!((a.unwrap(), b.unwrap(), c.unwrap()), (5, 6, 7));
    assert_eq!(*order.lock().unwrap(), [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_hung_card_costs_its_callers_no_more_than_their_deadline() {
    let (handle, faults) = worker_with_faults();
    faults.inject_next(Fault::Hang);
    let (begun, ()) = tokio::join!(handle.run(LONG, ask), hanging(&faults));
    assert!(matches!(begun, Err(WorkerError::Timeout)), "{begun:?}");
    let waiting = handle.run(LONG, ask).await;
    assert!(matches!(waiting, Err(WorkerError::Expired)), "{waiting:?}");

    tokio::time::resume();
    faults.release();
    assert_eq!(handle.run(LONG, ask).await.unwrap(), 4);
    assert_eq!(
        faults.commands(),
        2,
        "work that expired in the queue never begins"
    );
}

#[tokio::test(start_paused = true)]
async fn work_whose_caller_went_away_never_begins() {
    let (handle, faults) = worker_with_faults();
    faults.inject_next(Fault::Hang);
    let hung = handle.clone();
    let hung = tokio::spawn(async move { hung.run(LONG, ask).await });
    hanging(&faults).await;
    tokio::select! {
        biased;
        _ = handle.run(LONG, ask) => panic!("the card hangs"),
        () = std::future::ready(()) => {}
    }
    tokio::time::resume();
    faults.release();
    assert_eq!(handle.run(LONG, ask).await.unwrap(), 4);
    assert_eq!(faults.commands(), 2);
    let hung = hung.await.unwrap().unwrap_err();
    assert_eq!(kind(&hung), TransportErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn who_finds_no_place_in_the_queue_waits_until_the_deadline() {
    let card = card();
    let faults = card.faults();
    let handle = worker(vec![Ok(card)], undisturbed().with_queue(1));
    faults.inject_next(Fault::Hang);
    let (begun, ()) = tokio::join!(handle.run(LONG, ask), hanging(&faults));
    assert!(matches!(begun, Err(WorkerError::Timeout)), "{begun:?}");
    let (a, b) = tokio::join!(handle.run(LONG, ask), handle.run(LONG / 2, ask));
    assert!(matches!(a, Err(WorkerError::Expired)), "{a:?}");
    assert!(matches!(b, Err(WorkerError::Expired)), "{b:?}");
    faults.release();
}

#[tokio::test]
async fn a_lost_card_is_opened_again_for_the_next_work() {
    let first = card().at(1, Fault::PulledDuring);
    let handle = worker(vec![Ok(first), Ok(card())], undisturbed());
    session(&handle, 1).await;
    let error = handle.run(LONG, ask).await.unwrap_err();
    assert_eq!(kind(&error), TransportErrorKind::CardRemoved);
    assert_eq!(handle.run(LONG, ask).await.unwrap(), 4);
    session(&handle, 2).await;
}

#[tokio::test]
async fn a_card_that_someone_reset_gets_a_new_session() {
    let replay = Replay::from_text("reset").unwrap();
    let first = FaultInjector::new(replay).at(1, Fault::ResetByOther);
    let handle = worker(vec![Ok(first), Ok(card())], undisturbed());
    let error = handle.run(LONG, ask).await.unwrap_err();
    assert_eq!(kind(&error), TransportErrorKind::CardReset);
    assert_eq!(handle.run(LONG, ask).await.unwrap(), 4);
    session(&handle, 2).await;
}

#[tokio::test]
async fn a_passing_error_keeps_the_session() {
    let (handle, faults) = worker_with_faults();
    faults.inject_next(Fault::SharingViolation);
    let error = handle.run(LONG, ask).await.unwrap_err();
    assert_eq!(kind(&error), TransportErrorKind::Busy);
    assert_eq!(handle.run(LONG, ask).await.unwrap(), 4);
    session(&handle, 1).await;
}

#[tokio::test]
async fn a_card_that_comes_is_noticed_without_being_asked_for() {
    let sessions = vec![
        Err(TransportErrorKind::NoCard),
        Err(TransportErrorKind::Unavailable),
        Ok(card()),
    ];
    let handle = worker(
        sessions,
        Options::default().with_poll(Duration::from_millis(1)),
    );
    session(&handle, 1).await;
}

#[tokio::test]
async fn a_card_that_goes_is_noticed_without_being_asked_for() {
    let card = card();
    let faults = card.faults();
    let handle = worker(
        vec![Ok(card)],
        Options::default().with_poll(Duration::from_millis(1)),
    );
    session(&handle, 1).await;
    faults.pull();
    let mut state = handle.state();
    state
        .wait_for(|state| matches!(state, State::Absent))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_caller_learns_why_there_is_no_session() {
    let handle = worker(vec![], undisturbed());
    let error = handle.run(LONG, ask).await.unwrap_err();
    assert!(matches!(error, WorkerError::Open(_)), "{error:?}");
    assert_eq!(kind(&error), TransportErrorKind::NoCard);
    assert!(matches!(*handle.state().borrow(), State::Absent));
}

#[tokio::test]
async fn what_is_no_absence_is_a_failure() {
    let unavailable = || Err(TransportErrorKind::Unavailable);
    let handle = worker(vec![unavailable(), unavailable()], undisturbed());
    let error = handle.run(LONG, ask).await.unwrap_err();
    assert_eq!(kind(&error), TransportErrorKind::Unavailable);
    let state = handle.state().borrow().clone();
    let State::Failed(reason) = state else {
        panic!("{state:?}")
    };
    assert_eq!(
        reason.transport().unwrap().kind(),
        TransportErrorKind::Unavailable
    );
}

#[tokio::test]
async fn work_that_panics_costs_only_its_session() {
    let handle = worker(vec![Ok(card()), Ok(card())], undisturbed());
    let work = |_card: &mut Card| -> Result<(), Error> { std::panic::resume_unwind(Box::new(())) };
    let error = handle.run(LONG, work).await.unwrap_err();
    assert!(matches!(error, WorkerError::Panicked), "{error:?}");
    assert_eq!(handle.run(LONG, ask).await.unwrap(), 4);
    session(&handle, 2).await;
}

#[tokio::test]
async fn shutdown_does_what_was_accepted_and_refuses_the_rest() {
    let (handle, faults) = worker_with_faults();
    let (accepted, stopped) = tokio::join!(handle.run(LONG, ask), handle.shutdown(LONG));
    assert_eq!(accepted.unwrap(), 4);
    stopped.unwrap();
    assert!(matches!(*handle.state().borrow(), State::Stopped));
    let refused = handle.run(LONG, ask).await;
    assert!(matches!(refused, Err(WorkerError::Stopped)), "{refused:?}");
    assert_eq!(faults.commands(), 1);
    handle.shutdown(LONG).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn shutdown_does_not_wait_for_a_hung_card_beyond_its_deadline() {
    let (handle, faults) = worker_with_faults();
    faults.inject_next(Fault::Hang);
    let (_, ()) = tokio::join!(handle.run(LONG, ask), hanging(&faults));
    let stopping = handle.shutdown(LONG).await;
    assert!(
        matches!(stopping, Err(WorkerError::Timeout)),
        "{stopping:?}"
    );
    tokio::time::resume();
    faults.release();
    handle.shutdown(LONG).await.unwrap();
}

#[tokio::test]
async fn the_thread_ends_with_its_last_handle_and_closes_the_session_first() {
    struct Counted(Card, Arc<AtomicUsize>);
    impl Session for Counted {
        fn check(&mut self) -> Result<(), TransportError> {
            Transport::check(&mut self.0)
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            self.1.fetch_add(1, Ordering::SeqCst);
        }
    }
    let closed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&closed);
    let opener = move || -> Result<_, Error> { Ok(Counted(card(), Arc::clone(&count))) };
    let handle = Worker::spawn("test", opener, undisturbed()).unwrap();
    let mut state = handle.state();
    drop(handle.clone());
    assert!(!matches!(*state.borrow(), State::Stopped));
    drop(handle);
    state
        .wait_for(|state| matches!(state, State::Stopped))
        .await
        .unwrap();
    assert_eq!(closed.load(Ordering::SeqCst), 1);
}
