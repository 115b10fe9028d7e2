//! When a board that stays open is read again.
//!
//! Owns [`Changes`]: it waits until the board may be another one — refs changed, a claim expired,
//! or it is a while ago, since what is shown says how long ago things were — and leaves a pause
//! between two looks, however often the board changes. Ends with a signal, or when what shows the
//! board is gone. Never reads the board.

use std::time::Duration;

use crate::clock::Clock as _;
use crate::context::Context;
use crate::host::{Signals, Watch, Wrapper};
use crate::model::time::Timestamp;

/// Changes of files wake it; this is for signals, and for a reader that is gone.
const TICK: Duration = Duration::from_millis(100);
/// How often it looks although no change was noticed.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How soon it looks again after a look that failed.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Between two looks it pauses for so many times what the last one took: a quarter of a core at
/// most goes into a board that changes all the time.
const PAUSE_TIMES: u32 = 3;
/// The pause is at least and at most so long.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The board may be another one.
    Look,
    /// It is not shown any more.
    Ends,
}

/// The wait for the next look at a board.
pub struct Changes<'c> {
    context: &'c Context,
    signals: Signals,
    wrapper: Wrapper,
    watch: Watch,
    may_differ: bool,
    /// When the last look began.
    looked_at: Duration,
    /// When it looks although nothing has changed.
    look_at: Duration,
}

impl<'c> Changes<'c> {
    /// Begins to watch. The first look comes at once.
    pub fn watch(context: &'c Context) -> Self {
        crate::ledger::survive_signals();
        Self {
            context,
            signals: Signals::watch(),
            wrapper: context.host.wrapper(),
            watch: Watch::on(&context.ledger.tracking().watched()),
            may_differ: true,
            looked_at: Duration::ZERO,
            look_at: Duration::ZERO,
        }
    }

    /// Waits for the next look. Something ends at `ends_at`; `is_over` is asked now and then
    /// whether there is another reason to end.
    pub fn next(&mut self, ends_at: Option<Timestamp>, is_over: &dyn Fn() -> bool) -> Next {
        let host = self.context.host;
        let rests_until = host.elapsed() + pause(host.elapsed() - self.looked_at, self.looked_at);
        loop {
            let is_gone = host.stdout_is_closed() || self.wrapper.is_gone();
            if self.signals.received() || is_gone || is_over() {
                return Next::Ends;
            }
            let now = host.elapsed();
            let has_ended = ends_at.is_some_and(|at| self.context.now() >= at);
            let is_due = self.may_differ || has_ended || now >= self.look_at;
            if is_due && now >= rests_until {
                self.may_differ = false;
                self.looked_at = now;
                self.look_at = now + LOOK_EVERY;
                return Next::Look;
            }
            let rests_for = rests_until.saturating_sub(now);
            let at_most = match rests_for.is_zero() {
                true => TICK,
                false => TICK.min(rests_for),
            };
            self.may_differ |= self.watch.wait(at_most);
        }
    }

    /// Looks again soon, since the last look saw nothing.
    pub fn again(&mut self) {
        self.look_at = self.look_at.min(self.looked_at + AGAIN_AFTER);
    }
}

/// Returns how long it pauses after a look that took so long; not at all before the first one.
fn pause(took: Duration, looked_at: Duration) -> Duration {
    match looked_at.is_zero() {
        true => Duration::ZERO,
        false => (took * PAUSE_TIMES).clamp(PAUSE_MIN, PAUSE_MAX),
    }
}
