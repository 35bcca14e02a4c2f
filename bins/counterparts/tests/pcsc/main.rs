//! The PC/SC transport against the real daemon: resets, removals, restarts, sharing.
//!
//! Every test runs itself once more inside a namespace, because that is where its daemon is.

mod card;
mod daemon;

use std::{
    ffi::CStr,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use pcsc::{Disposition, Protocols, Scope, ShareMode};
use usim::{
    transport::{
        Transport, TransportError, TransportErrorKind as Kind, TransportKind,
        pcsc::{Event, PcscTransport, Presence, Watcher, readers},
    },
    worker::{Options, State, Worker},
};

use card::{ATR, VirtualCard};
use counterparts::wait;
use daemon::{Daemon, within};

const READER: &str = "Virtual PCD 00 00";
const READER_C: &CStr = c"Virtual PCD 00 00";
const LONG: Duration = Duration::from_secs(30);

/// An answer of two data octets and the status word.
#[expect(clippy::unnecessary_wraps, reason = "a card that never vanishes")]
fn polite(_command: &[u8]) -> Option<Vec<u8>> {
    Some(vec![0x12, 0x34, 0x90, 0x00])
}

fn ask(card: &mut PcscTransport, p2: u8) -> Result<Vec<u8>, Kind> {
    let mut answer = [0; 258];
    let size = card
        .transmit(&[0x00, 0xb0, 0x00, p2, 0x02], &mut answer)
        .map_err(|error| error.kind())?;
    Ok(answer.get(..size).unwrap_or_default().to_vec())
}

fn connect() -> Result<PcscTransport, Kind> {
    PcscTransport::connect(READER).map_err(|error| error.kind())
}

/// Somebody else's connection with the card.
fn someone_else(mode: ShareMode) -> Result<pcsc::Card> {
    let context = pcsc::Context::establish(Scope::User)?;
    Ok(context.connect(READER_C, mode, Protocols::ANY)?)
}

#[test]
#[ignore = "needs pcscd and vpcd: cargo xtask test --only pcsc"]
fn a_card_is_listed_and_answers() -> Result<()> {
    within("a_card_is_listed_and_answers", || {
        let _daemon = Daemon::start()?;
        let _card = VirtualCard::insert(polite)?;
        let list = readers()?;
        ensure!(
            list[0].presence == Presence::Card { atr: ATR.to_vec() },
            "{list:?}"
        );
        ensure!(list[1].presence == Presence::Empty, "{list:?}");
        let mut card = PcscTransport::connect(0)?;
        assert_eq!(ask(&mut card, 0), Ok(vec![0x12, 0x34, 0x90, 0x00]));
        let info = card.info();
        assert_eq!(
            (info.kind, info.name.as_str()),
            (TransportKind::Pcsc, READER)
        );
        assert_eq!(info.atr.as_deref(), Some(&ATR[..]));
        let error = card
            .transmit(&[0x00, 0xb0, 0x00, 0x00, 0x02], &mut [0; 3])
            .unwrap_err();
        assert_eq!(error.kind(), Kind::BufferTooSmall);
        Ok(())
    })
}

#[test]
#[ignore = "needs pcscd and vpcd: cargo xtask test --only pcsc"]
fn what_cannot_be_connected_to_says_why() -> Result<()> {
    within("what_cannot_be_connected_to_says_why", || {
        assert_eq!(connect().unwrap_err(), Kind::Unavailable, "no daemon");
        let _daemon = Daemon::start()?;
        assert_eq!(connect().unwrap_err(), Kind::NoCard);
        let unknown = PcscTransport::connect("no such reader").unwrap_err();
        assert_eq!(unknown.kind(), Kind::Unavailable);
        let _card = VirtualCard::insert(polite)?;
        let exclusive = someone_else(ShareMode::Exclusive)?;
        assert_eq!(connect().unwrap_err(), Kind::Busy);
        drop(exclusive);
        connect().unwrap();
        Ok(())
    })
}

#[test]
#[ignore = "needs pcscd and vpcd: cargo xtask test --only pcsc"]
fn a_reset_by_someone_else_is_reported_once() -> Result<()> {
    within("a_reset_by_someone_else_is_reported_once", || {
        let _daemon = Daemon::start()?;
        let _card = VirtualCard::insert(polite)?;
        let mut card = connect().unwrap();
        assert_eq!(ask(&mut card, 0).unwrap().len(), 4);
        let other = someone_else(ShareMode::Shared)?;
        other
            .disconnect(Disposition::ResetCard)
            .map_err(|(_card, error)| error)?;
        assert_eq!(ask(&mut card, 1), Err(Kind::CardReset));
        assert_eq!(ask(&mut card, 2).unwrap().len(), 4);
        Ok(())
    })
}

#[test]
#[ignore = "needs pcscd and vpcd: cargo xtask test --only pcsc"]
fn closing_leaves_the_card_as_it_is_and_resetting_does_not() -> Result<()> {
    within(
        "closing_leaves_the_card_as_it_is_and_resetting_does_not",
        || {
            let _daemon = Daemon::start()?;
            let _card = VirtualCard::insert(polite)?;
            let other = someone_else(ShareMode::Shared)?;
            let mut card = connect().unwrap();
            card.begin()?;
            drop(card);
            let mut answer = [0; 16];
            assert_eq!(
                other
                    .transmit(&[0x00, 0xb0, 0x00, 0x00, 0x02], &mut answer)?
                    .len(),
                4
            );
            let mut card = connect().unwrap();
            card.reset()?;
            let reset = other.transmit(&[0x00, 0xb0, 0x00, 0x00, 0x02], &mut answer);
            assert_eq!(reset, Err(pcsc::Error::ResetCard));
            assert_eq!(ask(&mut card, 0).unwrap().len(), 4);
            Ok(())
        },
    )
}

#[test]
#[ignore = "needs pcscd and vpcd: cargo xtask test --only pcsc"]
fn a_transaction_keeps_others_out_until_it_ends() -> Result<()> {
    within("a_transaction_keeps_others_out_until_it_ends", || {
        let _daemon = Daemon::start()?;
        let (seen, log) = mpsc::channel();
        let _card = VirtualCard::insert(move |command| {
            seen.send(command[3]).ok()?;
            polite(command)
        })?;
        let mut card = connect().unwrap();
        card.begin()?;
        ask(&mut card, 1).unwrap();
        let other = thread::spawn(move || -> Result<usize> {
            let other = someone_else(ShareMode::Shared)?;
            let mut answer = [0; 16];
            Ok(other
                .transmit(&[0x00, 0xb0, 0x00, 0xff, 0x02], &mut answer)?
                .len())
        });
        for p2 in 2..20 {
            ask(&mut card, p2).unwrap();
        }
        card.end()?;
        assert_eq!(other.join().unwrap()?, 4);
        let expected: Vec<_> = (1..20).chain([0xff]).collect();
        assert_eq!(log.try_iter().collect::<Vec<_>>(), expected);
        Ok(())
    })
}

#[test]
#[ignore = "needs pcscd and vpcd: cargo xtask test --only pcsc"]
fn a_pulled_card_is_gone_until_it_is_back_and_reset() -> Result<()> {
    within("a_pulled_card_is_gone_until_it_is_back_and_reset", || {
        let _daemon = Daemon::start()?;
        let inserted = VirtualCard::insert(polite)?;
        let mut card = connect().unwrap();
        inserted.pull()?;
        assert_eq!(ask(&mut card, 0), Err(Kind::CardRemoved));
        assert_eq!(ask(&mut card, 0), Err(Kind::CardRemoved));
        assert_eq!(card.check().unwrap_err().kind(), Kind::CardRemoved);
        assert_eq!(card.reset().unwrap_err().kind(), Kind::NoCard);
        let _inserted = VirtualCard::insert(polite)?;
        card.reset()?;
        card.check()?;
        assert_eq!(ask(&mut card, 0).unwrap().len(), 4);
        Ok(())
    })
}

#[test]
#[ignore = "needs pcscd and vpcd: cargo xtask test --only pcsc"]
fn a_card_that_vanishes_during_a_command_is_an_error() -> Result<()> {
    within("a_card_that_vanishes_during_a_command_is_an_error", || {
        let _daemon = Daemon::start()?;
        let _card = VirtualCard::insert(|_command| None)?;
        let mut card = connect().unwrap();
        let lost = ask(&mut card, 0).unwrap_err();
        assert!(
            matches!(lost, Kind::ShortAnswer | Kind::CardRemoved | Kind::Io),
            "{lost:?}"
        );
        let again = ask(&mut card, 0).unwrap_err();
        assert_eq!(again, lost, "the connection is not used again");
        Ok(())
    })
}

#[test]
#[ignore = "needs pcscd and vpcd: cargo xtask test --only pcsc"]
fn a_daemon_that_was_killed_and_started_again_is_found_again() -> Result<()> {
    within(
        "a_daemon_that_was_killed_and_started_again_is_found_again",
        || {
            let daemon = Daemon::start()?;
            let inserted = VirtualCard::insert(polite)?;
            let mut card = connect().unwrap();
            daemon.kill()?;
            drop(inserted);
            let lost = ask(&mut card, 0).unwrap_err();
            assert!(matches!(lost, Kind::Unavailable | Kind::Io), "{lost:?}");
            assert_eq!(card.reset().unwrap_err().kind(), Kind::Unavailable);
            let _daemon = Daemon::start()?;
            let _inserted = VirtualCard::insert(polite)?;
            card.reset()?;
            assert_eq!(ask(&mut card, 0).unwrap().len(), 4);
            Ok(())
        },
    )
}

#[test]
#[ignore = "needs pcscd and vpcd: cargo xtask test --only pcsc"]
fn the_watcher_tells_what_comes_and_goes() -> Result<()> {
    within("the_watcher_tells_what_comes_and_goes", || {
        let daemon = Daemon::start()?;
        let mut watcher = Watcher::new();
        let mut next = || watcher.next(LONG);
        let mut added = |name: &str| -> Result<()> {
            let event = next()?.context("an event")?;
            let Event::Added(reader) = &event else {
                anyhow::bail!("{event:?}")
            };
            ensure!(
                reader.name == name && reader.presence == Presence::Empty,
                "{event:?}"
            );
            Ok(())
        };
        added(READER)?;
        added("Virtual PCD 00 01")?;
        let inserted = VirtualCard::insert(polite)?;
        let event = next()?.context("an event")?;
        let Event::Changed(reader) = &event else {
            anyhow::bail!("{event:?}")
        };
        ensure!(
            reader.presence == Presence::Card { atr: ATR.to_vec() },
            "{event:?}"
        );
        inserted.pull()?;
        let event = next()?.context("an event")?;
        let Event::Changed(reader) = &event else {
            anyhow::bail!("{event:?}")
        };
        ensure!(reader.presence == Presence::Empty, "{event:?}");
        daemon.kill()?;
        for _ in 0..2 {
            let event = next()?.context("an event")?;
            ensure!(matches!(event, Event::Removed(_)), "{event:?}");
        }
        assert_eq!(next().unwrap_err().kind(), Kind::Unavailable);
        let _daemon = Daemon::start()?;
        let event = wait::until("the daemon", || next().ok())?.context("an event")?;
        ensure!(matches!(event, Event::Added(_)), "{event:?}");
        Ok(())
    })
}

#[test]
#[ignore = "needs pcscd and vpcd: cargo xtask test --only pcsc"]
fn a_waiting_watcher_is_cancelled_from_another_thread() -> Result<()> {
    within("a_waiting_watcher_is_cancelled_from_another_thread", || {
        let _daemon = Daemon::start()?;
        let mut watcher = Watcher::new();
        while watcher.next(Duration::from_millis(1))?.is_some() {}
        let canceller = watcher.canceller();
        let waiting = thread::spawn(move || watcher.next(Duration::MAX));
        canceller.cancel();
        assert_eq!(waiting.join().unwrap()?, None);
        Ok(())
    })
}

#[test]
#[ignore = "needs pcscd and vpcd: cargo xtask test --only pcsc"]
fn a_worker_recovers_by_itself_from_a_killed_daemon() -> Result<()> {
    within("a_worker_recovers_by_itself_from_a_killed_daemon", || {
        let daemon = Daemon::start()?;
        let inserted = VirtualCard::insert(polite)?;
        let options = Options::default().with_poll(Duration::from_millis(20));
        let handle = Worker::spawn("card", || PcscTransport::connect(READER), options)?;
        let state = handle.state();
        wait::until("the card", || is_ready(&state.borrow()).then_some(()))?;
        daemon.kill()?;
        drop(inserted);
        wait::until("its loss", || (!is_ready(&state.borrow())).then_some(()))?;
        let _daemon = Daemon::start()?;
        let _inserted = VirtualCard::insert(polite)?;
        wait::until("the card again", || is_ready(&state.borrow()).then_some(()))?;
        let deadline = Instant::now() + LONG;
        let work = |card: &mut PcscTransport| Ok(ask(card, 0).map_err(TransportError::from)?);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let answer = runtime.block_on(handle.run(deadline, work))?;
        assert_eq!(answer, [0x12, 0x34, 0x90, 0x00]);
        Ok(())
    })
}

fn is_ready(state: &State) -> bool {
    matches!(state, State::Ready { .. })
}
