//! Some thousand changed inputs for every fuzz target, the same in every run. `FUZZ_SEED=…` starts
//! elsewhere, `FUZZ_SECONDS=…` runs longer; `cargo fuzz` in `tests/fuzz` does it for real.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use trib_tests::fuzz::{TARGETS, Target, mutated};

fn setting(name: &str, otherwise: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.map_or(otherwise, |text| text.parse().unwrap())
}

fn run((name, body, seeds): &Target) {
    let seeds = seeds();
    assert!(!seeds.is_empty(), "{name} has no seeds");
    let first = setting("FUZZ_SEED", 1);
    let time = Duration::from_secs(setting("FUZZ_SECONDS", 5));
    let fails = |input: &[u8], what: &str| {
        let ended = catch_unwind(AssertUnwindSafe(|| body(input)));
        assert!(
            ended.is_ok(),
            "{name} fails on {what}:\n{}",
            String::from_utf8_lossy(input)
        );
    };
    for (at, seed) in seeds.iter().enumerate() {
        fails(seed, &format!("its seed {at}"));
    }
    let start = Instant::now();
    let mut cases = 0;
    while start.elapsed() < time && cases < 20_000 {
        let number = first + cases;
        fails(&mutated(&seeds, number), &format!("FUZZ_SEED={number}"));
        cases += 1;
    }
    println!("{name}: {cases} inputs from FUZZ_SEED={first}");
    assert!(cases > 10, "{name} is too slow: {cases} inputs in {time:?}");
}

fn target(name: &str) {
    // As much stack as the program itself has.
    let name = name.to_owned();
    let worker = std::thread::Builder::new().stack_size(8 << 20);
    let run = move || run(TARGETS.iter().find(|(known, ..)| *known == name).unwrap());
    worker.spawn(run).unwrap().join().unwrap();
}

#[test]
fn parse() {
    target("parse");
}

#[test]
fn check() {
    target("check");
}

#[test]
fn edited() {
    target("edited");
}

#[test]
fn evaluate() {
    target("evaluate");
}

#[test]
fn ldif() {
    target("ldif");
}

#[test]
fn bundle() {
    target("bundle");
}

#[test]
fn import() {
    target("import");
}
