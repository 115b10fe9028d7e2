//! The clock, chance and pauses, as everything above the model sees them.
//!
//! Owns the one trait, [`Clock`], that stands for them. Never reads any of them: `host` does, and
//! tests hand in a clock of their own.

use std::time::Duration;

use crate::model::id::RandomId;
use crate::model::time::Timestamp;

/// Time and chance, as one process sees them.
pub trait Clock {
    /// Returns the time of the wall clock, which users and NTP may set.
    fn now(&self) -> Timestamp;
    /// Returns 128 bits that no other process has drawn.
    fn random(&self) -> RandomId;
    /// Returns how long this process has been running, by a monotonic clock.
    fn elapsed(&self) -> Duration;
    /// Returns the id of the current boot, and the milliseconds since it, suspend included.
    fn since_boot(&self) -> (String, u64);
    /// Sleeps for a random time of at most `millis_max`.
    fn pause(&self, millis_max: u64);
    /// Returns false once this process may wait no longer for another one.
    fn may_wait(&self) -> bool {
        true
    }
}
