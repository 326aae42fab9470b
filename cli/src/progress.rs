//! How far a run is: bars, on terminals only.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use trib_runtime::progress::Progress;

/// A bar for each task that runs.
#[derive(Debug)]
pub struct Bars {
    shown: bool,
    all: MultiProgress,
    running: Mutex<Vec<ProgressBar>>,
}

impl Bars {
    /// Bars on standard error, if that is a terminal.
    pub fn new() -> Bars {
        Bars {
            shown: std::io::stderr().is_terminal(),
            all: MultiProgress::new(),
            running: Mutex::new(Vec::new()),
        }
    }

    fn with_running(&self, change: impl FnOnce(&mut Vec<ProgressBar>)) {
        change(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner));
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
                "  {msg:<32} {bar:24} {human_pos}/{human_len} {eta}",
            ),
            None => (
                ProgressBar::new_spinner(),
                "  {msg:<32} {spinner} {human_pos}",
            ),
        };
        let bar = self.all.add(bar);
        if let Ok(style) = ProgressStyle::with_template(form) {
            bar.set_style(style);
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

    fn end(&self) {
        self.with_running(|running| {
            if let Some(bar) = running.pop() {
                bar.finish_and_clear();
            }
        });
    }
}
