//! `kill -9` at random instants: a run that starts again ends where an undisturbed one ends.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    missing_docs
)]

mod faults;
mod history;
mod outcome;
mod process;
mod store;

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use trib_tests::corp::CONNECTOR;
use trib_tests::deployment::{Deployment, PACKS};

use outcome::Outcome;
use process::{PHASES, Windows};

/// So many kills at least, and in each phase.
const KILLS: u32 = 50;
const EACH: u32 = 10;
/// If so many histories do not bring them together, the instants are chosen badly.
const HISTORIES: u32 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_that_starts_again_ends_as_an_undisturbed_one() {
    let seed = std::env::var("TRIB_SEED").ok().map_or_else(
        || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .as_nanos() as u64
        },
        |seed| seed.parse().unwrap(),
    );
    eprintln!("TRIB_SEED={seed}");
    let mut random = Random(seed);
    let steps = history::steps();

    let tenant = deployment().await;
    let mut windows = Vec::new();
    let mut wanted = Vec::new();
    for step in &steps {
        step.write(&tenant);
        slow(&tenant).await;
        windows.push(process::undisturbed(&tenant).await);
        tenant.door("DELETE", "/faults", json!({})).await;
        wanted.push(Outcome::of(&tenant).await);
    }
    wanted[0].has(60, 8, 0);
    wanted[1].has(61, 8, 4);

    let mut kills = [0; PHASES.len()];
    let mut histories = 0;
    while kills.iter().sum::<u32>() < KILLS || kills.iter().any(|kills| *kills < EACH) {
        histories += 1;
        assert!(histories <= HISTORIES, "kills by phase: {kills:?}");
        let tenant = deployment().await;
        for (at, step) in steps.iter().enumerate() {
            step.write(&tenant);
            slow(&tenant).await;
            let story = disturb(&tenant, &windows[at], &mut random, &mut kills).await;
            tenant.door("DELETE", "/faults", json!({})).await;
            let found = Outcome::of(&tenant).await;
            found.compare(
                &wanted[at],
                &format!("TRIB_SEED={seed}, history {histories}, step {at}, {story}"),
            );
        }
    }
    eprintln!("{histories} histories; killed {kills:?} times in {PHASES:?}");
}

/// Kills a run, mostly once, at times the next one too; then lets one run to its end.
async fn disturb(
    tenant: &Deployment,
    windows: &Windows,
    random: &mut Random,
    kills: &mut [u32; PHASES.len()],
) -> String {
    let mut story = String::new();
    let again = random.below(4) == 0;
    for second in [false, true].into_iter().take(1 + usize::from(again)) {
        let phase = (0..PHASES.len()).min_by_key(|phase| kills[*phase]).unwrap();
        let [from, to] = windows.of(phase);
        let after = from + (to - from).mul_f64(random.below(1000) as f64 / 1000.0);
        if let Some(phase) = process::killed(tenant, after).await {
            // What a restart had done is not to be told from what the killed run had.
            kills[phase] += u32::from(!second);
            story += &format!("killed after {after:?} in {}; ", PHASES[phase]);
        }
    }
    process::finish(tenant, &story).await;
    story
}

async fn deployment() -> Deployment {
    let tenant = Deployment::start("contoso.test", PACKS, CONNECTOR).await;
    process::prepare(&tenant);
    tenant
}

/// Answers that take their time leave room for kills between them.
async fn slow(tenant: &Deployment) {
    let slow = json!({"kind": "slow", "milliseconds": 10, "count": 1_000_000});
    tenant.door("POST", "/faults", slow).await;
}

/// Numbers that a seed brings about: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}
