//! Whether time tells SIMs that the server knows from those that it does not: a test in the manner of
//! dudect (Reparaz, Balasch and Verbauwhede, 2017).
//!
//! Known and unknown SIMs are asked in an order that is drawn; Welch's t says how sure one may be
//! that the means of their times differ. So does it of the last row, where known SIMs are asked for
//! the first time and again: it must be found out.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use auc::Subscribers;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::device::{self, AUDIENCE, CHALLENGE, TOKEN};

/// Nobody confirms with this.
const WRONG: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Subscribers beside the devices of the other measurements, each of which is asked once.
pub(crate) fn subscribers(many: usize) -> Result<Subscribers> {
    Ok(Subscribers::parse(&device::lines(many, |index| {
        imsi(true, index)
    }))?)
}

/// Of the known SIMs, or of those that nobody knows.
fn imsi(is_known: bool, index: usize) -> String {
    let network = if is_known { "00102" } else { "00103" };
    format!("{network}{index:010}")
}

pub(crate) async fn measure(name: &str, router: &Router, many: usize) -> Result<()> {
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    let (mut first, mut again, mut wrong) = (Row::default(), Row::default(), Row::default());
    let mut control = Row::default();
    let mut next = [0, 0];
    while next.iter().any(|asked| *asked < many) {
        let class = draw.class();
        let index = next.get_mut(class).context("two classes")?;
        if *index == many {
            continue;
        }
        let question = json!({"imsi": imsi(class == 0, *index), "aud": AUDIENCE});
        *index += 1;
        let (took_first, _) = timed(router, CHALLENGE, &question, StatusCode::OK).await?;
        let (took_again, asked) = timed(router, CHALLENGE, &question, StatusCode::OK).await?;
        let answer = json!({"txn": asked.get("txn"), "confirm": WRONG});
        let (took_wrong, _) = timed(router, TOKEN, &answer, StatusCode::UNAUTHORIZED).await?;
        first.note(class, took_first);
        again.note(class, took_again);
        wrong.note(class, took_wrong);
        if class == 0 {
            control.note(0, took_first);
            control.note(1, took_again);
        }
    }
    println!("{name}: {many} SIMs that are known, and as many that are not");
    first.print("a challenge")?;
    again.print("the same again")?;
    wrong.print("a wrong answer")?;
    control.print("a challenge, and the same again (control)")
}

async fn timed(
    router: &Router,
    path: &str,
    body: &Value,
    expected: StatusCode,
) -> Result<(Duration, Value)> {
    let request = Request::post(path).header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string()))?;
    let router = router.clone();
    let begun = Instant::now();
    let response = router.oneshot(request).await?;
    let status = response.status();
    let octets = response.into_body().collect().await?.to_bytes();
    let took = begun.elapsed();
    ensure!(status == expected, "{path}: {status}");
    Ok((took, serde_json::from_slice(&octets)?))
}

/// Times of two classes, in microseconds.
#[derive(Default)]
struct Row {
    samples: Vec<(usize, f64)>,
}

impl Row {
    fn note(&mut self, class: usize, took: Duration) {
        self.samples.push((class, took.as_secs_f64() * 1e6));
    }

    /// The medians, and t over all samples and over those that nothing disturbed: the quicker nine
    /// tenths.
    fn print(&self, what: &str) -> Result<()> {
        let most = self.quantile(9, |_| true)?;
        let (all, quick) = (self.welch(f64::INFINITY), self.welch(most));
        let one = self.quantile(5, |class| class == 0)?;
        let other = self.quantile(5, |class| class == 1)?;
        println!(
            "  {what:<42} medians {one:>8.1} and {other:>8.1} us, t {all:>7.2}, of the quicker 90 % {quick:>7.2}"
        );
        Ok(())
    }

    fn quantile(&self, tenths: usize, of: impl Fn(usize) -> bool) -> Result<f64> {
        let samples = self.samples.iter().filter(|(class, _)| of(*class));
        let mut times: Vec<f64> = samples.map(|(_, time)| *time).collect();
        times.sort_unstable_by(f64::total_cmp);
        let found = times.get(times.len() * tenths / 10);
        found.copied().context("no samples")
    }

    fn welch(&self, most: f64) -> f64 {
        let mut moments = [Moments::default(); 2];
        for (class, time) in self.samples.iter().filter(|(_, time)| *time <= most) {
            if let Some(moments) = moments.get_mut(*class) {
                moments.add(*time);
            }
        }
        let [one, other] = moments;
        (one.mean - other.mean) / (one.error() + other.error()).sqrt()
    }
}

/// Sums for a mean and a variance (Welford).
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let delta = value - self.mean;
        self.mean += delta / self.count;
        self.squares += delta * (value - self.mean);
    }

    fn error(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// Xorshift of 64 bits (Marsaglia), which is no secret.
struct Draw(u64);

impl Draw {
    fn class(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::from(self.0 >> 40 & 1 == 1)
    }
}
