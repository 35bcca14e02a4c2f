//! A modem that writes anything at all, in pieces of any size.
//!
//! Holds: the answer does not depend on where the pieces are cut; a modem is listened to no longer
//! than it may talk; an answer of the card fits into the buffer and has 2 octets at least; one that
//! is written as it should be is understood, whatever incomplete line was written before the request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usim::at::{Dialogue, Refusal, Reply, Request};

fuzz_target!(|data: &[u8]| {
    let Some((cut, written)) = data.split_first() else {
        return;
    };
    for request in requests() {
        let mut dialogue = Dialogue::new();
        dialogue.ask(&request);
        let whole = dialogue.hear(written).map(describe);
        assert_eq!(in_pieces(&request, written, usize::from(*cut) + 1), whole);
        dialogue.ask(&request);
        let polite = dialogue.hear(b"+CSIM: 4,\"9000\"\r\nOK\r\nOK\r\n");
        assert!(polite.is_some_and(|outcome| outcome.is_ok()));
    }
});

fn requests() -> [Request; 4] {
    [
        Request::csim(&[0x00, 0xb0, 0x00, 0x00, 0x02]),
        Request::crsm(176, 0x6f07, [0, 0, 9], &[]),
        Request::ccho(&[0xa0, 0x00]),
        Request::attention(),
    ]
}

fn in_pieces(request: &Request, written: &[u8], size: usize) -> Option<Outcome> {
    let mut dialogue = Dialogue::new();
    dialogue.ask(request);
    let heard = written.chunks(size).find_map(|piece| dialogue.hear(piece));
    heard.map(describe)
}

/// Everything that can be read out of an answer.
type Outcome = Result<(Option<Vec<u8>>, Option<Vec<u8>>, Option<u32>), Refusal>;

fn describe(outcome: Result<Reply, Refusal>) -> Outcome {
    outcome.map(|reply| {
        let mut answer = vec![0; usim::apdu::MAX_RESPONSE];
        let apdu = reply.apdu(&mut answer).ok();
        let apdu = apdu.map(|size| answer.get(..size).unwrap_or_default().to_vec());
        let restricted = reply.restricted(&mut answer).ok();
        let restricted = restricted.map(|size| answer.get(..size).unwrap_or_default().to_vec());
        let sizes = [&apdu, &restricted];
        assert!(
            sizes
                .iter()
                .all(|octets| octets.as_ref().is_none_or(|octets| octets.len() >= 2))
        );
        (apdu, restricted, reply.session().ok())
    })
}
