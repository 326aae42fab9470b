//! How fast we may write: a budget that refills, and pauses that the service asks for.

use std::time::Duration;

use tokio::time::Instant;

/// Writes a second that the service lets pass for good, for an application and tenant.
const SUSTAINED: f64 = 20.0;
/// So many seconds' worth may go in a row: 3,000 writes in 150 seconds.
const WINDOW: f64 = 150.0;
/// The share is told to one decimal: the true one may be so much less.
const ROUNDING: f64 = 0.05;
/// Writes that are not counted on: several answers of a batch tell the same share.
const RESERVE: f64 = 20.0;

/// When the next writes may go. Without a budget, nothing holds them back until the service tells of
/// its limit: it does so from four fifths of it on.
#[derive(Debug)]
pub(super) struct Throttle {
    /// Writes a second.
    rate: f64,
    tokens: f64,
    /// What the tokens fill up to.
    burst: f64,
    filled: Instant,
    closed_until: Instant,
    /// Writes without an answer yet: the service may have counted them or not.
    under_way: usize,
}

impl Throttle {
    /// With a budget of so many writes a second.
    pub fn new(now: Instant, budget: Option<f64>) -> Throttle {
        let burst = budget.map_or(f64::INFINITY, |rate| rate * WINDOW);
        Throttle {
            rate: budget.unwrap_or(SUSTAINED),
            tokens: burst,
            burst,
            filled: now,
            closed_until: now,
            under_way: 0,
        }
    }

    /// From when on so many writes may go.
    pub fn opens(&mut self, now: Instant, writes: usize) -> Instant {
        self.fill(now);
        self.closed_until.max(now + self.wait_for(writes as f64))
    }

    /// So many writes go.
    pub fn spend(&mut self, writes: usize) {
        self.tokens -= writes as f64;
        self.under_way += writes;
    }

    /// So many writes are not under way any more.
    pub fn ended(&mut self, writes: usize) {
        self.under_way = self.under_way.saturating_sub(writes);
    }

    /// The service turned a request away; nothing goes until `until`.
    pub fn refused(&mut self, until: Instant) {
        self.closed_until = self.closed_until.max(until);
        self.bound(0.0);
    }

    /// The service told which share of its limit is used, by us and by others.
    pub fn used(&mut self, share: f64) {
        let limit = self.rate.max(SUSTAINED) * WINDOW;
        let left = (1.0 + ROUNDING - share) * limit;
        self.bound((left - self.under_way as f64 - RESERVE).max(0.0));
    }

    /// How long so many writes take at the budget; none while there is no limit.
    pub fn time_for(&mut self, now: Instant, writes: u64) -> Option<Duration> {
        self.fill(now);
        let closed = self.closed_until.saturating_duration_since(now);
        self.burst
            .is_finite()
            .then(|| closed.max(self.wait_for(writes as f64)))
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * self.rate).min(self.burst);
        self.filled = now;
    }

    fn wait_for(&self, writes: f64) -> Duration {
        Duration::from_secs_f64((writes - self.tokens).max(0.0) / self.rate)
    }

    fn bound(&mut self, most: f64) {
        self.burst = self.burst.min(self.rate * WINDOW);
        self.tokens = self.tokens.min(most);
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

    const SECOND: Duration = Duration::from_secs(1);

    fn waits(throttle: &mut Throttle, now: Instant, writes: usize) -> Duration {
        let wait = throttle.opens(now, writes).duration_since(now);
        // To the millisecond.
        Duration::from_millis(wait.as_micros().div_ceil(1000) as u64)
    }

    #[test]
    fn without_a_budget_nothing_is_held_back_until_the_service_tells_its_limit() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start, None);
        throttle.spend(100_000);
        throttle.ended(100_000);
        assert_eq!(throttle.opens(start, 20), start);
        assert_eq!(throttle.time_for(start, 1_000_000), None);
        // At least 0.75 is used: 750 are left at most, less a reserve.
        throttle.used(0.8);
        assert_eq!(throttle.opens(start, 730), start);
        throttle.spend(730);
        assert!(waits(&mut throttle, start, 20).abs_diff(SECOND) < SECOND / 100);
        assert_eq!(throttle.time_for(start, 2000), Some(SECOND * 100));
        let later = start + SECOND * 1000;
        assert_eq!(throttle.opens(later, 3000), later);
        assert!(
            throttle.opens(later, 3020) > later,
            "it fills up to the burst only"
        );
    }

    #[test]
    fn what_is_under_way_counts_against_what_is_told_to_be_left() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start, None);
        throttle.spend(100);
        throttle.ended(20);
        throttle.used(1.0);
        // 150 are left by the share, 80 of them on their way, 20 in reserve.
        assert_eq!(throttle.opens(start, 50), start);
        assert!(throttle.opens(start, 51) > start);
    }

    #[test]
    fn a_budget_holds_from_the_start() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start, Some(5.0));
        assert_eq!(throttle.opens(start, 750), start);
        throttle.spend(750);
        assert!(waits(&mut throttle, start, 20).abs_diff(SECOND * 4) < SECOND / 100);
        assert_eq!(throttle.time_for(start, 3600 * 5), Some(SECOND * 3600));
    }

    #[test]
    fn a_refusal_closes_for_the_time_told() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start, None);
        throttle.refused(start + SECOND * 11);
        assert_eq!(throttle.opens(start, 1), start + SECOND * 11);
        let open = start + SECOND * 11;
        assert_eq!(throttle.opens(open, 220), open);
        assert_eq!(throttle.opens(open, 240), open + SECOND);
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
