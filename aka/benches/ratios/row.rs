//! One line of the table: the same work by several implementations, in turn.

use std::time::{Duration, Instant};

use super::inputs::COUNT;

/// What is computed `COUNT` times by each implementation, ours first.
pub(crate) struct Row<'a> {
    pub(crate) name: &'static str,
    pub(crate) target: Option<f64>,
    implementations: Vec<Implementation<'a>>,
    absent: Vec<String>,
}

struct Implementation<'a> {
    name: &'static str,
    round: Box<dyn FnMut() -> Duration + 'a>,
}

const ROUNDS: usize = 400;

impl<'a> Row<'a> {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            target: None,
            implementations: Vec::new(),
            absent: Vec::new(),
        }
    }

    /// The first peer is to take at least this many times as long as the first implementation.
    #[must_use]
    pub(crate) fn at_least(self, target: f64) -> Self {
        let target = Some(target);
        Self { target, ..self }
    }

    /// `all` does the work `COUNT` times.
    #[must_use]
    pub(crate) fn with(self, name: &'static str, mut all: impl FnMut() + 'a) -> Self {
        self.timed(name, move || {
            let start = Instant::now();
            all();
            start.elapsed()
        })
    }

    /// `round` does the work `COUNT` times and times itself.
    #[must_use]
    pub(crate) fn timed(
        mut self,
        name: &'static str,
        round: impl FnMut() -> Duration + 'a,
    ) -> Self {
        let round = Box::new(round);
        self.implementations.push(Implementation { name, round });
        self
    }

    /// A peer that this machine does not have, and why.
    #[must_use]
    pub(crate) fn without(mut self, reason: String) -> Self {
        self.absent.push(reason);
        self
    }

    pub(crate) fn run(mut self) {
        let best = self.best();
        let ours = best.first().copied().unwrap_or_default().as_secs_f64();
        match self.target {
            Some(target) => println!("{} (at least {target}x)", self.name),
            None => println!("{}", self.name),
        }
        for (best, implementation) in best.iter().zip(&self.implementations) {
            let seconds = best.as_secs_f64();
            let nanoseconds = seconds * 1e9 / f64::from(COUNT);
            let ratio = seconds / ours;
            println!(
                "  {:24} {nanoseconds:9.1} ns {ratio:7.2}x",
                implementation.name
            );
        }
        for reason in self.absent {
            println!("  {reason}");
        }
    }

    /// The fastest round of each: the one that other load disturbed least.
    fn best(&mut self) -> Vec<Duration> {
        let mut best = vec![Duration::MAX; self.implementations.len()];
        for _ in 0..ROUNDS {
            for (best, implementation) in best.iter_mut().zip(&mut self.implementations) {
                *best = (implementation.round)().min(*best);
            }
        }
        best
    }
}
