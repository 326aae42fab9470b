//! How fast we may write: a budget that refills, and pauses that the service asks for.

use std::time::Duration;

use tokio::time::Instant;

/// Writes in a row that the service lets pass: 3,000 in 150 seconds for an application and tenant.
const BURST: f64 = 3000.0;
/// Writes a second that it lets pass for good.
const SUSTAINED: f64 = 20.0;

/// When the next writes may go. Nothing holds them back until the service tells of its limit: it does
/// so from four fifths of it on.
#[derive(Debug)]
pub(super) struct Throttle {
    tokens: f64,
    /// What the tokens fill up to.
    burst: f64,
    filled: Instant,
    closed_until: Instant,
}

impl Throttle {
    pub fn new(now: Instant) -> Throttle {
        Throttle {
            tokens: f64::INFINITY,
            burst: f64::INFINITY,
            filled: now,
            closed_until: now,
        }
    }

    /// From when on so many writes may go.
    pub fn opens(&mut self, now: Instant, writes: usize) -> Instant {
        let passed = now.duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * SUSTAINED).min(self.burst);
        self.filled = now;
        let missing = (writes as f64 - self.tokens).max(0.0);
        self.closed_until
            .max(now + Duration::from_secs_f64(missing / SUSTAINED))
    }

    /// So many writes go.
    pub fn spend(&mut self, writes: usize) {
        self.tokens -= writes as f64;
    }

    /// The service turned a request away; nothing goes until `until`.
    pub fn refused(&mut self, until: Instant) {
        self.closed_until = self.closed_until.max(until);
        self.burst = BURST;
        self.tokens = self.tokens.min(0.0);
    }

    /// The service told which share of its limit is used, by us and by others.
    pub fn used(&mut self, share: f64) {
        self.burst = BURST;
        self.tokens = self.tokens.min((1.0 - share).max(0.0) * BURST);
    }
}

/// How long to wait before attempt `attempt` (from 1) is followed by another: 1, 2, 4 … 32 seconds,
/// less a random part, so that several senders do not come back at once.
pub(super) fn backoff(attempt: u32) -> Duration {
    let longest = Duration::from_secs(1 << attempt.saturating_sub(1).min(5));
    let random = f64::from(getrandom::u32().unwrap_or_default()) / f64::from(u32::MAX);
    longest.mul_f64(0.5 + random / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_held_back_until_the_service_tells_its_limit() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start);
        throttle.spend(100_000);
        assert_eq!(throttle.opens(start, 20), start);
        throttle.used(0.8);
        assert_eq!(throttle.opens(start, 500), start);
        throttle.spend(600);
        let second = Duration::from_secs(1);
        assert!(
            throttle
                .opens(start, 20)
                .duration_since(start)
                .abs_diff(second)
                < second / 100
        );
        let later = start + Duration::from_secs(1000);
        assert_eq!(throttle.opens(later, 3000), later);
        assert!(
            throttle.opens(later, 3020) > later,
            "it fills up to the burst only"
        );
    }

    #[test]
    fn a_refusal_closes_for_the_time_told() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start);
        throttle.refused(start + Duration::from_secs(11));
        assert_eq!(throttle.opens(start, 1), start + Duration::from_secs(11));
        let open = start + Duration::from_secs(11);
        assert_eq!(throttle.opens(open, 220), open);
        assert_eq!(throttle.opens(open, 240), open + Duration::from_secs(1));
    }

    #[test]
    fn waits_double_up_to_a_bound() {
        for (attempt, longest) in [(1, 1), (2, 2), (4, 8), (6, 32), (60, 32)] {
            let wait = backoff(attempt).as_secs_f64();
            assert!(
                wait <= f64::from(longest) && wait >= f64::from(longest) / 2.0,
                "{attempt}: {wait}"
            );
        }
    }
}
