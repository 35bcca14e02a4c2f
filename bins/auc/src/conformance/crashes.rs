//! A home that dies at any step of its work, thousands of times over one directory.

use std::{
    collections::HashMap,
    future::{pending, poll_fn},
    pin::pin,
    sync::atomic::{AtomicU32, Ordering},
    task::Poll,
};

use aka::{Imsi, Sqn, algorithm::CardAlgorithm as _, network::Swap};

use super::{rand, sqn, subscribers};
use crate::{Centre, Directory, DirectoryError, Subscriber};

/// What came of the deaths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deaths {
    /// Homes that died at a step of their own: before or after the directory was read, before or
    /// after it was written, or with the vector in their hands.
    pub at_a_step: u32,
    /// Homes that died while the directory was at work on their behalf.
    pub in_between: u32,
    /// Vectors that came out all the same.
    pub delivered: u32,
}

impl Deaths {
    /// All of them.
    pub const fn count(&self) -> u32 {
        self.at_a_step + self.in_between
    }
}

/// Lets homes die until there have been `count` deaths, two at a time over the same directory, and
/// checks after each pair that no number came out twice and that none went back. `draw` gives a
/// number below its argument; `open` opens the directory, anew now and then.
pub async fn no_death_repeats_a_number<D: Directory>(
    open: impl AsyncFn() -> D,
    count: u32,
    mut draw: impl FnMut(u64) -> u64,
) -> Deaths {
    let mut deaths = Deaths::default();
    let mut seen = HashMap::new();
    let mut all: Vec<Imsi> = subscribers().iter().map(|known| known.imsi).collect();
    all.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    while deaths.count() < count {
        let directory = open().await;
        for _ in 0..PAIRS {
            let imsi = &all[usize::try_from(draw(4)).unwrap()];
            let before = look(&directory, imsi, &mut seen).await;
            let tasks = [(); 2].map(|()| Task::draw(&mut draw));
            let (one, other) = tokio::join!(
                tasks[0].run(&directory, &before),
                tasks[1].run(&directory, &before)
            );
            let issued = [one, other].map(|fate| fate.count(&mut deaths));
            judge(&before, &issued, &look(&directory, imsi, &mut seen).await);
        }
    }
    deaths
}

/// After so many pairs the directory is opened anew.
const PAIRS: u32 = 200;

/// The subscriber as it is stored, whose number must not have gone back since the last look.
async fn look(
    directory: &impl Directory,
    imsi: &Imsi,
    seen: &mut HashMap<Imsi, Sqn>,
) -> Subscriber {
    let found = directory.find(imsi).await.unwrap().unwrap();
    let last = seen.insert(*imsi, found.sqn).unwrap_or(Sqn::ZERO);
    assert!(found.sqn >= last, "{:x} went back to {:x}", last, found.sqn);
    found
}

/// What comes out is above all that was stored before, so above all that came out before.
fn judge(before: &Subscriber, issued: &[Option<Sqn>; 2], after: &Subscriber) {
    for sqn in issued.iter().flatten() {
        assert!(*sqn > before.sqn, "{sqn:x} came out a second time");
        assert!(*sqn <= after.sqn, "{sqn:x} came out and is not stored");
    }
    let [one, other] = issued;
    assert!(one.is_none() || one != other, "{one:x?} came out twice");
}

/// What a home is to do, and when it dies.
struct Task {
    /// By how many numbers the card is ahead or behind, where it is to be followed.
    resynchronisation: Option<i64>,
    /// The step at which it dies; past the last one it lives, or dies with the vector.
    step: u32,
    /// How often the directory may go on with its work.
    polls: u64,
}

/// How a home ended.
enum Fate {
    AtAStep,
    InBetween,
    Resynchronised,
    Delivered(Sqn),
}

impl Task {
    fn draw(draw: &mut impl FnMut(u64) -> u64) -> Self {
        let ahead = i64::try_from(draw(8 << 5)).unwrap() - (4 << 5);
        let in_between = draw(3) == 0;
        Self {
            resynchronisation: (draw(8) == 0).then_some(ahead),
            step: u32::try_from(draw(6)).unwrap() + if in_between { 6 } else { 0 },
            polls: if in_between { draw(6) } else { u64::MAX },
        }
    }

    async fn run(&self, directory: &impl Directory, known: &Subscriber) -> Fate {
        let mortal = Mortal {
            directory,
            dies_at: self.step,
            steps: AtomicU32::new(0),
        };
        let centre = Centre::new(&mortal);
        let mut work = pin!(self.work(&centre, known));
        let mut polls = 0;
        poll_fn(|context| {
            if polls == self.polls {
                return Poll::Ready(Fate::InBetween);
            }
            polls += 1;
            match work.as_mut().poll(context) {
                Poll::Pending if mortal.is_dead() => Poll::Ready(Fate::AtAStep),
                Poll::Pending => Poll::Pending,
                Poll::Ready(fate) => Poll::Ready(fate),
            }
        })
        .await
    }

    async fn work(&self, centre: &Centre<impl Directory>, known: &Subscriber) -> Fate {
        let functions = known.functions();
        if let Some(ahead) = self.resynchronisation {
            let card = known.sqn.get().saturating_add_signed(ahead);
            let rand = rand();
            let auts = functions.auts(&rand, Sqn::new(card).unwrap());
            let followed = centre.resynchronise(&known.imsi, &rand, &auts).await;
            followed.unwrap();
            return Fate::Resynchronised;
        }
        let vector = centre.vector(&known.imsi, rand()).await.unwrap();
        if self.step == LAST_STEP {
            return Fate::AtAStep;
        }
        Fate::Delivered(sqn(&functions, &vector))
    }
}

/// The vector is made and does not leave.
const LAST_STEP: u32 = 4;

impl Fate {
    fn count(self, deaths: &mut Deaths) -> Option<Sqn> {
        match self {
            Self::AtAStep => deaths.at_a_step += 1,
            Self::InBetween => deaths.in_between += 1,
            Self::Resynchronised => {}
            Self::Delivered(sqn) => {
                deaths.delivered += 1;
                return Some(sqn);
            }
        }
        None
    }
}

/// A directory whose home dies before or after one of its calls.
struct Mortal<'a, D> {
    directory: &'a D,
    dies_at: u32,
    steps: AtomicU32,
}

impl<D> Mortal<'_, D> {
    async fn step(&self) {
        if self.steps.fetch_add(1, Ordering::Relaxed) == self.dies_at {
            pending::<()>().await;
        }
    }

    fn is_dead(&self) -> bool {
        self.steps.load(Ordering::Relaxed) > self.dies_at
    }
}

impl<D: Directory> Directory for &Mortal<'_, D> {
    async fn find(&self, imsi: &Imsi) -> Result<Option<Subscriber>, DirectoryError> {
        self.step().await;
        let found = self.directory.find(imsi).await;
        self.step().await;
        found
    }

    async fn compare_and_set(
        &self,
        imsi: &Imsi,
        expected: Sqn,
        new: Sqn,
    ) -> Result<Swap, DirectoryError> {
        self.step().await;
        let swap = self.directory.compare_and_set(imsi, expected, new).await;
        self.step().await;
        swap
    }
}
