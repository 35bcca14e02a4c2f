//! What goes wrong with cards, readers and modems: each has its answer within the deadline, the
//! card is asked once, and the next request is served.

use std::time::Duration;

use usim::transport::{
    TransportErrorKind as Kind,
    fault::{Fault, Faults},
    replay::Recording,
};

use crate::{
    cards,
    home::Centre,
    server::{Server, Setup},
};

const AUTHENTICATE: &str = "/v1/sims/0/authenticate";

/// The commands of one authentication up to the AUTHENTICATE itself: with EF_DIR read before, the
/// application is selected, its answer fetched, and the challenge sent.
struct Faulty {
    server: Server,
    faults: Faults,
    recording: Recording,
    centre: Centre,
    to_challenge: u64,
}

impl Faulty {
    async fn new(deadline: Duration) -> Self {
        let (card, faults, recording) = cards::faulty();
        let server = Setup::with_deadline(deadline).sim(card).await.build();
        let mut faulty = Self {
            server,
            faults,
            recording,
            centre: Centre::new(),
            to_challenge: 0,
        };
        faulty.measure().await;
        faulty
    }

    /// Counts how many commands an authentication takes until the challenge is sent.
    async fn measure(&mut self) {
        let before = self.faults.commands();
        assert_eq!(self.authenticate().await, (200, String::new()));
        let text = self.recording.danger_to_text();
        let commands = text.lines().filter(|line| line.starts_with("> "));
        let commands: Vec<_> = commands.skip(usize::try_from(before).unwrap()).collect();
        let challenge = commands.iter().position(|line| &line[4..6] == "88");
        self.to_challenge = u64::try_from(challenge.unwrap()).unwrap() + 1;
    }

    async fn authenticate(&self) -> (u16, String) {
        let answer = self.server.post(AUTHENTICATE, &self.centre.body()).await;
        (answer.status, answer.code())
    }

    /// Plans a fault for the challenge of the next authentication.
    fn inject(&self, fault: Fault) {
        let command = self.faults.commands() + self.to_challenge;
        self.faults.inject(command, fault);
    }

    fn challenges(&self) -> usize {
        cards::seen(&self.recording, "88")
    }
}

#[tokio::test]
async fn each_fault_of_a_challenge_has_its_word_and_the_next_challenge_is_answered() {
    let faults = [
        (Fault::Vanished(0), 502, "short_answer"),
        (Fault::Vanished(1), 502, "short_answer"),
        (Fault::PulledBefore, 503, "card_removed"),
        (Fault::PulledDuring, 503, "card_removed"),
        (Fault::ResetByOther, 502, "card_reset"),
        (Fault::SharingViolation, 503, "card_in_use"),
        (Fault::Timeout, 504, "card_timeout"),
        (Fault::AnswerLost, 504, "card_timeout"),
        (Fault::Garbage(b"OK\r\n".to_vec()), 502, "card_refused"),
        (Fault::Truncated(1), 502, "short_answer"),
        (Fault::Error(Kind::NoCard), 503, "no_card"),
        (Fault::Error(Kind::Unavailable), 503, "no_reader"),
        (Fault::Error(Kind::Io), 503, "io"),
        (Fault::Error(Kind::Protocol), 502, "protocol"),
        (Fault::Error(Kind::Unsupported), 502, "unsupported"),
        (Fault::Error(Kind::Refused), 502, "refused_upstream"),
        (Fault::Error(Kind::PinRequired), 423, "pin_required"),
        (Fault::Error(Kind::BufferTooSmall), 502, "long_answer"),
    ];
    for (fault, status, code) in faults {
        let faulty = Faulty::new(Duration::from_secs(20)).await;
        let before = faulty.challenges();
        faulty.inject(fault.clone());
        let answered = faulty.authenticate().await;
        assert_eq!(answered, (status, code.to_owned()), "{fault:?}");
        assert!(faulty.challenges() <= before + 1, "{fault:?} was repeated");
        faulty.faults.insert();
        assert_eq!(faulty.authenticate().await.0, 200, "after {fault:?}");
    }
}

#[tokio::test]
async fn a_card_that_is_pulled_after_its_answer_has_answered() {
    let faulty = Faulty::new(Duration::from_secs(20)).await;
    // under T=0 the keys come with GET RESPONSE
    let last = faulty.faults.commands() + faulty.to_challenge + 1;
    faulty.faults.inject(last, Fault::PulledAfter);
    assert_eq!(faulty.authenticate().await.0, 200);
    assert_eq!(faulty.authenticate().await.0, 503);
    faulty.faults.insert();
    assert_eq!(faulty.authenticate().await.0, 200);
}

#[tokio::test]
async fn a_card_that_hangs_costs_a_request_its_deadline_and_the_next_one_nothing_more() {
    let faulty = Faulty::new(Duration::from_millis(150)).await;
    faulty.inject(Fault::Hang);
    let hung = faulty.authenticate().await;
    assert_eq!(hung, (504, "deadline".to_owned()));
    let queued = faulty.authenticate().await;
    assert_eq!(queued, (504, "deadline_in_queue".to_owned()));
    faulty.faults.release();
    let mut served = faulty.authenticate().await;
    for _ in 0..50 {
        if served.0 == 200 {
            break;
        }
        served = faulty.authenticate().await;
    }
    assert_eq!(served.0, 200);
}

#[tokio::test]
async fn a_dead_card_does_not_delay_another() {
    let (dead, faults, _) = cards::faulty();
    let setup = Setup::new().sim(dead).await.sim(cards::soft()).await;
    let server = setup.build();
    faults.inject_next(Fault::Hang);
    let dead = server.clone();
    let hanging = tokio::spawn(async move { dead.get("/?type=imsi&sim=0").await.status });
    let waiting = faults.clone();
    let hangs = tokio::task::spawn_blocking(move || waiting.wait_until_hanging());
    hangs.await.unwrap();
    for _ in 0..20 {
        assert_eq!(server.get("/?type=imsi&sim=1").await.status, 200);
    }
    assert!(!hanging.is_finished());
    faults.release();
    assert_eq!(hanging.await.unwrap(), 504);
}

#[tokio::test]
async fn without_a_card_it_is_503_and_with_one_again_200() {
    let (card, faults, _) = cards::faulty();
    let server = Setup::new().sim(card).await.build();
    faults.pull();
    let statuses = [
        server.get("/?type=imsi").await.status,
        server.get("/?type=imsi").await.status,
        server.get("/v1/sims/0").await.status,
    ];
    assert_eq!(statuses, [503, 503, 200]);
    assert_eq!(server.get("/v1/sims/0").await.json()["state"], "absent");
    faults.insert();
    assert_eq!(server.get("/?type=imsi").await.status, 200);
}
