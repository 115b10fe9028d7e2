//! Clocks and randomness of this machine.
//!
//! Owns how they are read for [`Clock`], and how a test sets them. Never decides anything.

#![expect(
    clippy::disallowed_methods,
    reason = "the world is read here, for the host"
)]

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, FixedOffset, Local};

use super::Host;
use crate::clock::Clock;
use crate::model::id::RandomId;
use crate::model::time::Timestamp;

/// When this process stops waiting for others, since it was started. Unset, each loop has a bound
/// of its own.
static PATIENT_UNTIL: OnceLock<Duration> = OnceLock::new();

/// Returns the instant at which a test holds the clock, so that tests do not depend on the time of
/// day: `GIT_PRESENCE_TEST_NOW` is an instant as in RFC 3339, or `@` and a file that has one, for
/// processes that go on. In a release there is no such variable: with it, a caller could let the
/// claim of another session expire.
#[cfg(debug_assertions)]
fn held_by_a_test(host: Host) -> Option<Timestamp> {
    let text = host.env("GIT_PRESENCE_TEST_NOW")?;
    match text.strip_prefix('@') {
        Some(file) => Timestamp::parse(std::fs::read_to_string(file).ok()?.trim()),
        None => Timestamp::parse(&text),
    }
}

#[cfg(not(debug_assertions))]
fn held_by_a_test(_: Host) -> Option<Timestamp> {
    None
}

/// Returns how many milliseconds a hook reads the board, if a test says so
/// (`GIT_PRESENCE_TEST_READ_MILLIS`): a board that takes longer would make a slow test.
#[cfg(debug_assertions)]
fn reading_of_a_test(host: Host) -> Option<u64> {
    host.env("GIT_PRESENCE_TEST_READ_MILLIS")?.parse().ok()
}

#[cfg(not(debug_assertions))]
fn reading_of_a_test(_: Host) -> Option<u64> {
    None
}

impl Host {
    /// Returns how long a hook reads the board, of which `wait` is the usual time.
    pub fn reading_time(&self, wait: Duration) -> Duration {
        reading_of_a_test(*self).map_or(wait, Duration::from_millis)
    }
}

impl Clock for Host {
    fn now(&self) -> Timestamp {
        if let Some(fixed) = held_by_a_test(*self) {
            return fixed;
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let millis = since.map_or(0, |since| since.as_millis());
        Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    fn random(&self) -> RandomId {
        let mut bytes = [0; 16];
        if getrandom::fill(&mut bytes).is_err() {
            // Without an entropy source, uniqueness still must hold between processes.
            let seed = format!("{:?} {}", self.now(), std::process::id());
            bytes.copy_from_slice(&blake3::hash(seed.as_bytes()).as_bytes()[..16]);
        }
        RandomId::from_bytes(bytes)
    }

    fn elapsed(&self) -> Duration {
        static STARTED: OnceLock<Instant> = OnceLock::new();
        STARTED.get_or_init(Instant::now).elapsed()
    }

    fn since_boot(&self) -> (String, u64) {
        // A test that sets the clock sets this one along with it.
        if let Some(fixed) = held_by_a_test(*self) {
            let millis = u64::try_from(fixed.as_millis()).unwrap_or_default();
            return ("test".to_owned(), millis);
        }
        let boot_id = self.boot_id().unwrap_or_default();
        (boot_id, boottime_millis())
    }

    fn pause(&self, millis_max: u64) {
        let [a, b, ..] = *self.random().to_string().as_bytes() else {
            return;
        };
        let part = (u64::from(a) * 251 + u64::from(b) * 7) % 256;
        let span = Duration::from_micros(millis_max * 1000 * (part + 1) / 256);
        let left = PATIENT_UNTIL.get();
        let left = left.map_or(span, |until| until.saturating_sub(self.elapsed()));
        std::thread::sleep(span.min(left));
    }

    fn may_wait(&self) -> bool {
        let until = PATIENT_UNTIL.get();
        until.is_none_or(|until| self.elapsed() < *until)
    }
}

impl Host {
    /// Stops this process from waiting for others once it has been running for `until`. Only the
    /// first call counts.
    pub fn wait_until(&self, until: Duration) {
        let _ = PATIENT_UNTIL.set(until);
    }

    /// Converts an instant to the time zone of this machine.
    pub fn local(at: Timestamp) -> DateTime<FixedOffset> {
        at.to_utc().with_timezone(&Local).fixed_offset()
    }
}

/// Returns milliseconds since the machine was started, including suspend if the system counts it.
#[cfg(target_os = "linux")]
fn boottime_millis() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let secs = u64::try_from(now.tv_sec).unwrap_or_default();
    let nanos = u64::try_from(now.tv_nsec).unwrap_or_default();
    secs.saturating_mul(1000) + nanos / 1_000_000
}

/// The wall clock, where there is no better one.
#[cfg(not(target_os = "linux"))]
fn boottime_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}
