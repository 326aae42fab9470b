//! How long checking takes: the shipped packs and 100 generated rules, and then ever more of them.
//!
//! `cargo bench -p trib-benches` prints the tables that `docs/performance.md` speaks of;
//! `-- --quick` runs everything once on a small program, `-- 100` measures one size.
#![allow(missing_docs)]

mod program;

use std::hint::black_box;
use std::time::{Duration, Instant};

use trib_compiler::diagnostics::human;
use trib_compiler::{Session, Sources, check, compile};
use trib_grammar::parse;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let given: Vec<usize> = std::env::args()
        .filter_map(|size| size.parse().ok())
        .collect();
    let (times, sizes): (_, &[usize]) = match (quick, given.is_empty()) {
        (true, _) => (1, &[10, 20]),
        (_, true) => (15, &[100, 200, 400, 800, 1600, 3200]),
        (_, false) => (9, &given),
    };
    println!(
        "{:>6} {:>7} {:>9} {:>9} {:>9} {:>9} {:>12}",
        "rules", "flows", "parse", "check", "lower", "all", "per flow"
    );
    for size in sizes {
        let sources = program::program(*size);
        let found = Figures::of(&sources, times);
        println!(
            "{size:>6} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9.2} µs",
            found.flows,
            shown(found.parse),
            shown(found.check.saturating_sub(found.parse)),
            shown(found.lower),
            shown(found.check + found.lower),
            (found.check + found.lower).as_secs_f64() * 1e6 / found.flows as f64,
        );
    }
    println!(
        "\n{:>6} {:>12} {:>12} {:>12}",
        "rules", "first", "one edit", "no change"
    );
    for size in sizes.iter().take(2) {
        again(*size, times);
    }
}

/// What an editor waits for: the first check, one after an edit in one file, one after none.
fn again(size: usize, times: usize) {
    let sources = program::program(size);
    let edited = program::edited(size);
    let first = median(times, || checked(&mut Session::default(), &sources));
    let mut session = Session::default();
    let mut edits = [&sources, &edited].into_iter().cycle();
    let edit = median(times, || {
        edits.next().map(|next| checked(&mut session, next))
    });
    let none = median(times, || checked(&mut session, &sources));
    let [first, edit, none] = [first, edit, none].map(shown);
    println!("{size:>6} {first:>12} {edit:>12} {none:>12}");
}

fn checked(session: &mut Session, sources: &Sources) {
    let (_, checked) = session.check(sources);
    assert!(checked.diagnostics.is_empty());
}

/// Medians of one program.
struct Figures {
    flows: usize,
    parse: Duration,
    /// Parsing included.
    check: Duration,
    lower: Duration,
}

impl Figures {
    fn of(sources: &Sources, times: usize) -> Figures {
        let mut all = sources.clone();
        let checked = check(&mut all);
        assert!(
            checked.diagnostics.is_empty(),
            "{}",
            human(&checked.diagnostics, &all, false)
        );
        let flows = checked.rules.rules.iter().map(|rule| rule.flows.len());
        Figures {
            flows: flows.sum(),
            parse: median(times, || {
                all.files().for_each(|(file, _, text)| {
                    black_box(parse(file, text));
                });
            }),
            check: median(times, || check(&mut sources.clone())),
            lower: median(times, || compile(&checked, &all)),
        }
    }
}

/// The median of several runs.
fn median<T>(times: usize, mut run: impl FnMut() -> T) -> Duration {
    let mut taken: Vec<Duration> = (0..times)
        .map(|_| {
            let start = Instant::now();
            let result = black_box(run());
            let taken = start.elapsed();
            drop(result);
            taken
        })
        .collect();
    taken.sort();
    taken.get(times / 2).copied().unwrap_or_default()
}

fn shown(time: Duration) -> String {
    match time.as_micros() {
        micros @ 0..100 => format!("{micros} µs"),
        _ => format!("{:.1} ms", time.as_secs_f64() * 1e3),
    }
}
