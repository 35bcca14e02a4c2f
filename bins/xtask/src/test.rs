//! `cargo xtask test`: everything that decides whether a change is good.

use std::time::Instant;

use crate::arguments::Arguments;
use crate::console::{Console, Detail, format_time};
use crate::setup::{self, Consent, Extent};
use crate::step::{Outcome, Pace, Step};
use crate::tally::Tally;
use crate::{guards, suites};

const HELP: &str = "\
Install what the tests need, then run everything.

Usage: cargo xtask test [--quick] [--yes] [--verbose] [--only STEP]... | --list

Options:
  --quick      Leave out the counterparts (pcscd, hostapd, ...) and fuzzing
  --yes        Install what is missing without asking
  --verbose    Show what the programs print while they run
  --only STEP  Run this step alone; may be repeated; installs nothing
  --list       List the steps

A guard counts as one check, a test as one. What cannot run here is skipped, shown and counted.
The last line sums up: N passed, N failed, N skipped.";

/// # Errors
/// When a step failed, or the command line is wrong.
pub(crate) fn run(mut arguments: Arguments) -> Result<(), String> {
    if arguments.flag("--help") {
        println!("{HELP}");
        return Ok(());
    }
    if arguments.flag("--list") {
        steps().for_each(|step| println!("{:<12} {}", step.name, step.about));
        return Ok(());
    }
    let pace = if arguments.flag("--quick") {
        Pace::Quick
    } else {
        Pace::Thorough
    };
    let consent = Consent::of(&mut arguments);
    let detail = Detail::of(&mut arguments);
    let only = arguments.values("--only")?;
    arguments.finish()?;

    let steps = chosen(&only, pace)?;
    let console = Console::new(detail);
    if only.is_empty() {
        let extent = if pace == Pace::Quick {
            Extent::Build
        } else {
            Extent::Everything
        };
        setup::install(&console, extent, consent)?;
    }
    report(&console, &steps)
}

/// Every step, the quickest to fail first.
fn steps() -> impl Iterator<Item = &'static Step> {
    guards::STEPS.iter().chain(suites::STEPS)
}

fn chosen(only: &[String], pace: Pace) -> Result<Vec<&'static Step>, String> {
    if let Some(unknown) = only
        .iter()
        .find(|name| steps().all(|step| step.name != name.as_str()))
    {
        let names: Vec<&str> = steps().map(|step| step.name).collect();
        return Err(format!(
            "there is no step `{unknown}`; there are {}",
            names.join(", ")
        ));
    }
    let wanted = |step: &&Step| {
        if only.is_empty() {
            pace == Pace::Thorough || step.pace == Pace::Quick
        } else {
            only.iter().any(|name| name == step.name)
        }
    };
    Ok(steps().filter(wanted).collect())
}

fn report(console: &Console, steps: &[&Step]) -> Result<(), String> {
    let begun = Instant::now();
    let mut sum = Tally::default();
    let mut failed = Vec::new();
    let mut skipped = Vec::new();
    for (number, step) in (1..).zip(steps) {
        console.begin(&format!("[{number:>2}/{}] {:<12}", steps.len(), step.name));
        let outcome = (step.run)(console);
        sum += outcome.tally();
        match outcome {
            Outcome::Passed(tally) if tally == Tally::PASSED => console.end("ok"),
            Outcome::Passed(tally) => console.end(&format!("ok: {tally}")),
            Outcome::Skipped(reason) => {
                console.end(&format!("skipped: {reason}"));
                skipped.push((step.name, reason));
            }
            Outcome::Failed { output, .. } => {
                console.end("FAILED");
                println!(
                    "{output}\nto repeat just this: cargo xtask test --only {}\n",
                    step.name
                );
                failed.push(step.name);
            }
        }
    }
    println!("\nfinished in {}", format_time(begun.elapsed()));
    for (name, reason) in &skipped {
        println!("skipped {name}: {reason}");
    }
    for name in &failed {
        println!("failed {name}: cargo xtask test --only {name}");
    }
    println!("{sum}");
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("failed: {}", failed.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_run_leaves_the_thorough_steps_out() {
        let names = |pace| -> Vec<&str> {
            chosen(&[], pace)
                .unwrap()
                .iter()
                .map(|step| step.name)
                .collect()
        };
        assert!(names(Pace::Quick).contains(&"clippy"));
        assert!(!names(Pace::Quick).contains(&"fuzz"));
        assert!(names(Pace::Thorough).contains(&"fuzz"));
    }

    #[test]
    fn a_step_may_be_run_alone_whatever_its_pace() {
        let only = chosen(&["fuzz".to_owned()], Pace::Quick).unwrap();
        assert_eq!(
            only.iter().map(|step| step.name).collect::<Vec<_>>(),
            ["fuzz"]
        );
    }

    #[test]
    fn an_unknown_step_is_told_with_the_known_ones() {
        let Err(message) = chosen(&["lint".to_owned()], Pace::Quick) else {
            panic!("accepted")
        };
        assert!(
            message.starts_with("there is no step `lint`; there are format, "),
            "{message}"
        );
    }
}
