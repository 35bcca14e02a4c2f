use super::*;
use crate::transport::replay::{Progress, Replay};

const STATUS: [u8; 5] = [0x80, 0xf2, 0x00, 0x00, 0x02];
const ANSWER: [u8; 4] = [0x62, 0x00, 0x90, 0x00];

/// A card that answers [`STATUS`] so many times, and notices how often it was asked.
fn card(times: usize) -> (FaultInjector<Replay>, Progress) {
    let card = Replay::from_text(&"> 80F2000002\n< 62009000\n".repeat(times)).unwrap();
    let progress = card.progress();
    (FaultInjector::new(card), progress)
}

fn ask(card: &mut impl Transport) -> Result<Vec<u8>, TransportErrorKind> {
    let mut answer = [0; 16];
    let size = card
        .transmit(&STATUS, &mut answer)
        .map_err(|error| error.kind())?;
    Ok(answer[..size].to_vec())
}

#[test]
fn only_the_chosen_command_fails() {
    let (card, _) = card(2);
    let mut card = card.at(2, Fault::SharingViolation);
    assert_eq!(ask(&mut card), Ok(ANSWER.to_vec()));
    assert_eq!(ask(&mut card), Err(TransportErrorKind::Busy));
    assert_eq!(ask(&mut card), Ok(ANSWER.to_vec()));
    assert_eq!(card.faults().commands(), 3);
}

#[test]
fn a_vanished_card_is_success_with_nothing() {
    let (card, progress) = card(1);
    let mut card = card.at(1, Fault::Vanished(0));
    assert_eq!(ask(&mut card), Ok(vec![]));
    assert_eq!(progress.remaining(), 0);
    assert_eq!(ask(&mut card), Err(TransportErrorKind::CardRemoved));
}

#[test]
fn a_card_pulled_before_a_command_never_sees_it() {
    let (card, progress) = card(1);
    let mut card = card.at(1, Fault::PulledBefore);
    assert_eq!(ask(&mut card), Err(TransportErrorKind::CardRemoved));
    assert_eq!(progress.remaining(), 1);
}

#[test]
fn a_card_pulled_during_a_command_has_seen_it() {
    let (card, progress) = card(1);
    let mut card = card.at(1, Fault::PulledDuring);
    assert_eq!(ask(&mut card), Err(TransportErrorKind::CardRemoved));
    assert_eq!(progress.remaining(), 0);
}

#[test]
fn a_card_pulled_after_a_command_has_answered() {
    let (card, _) = card(1);
    let mut card = card.at(1, Fault::PulledAfter);
    assert_eq!(ask(&mut card), Ok(ANSWER.to_vec()));
    assert_eq!(ask(&mut card), Err(TransportErrorKind::CardRemoved));
}

#[test]
fn a_pulled_card_answers_again_after_insertion_and_reset() {
    let replay = Replay::from_text("reset\n> 80F2000002\n< 62009000").unwrap();
    let mut card = FaultInjector::new(replay);
    let faults = card.faults();
    faults.pull();
    assert_eq!(card.reset().unwrap_err().kind(), TransportErrorKind::NoCard);
    faults.insert();
    assert_eq!(ask(&mut card), Err(TransportErrorKind::CardRemoved));
    card.reset().unwrap();
    assert_eq!(ask(&mut card), Ok(ANSWER.to_vec()));
}

#[test]
fn a_reset_by_someone_else_resets_the_card() {
    let replay = Replay::from_text("reset\n> 80F2000002\n< 62009000").unwrap();
    let mut card = FaultInjector::new(replay).at(1, Fault::ResetByOther);
    assert_eq!(ask(&mut card), Err(TransportErrorKind::CardReset));
    assert_eq!(ask(&mut card), Ok(ANSWER.to_vec()));
}

#[test]
fn a_timeout_keeps_the_command_from_the_card_and_a_lost_answer_does_not() {
    let (mut card, progress) = card(2);
    card.faults().inject_next(Fault::Timeout);
    assert_eq!(ask(&mut card), Err(TransportErrorKind::Timeout));
    assert_eq!(progress.remaining(), 2);
    card.faults().inject_next(Fault::AnswerLost);
    assert_eq!(ask(&mut card), Err(TransportErrorKind::Timeout));
    assert_eq!(progress.remaining(), 1);
}

#[test]
fn garbage_and_truncation_change_the_answer() {
    let (card, _) = card(2);
    let garbage = vec![0xff, 0x00, 0xaa];
    let mut card = card
        .at(1, Fault::Garbage(garbage.clone()))
        .at(2, Fault::Truncated(3));
    assert_eq!(ask(&mut card), Ok(garbage));
    assert_eq!(ask(&mut card), Ok(ANSWER[..3].to_vec()));
}

#[test]
fn any_error_can_be_had() {
    let (card, progress) = card(1);
    let mut card = card.at(1, Fault::Error(TransportErrorKind::Io));
    assert_eq!(ask(&mut card), Err(TransportErrorKind::Io));
    assert_eq!(progress.remaining(), 1);
}

#[test]
fn a_hanging_command_ends_when_released() {
    let (card, progress) = card(1);
    let mut card = card.at(1, Fault::Hang);
    let faults = card.faults();
    let caller = std::thread::spawn(move || (ask(&mut card), ask(&mut card)));
    faults.wait_until_hanging();
    assert_eq!(progress.remaining(), 1);
    faults.release();
    let (first, second) = caller.join().unwrap();
    assert_eq!(first, Err(TransportErrorKind::Timeout));
    assert_eq!(second, Ok(ANSWER.to_vec()));
}
