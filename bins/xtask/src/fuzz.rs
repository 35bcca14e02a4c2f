//! `cargo xtask fuzz`: libFuzzer on the stable compiler.

use std::fs;
use std::path::PathBuf;
use std::thread;

use crate::arguments::Arguments;
use crate::console::{Console, Detail};
use crate::invocation::Invocation;
use crate::workspace;

const HELP: &str = "\
Fuzz the parsers with libFuzzer, on the stable compiler.

Usage: cargo xtask fuzz [TARGET]... [--seconds N] [--list]

Options:
  --seconds N  How long each target runs (default 60)
  --list       List the targets

What is found lies in fuzz/artifacts/TARGET; what was learnt, in fuzz/corpus/TARGET.";

/// What cargo-fuzz passes, without the sanitizers that only a nightly compiler has.
pub(crate) const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cdebug-assertions";

/// # Errors
/// When the targets do not build, one of them finds something, or a name is unknown.
pub(crate) fn run(mut arguments: Arguments) -> Result<(), String> {
    if arguments.flag("--help") {
        println!("{HELP}");
        return Ok(());
    }
    if arguments.flag("--list") {
        for name in targets() {
            println!("{name}");
        }
        return Ok(());
    }
    let seconds = match arguments.values("--seconds")?.pop() {
        None => 60,
        Some(text) => text
            .parse()
            .map_err(|_error| format!("`{text}` is no number of seconds"))?,
    };
    let chosen = chosen(arguments.into_rest())?;
    let console = Console::new(Detail::Steps);
    console.begin(&format!("{:<16}", "build"));
    let built = build(&console);
    console.end(word(&built));
    built?;
    for name in chosen {
        console.begin(&format!("{name:<16}"));
        let outcome = smoke(&console, &name, seconds);
        console.end(&outcome.as_ref().map_or("FAILED".to_owned(), Clone::clone));
        outcome?;
    }
    Ok(())
}

/// The names of the targets, from their files.
pub(crate) fn targets() -> Vec<String> {
    let files = fs::read_dir(folder().join("fuzz_targets"))
        .into_iter()
        .flatten()
        .flatten();
    let mut names: Vec<String> = files
        .filter_map(|file| {
            file.file_name()
                .to_str()?
                .strip_suffix(".rs")
                .map(str::to_owned)
        })
        .collect();
    names.sort();
    names
}

/// Builds every target, apart from the other builds, because the flags differ.
///
/// # Errors
/// What the compiler printed.
pub(crate) fn build(console: &Console) -> Result<(), String> {
    // Naming the target keeps the flags away from build scripts and macros.
    let mut build = Invocation::cargo()
        .args([
            "build",
            "--release",
            "--package",
            "fuzz",
            "--all-features",
            "--target",
            &host()?,
        ])
        .env("RUSTFLAGS", FLAGS)
        .env("CARGO_TARGET_DIR", build_folder());
    build.demand(console).map(drop)
}

/// Runs one target that is built.
///
/// # Errors
/// What the fuzzer printed when it found something.
pub(crate) fn smoke(console: &Console, name: &str, seconds: u32) -> Result<String, String> {
    let [corpus, artifacts] = ["corpus", "artifacts"].map(|kind| folder().join(kind).join(name));
    for made in [&corpus, &artifacts] {
        fs::create_dir_all(made)
            .map_err(|error| format!("cannot make {}: {error}", made.display()))?;
    }
    let seeds = Some(folder().join("seeds").join(name)).filter(|seeds| seeds.is_dir());
    let mut fuzzer = Invocation::new(build_folder().join(host()?).join("release").join(name))
        .args([
            format!("-max_total_time={seconds}"),
            "-timeout=5".to_owned(),
        ])
        .args([format!("-artifact_prefix={}/", artifacts.display())])
        .args([corpus])
        .args(seeds);
    let output = fuzzer.demand(console)?;
    let done = output.lines().rfind(|line| line.starts_with("Done "));
    done.map(|line| line.trim().to_owned()).ok_or(output)
}

/// Runs several targets that are built, at the same time.
pub(crate) fn side_by_side<'names>(
    names: &'names [String],
    seconds: u32,
) -> Vec<Result<String, String>> {
    thread::scope(|scope| {
        let run =
            |name: &'names String| scope.spawn(move || smoke(&Console::silent(), name, seconds));
        let running: Vec<_> = names.iter().map(run).collect();
        let ended = running.into_iter().map(thread::ScopedJoinHandle::join);
        ended
            .map(|outcome| outcome.unwrap_or_else(|_panic| Err(LOST.to_owned())))
            .collect()
    })
}

/// Said when a runner's thread panicked, which is a defect of this program.
const LOST: &str = "the runner itself failed";

fn chosen(names: Vec<String>) -> Result<Vec<String>, String> {
    let known = targets();
    match names.iter().find(|name| !known.contains(name)) {
        Some(unknown) => Err(format!(
            "there is no target `{unknown}`; there are {}",
            known.join(", ")
        )),
        None if names.is_empty() => Ok(known),
        None => Ok(names),
    }
}

fn host() -> Result<String, String> {
    let host = Invocation::new("rustc")
        .args(["--print", "host-tuple"])
        .output()?;
    Ok(host.trim().to_owned())
}

fn word<T, E>(result: &Result<T, E>) -> &'static str {
    if result.is_ok() { "ok" } else { "FAILED" }
}

fn folder() -> PathBuf {
    workspace::root().join("fuzz")
}

fn build_folder() -> PathBuf {
    workspace::target().join("fuzz")
}
