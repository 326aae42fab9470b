//! How far a run is: bars, on terminals only.

use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use trib_runtime::progress::Progress;

/// A bar for each task that runs.
#[derive(Debug)]
pub struct Bars {
    shown: bool,
    all: MultiProgress,
    running: Mutex<Vec<ProgressBar>>,
    /// When the task that runs ends by the write budget, if that limits it.
    ends: Arc<Mutex<Option<Instant>>>,
}

impl Bars {
    /// Bars on standard error, if that is a terminal.
    pub fn new() -> Bars {
        Bars {
            shown: std::io::stderr().is_terminal(),
            all: MultiProgress::new(),
            running: Mutex::new(Vec::new()),
            ends: Arc::default(),
        }
    }

    fn with_running(&self, change: impl FnOnce(&mut Vec<ProgressBar>)) {
        change(&mut lock(&self.running));
    }
}

impl Progress for Bars {
    fn begin(&self, task: &str, total: Option<u64>) {
        if !self.shown {
            return;
        }
        let (bar, form) = match total {
            Some(total) => (
                ProgressBar::new(total),
                "  {msg:<32} {bar:24} {human_pos}/{human_len} {left}",
            ),
            None => (
                ProgressBar::new_spinner(),
                "  {msg:<32} {spinner} {human_pos}",
            ),
        };
        *lock(&self.ends) = None;
        let bar = self.all.add(bar);
        if let Ok(style) = ProgressStyle::with_template(form) {
            let ends = self.ends.clone();
            bar.set_style(
                style.with_key("left", move |state: &_, out: &mut dyn Write| {
                    show_left(*lock(&ends), state, out);
                }),
            );
        }
        bar.set_message(task.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        self.with_running(|running| running.push(bar));
    }

    fn advance(&self, by: u64) {
        self.with_running(|running| {
            if let Some(bar) = running.last() {
                bar.inc(by);
            }
        });
    }

    fn left(&self, time: Duration) {
        *lock(&self.ends) = Some(Instant::now() + time);
    }

    fn end(&self) {
        self.with_running(|running| {
            if let Some(bar) = running.pop() {
                bar.finish_and_clear();
            }
        });
    }
}

/// The time left: by the write budget where that is longer than what the bar makes of its pace.
fn show_left(ends: Option<Instant>, state: &ProgressState, out: &mut dyn Write) {
    let budget = ends.map(|ends| ends.saturating_duration_since(Instant::now()));
    let _ = match budget.filter(|budget| *budget > state.eta()) {
        Some(budget) => write!(out, "{} left at the write budget", HumanDuration(budget)),
        None => write!(out, "{} left", HumanDuration(state.eta())),
    };
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
