use std::error::Error;

use super::*;

const SELECT: [u8; 7] = [0x00, 0xa4, 0x00, 0x0c, 0x02, 0x3f, 0x00];

fn source(error: &TransportError) -> &Mismatch {
    error
        .source()
        .and_then(|source| source.downcast_ref())
        .unwrap()
}

#[test]
fn the_script_answers_in_its_order() {
    let mut card = Replay::new([
        Step::exchange(SELECT, [0x90, 0x00]),
        Step::Reset(Ok(())),
        Step::failure(SELECT, TransportErrorKind::CardRemoved),
    ]);
    let progress = card.progress();
    let mut answer = [0; 2];
    assert_eq!(card.transmit(&SELECT, &mut answer).unwrap(), 2);
    assert_eq!(answer, [0x90, 0x00]);
    card.reset().unwrap();
    assert_eq!(progress.remaining(), 1);
    let error = card.transmit(&SELECT, &mut answer).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::CardRemoved);
    assert_eq!(progress.remaining(), 0);
}

#[test]
fn another_command_is_a_mismatch_that_tells_no_data() {
    let mut card = Replay::new([Step::exchange(
        [0x00, 0x20, 0x00, 0x01, 1, 0x31],
        [0x90, 0x00],
    )]);
    let error = card
        .transmit(&[0x00, 0x20, 0x00, 0x01, 1, 0x32], &mut [0; 2])
        .unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Protocol);
    assert_eq!(
        source(&error).to_string(),
        "step 1 of the script: expected 00200001 of 6 octets, \
         met 00200001 of 6 octets, different from octet 5 on"
    );
    assert_eq!(card.progress().remaining(), 1);
}

#[test]
fn a_reset_in_place_of_a_command_is_a_mismatch_and_so_is_the_reverse() {
    let mut card = Replay::new([Step::exchange(SELECT, [0x90, 0x00])]);
    let error = card.reset().unwrap_err();
    assert_eq!(source(&error).met, "a reset");
    let mut card = Replay::new([Step::Reset(Ok(()))]);
    let error = card.transmit(&SELECT, &mut [0; 2]).unwrap_err();
    assert_eq!(source(&error).expected, "a reset");
}

#[test]
fn a_command_after_the_end_is_a_mismatch() {
    let mut card = Replay::new([]);
    let error = card.transmit(&SELECT, &mut [0; 2]).unwrap_err();
    assert_eq!(
        (source(&error).step, source(&error).expected.as_str()),
        (1, "the end")
    );
}

#[test]
fn an_answer_larger_than_the_buffer_or_under_two_octets_is_an_error() {
    let mut card = Replay::new([
        Step::exchange(SELECT, [0x01, 0x90, 0x00]),
        Step::exchange(SELECT, [0x90]),
    ]);
    let error = card.transmit(&SELECT, &mut [0; 2]).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::BufferTooSmall);
    let error = card.transmit(&SELECT, &mut [0; 2]).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::ShortAnswer);
}

#[test]
fn a_recording_is_read_with_comments_blanks_and_errors() {
    let steps = text::parse(
        "# a card\n\n> 00a4 000c 02 3F00 # MF\n< 90 00\nreset\n> 00F2000000\n! Timeout\n",
    );
    assert_eq!(
        steps.unwrap(),
        [
            Step::exchange(SELECT, [0x90, 0x00]),
            Step::Reset(Ok(())),
            Step::failure([0x00, 0xf2, 0x00, 0x00, 0x00], TransportErrorKind::Timeout),
        ]
    );
}

#[test]
fn a_wrong_line_is_named() {
    let wrong = |recording| text::parse(recording).unwrap_err().line;
    assert_eq!(wrong("< 9000"), 1);
    assert_eq!(wrong("> 00A4\n> 00A4\n< 9000"), 2);
    assert_eq!(wrong("\n> 00A"), 2);
    assert_eq!(wrong("> 00A4\n! Nothing"), 2);
    assert_eq!(wrong("> 00A4"), 1);
    assert_eq!(wrong("> 00A4\nreset\n< 9000"), 2);
    assert_eq!(wrong("é"), 1);
}

#[test]
fn a_recording_of_every_kind_of_error_reads_back() {
    let steps: Vec<_> = TransportErrorKind::ALL
        .into_iter()
        .map(|kind| Step::failure(SELECT, kind))
        .collect();
    assert_eq!(text::parse(&text::write(&steps)).unwrap(), steps);
}

#[test]
fn what_was_recorded_plays_again() {
    let script = "> 00A4000C023F00\n< 9000\nreset\n> 00A4000C023F00\n! CardReset\n";
    let mut recorder = Record::new(Replay::from_text(script).unwrap());
    let recording = recorder.recording();
    recorder.transmit(&SELECT, &mut [0; 2]).unwrap();
    recorder.reset().unwrap();
    recorder.transmit(&SELECT, &mut [0; 2]).unwrap_err();
    assert_eq!(recording.danger_to_text(), script);
    assert_eq!(recording.replay().progress().remaining(), 3);
}

#[test]
fn debug_shows_no_data() {
    let recorder = Record::new(Replay::new([Step::exchange(
        [0, 0x20, 0, 1, 1, 0x31],
        [0x63, 0xc2],
    )]));
    let recording = recorder.recording();
    let mut recorder = recorder;
    recorder
        .transmit(&[0, 0x20, 0, 1, 1, 0x31], &mut [0; 2])
        .unwrap();
    assert_eq!(
        format!("{recording:?}"),
        "Recording([Exchange(00200001 of 6 octets, Ok(2))])"
    );
}
