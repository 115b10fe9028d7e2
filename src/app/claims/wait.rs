//! Waiting for an exclusive claim.
//!
//! Owns the timeout, the polling interval and the order of the waiting sessions: first in, first
//! out, with a head start for the first one. Never acquires anything by itself: it submits a
//! request as every other caller does.

use std::time::Duration;

use crate::app::claims::arbiter::{self, ArbiterError};
use crate::app::claims::request::ClaimRequest;
use crate::app::claims::waitlist;
use crate::app::remote::publish;
use crate::app::remote::refresh::{Refresh, refresh, short_deadline};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::host::{Signals, Watch};
use crate::model::actor::Actor;
use crate::model::lock_request::Decision;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::session::Request;

/// How long the other waiting sessions let the first one go ahead.
const HEAD_START: Duration = Duration::from_secs(10);
/// Changes of files wake a waiting session; this is for systems that do not report them, and for
/// signals.
const POLL_HERE: Duration = Duration::from_millis(400);
const JITTER_MILLIS_MAX: u64 = 500;
/// How soon a remote is looked at again at first.
pub(super) const POLL_THERE_FIRST: Duration = Duration::from_secs(5);
/// How soon it is looked at again at the latest.
pub(super) const POLL_THERE_MAX: Duration = Duration::from_secs(60);

/// A waiting session.
struct Waiter<'w> {
    context: &'w Context,
    me: &'w Actor,
    wanted: &'w ClaimRequest,
    notify: fn(&str),
    signals: Signals,
    watch: Watch,
    /// The notice that was shown last.
    last_notice: String,
    /// Since when nothing conflicts, on the clock of this process.
    free_since: Option<Duration>,
    fetch_at: Duration,
    fetch_every: Duration,
    /// When the request may be submitted again.
    submit_at: Duration,
}

/// Submits the request, for which the arbiter has until `until`, and again until it is granted or
/// `at_most` is over.
///
/// Other sessions see the request in the queue meanwhile, and not afterwards, also when the wait is
/// interrupted.
pub fn wait_for_grant(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    at_most: Duration,
    until: Duration,
    notify: fn(&str),
) -> Result<Decision, ArbiterError> {
    let first = waitlist::submit(context, me, wanted, until);
    if at_most.is_zero() || !first.as_ref().is_err_and(may_be_granted_later) {
        return first;
    }
    crate::ledger::survive_signals();
    let mut waiter = Waiter {
        context,
        me,
        wanted,
        notify,
        signals: Signals::watch(),
        watch: Watch::on(&context.ledger.tracking().watched()),
        last_notice: String::new(),
        free_since: None,
        fetch_at: context.host.elapsed() + POLL_THERE_FIRST,
        fetch_every: POLL_THERE_FIRST,
        submit_at: Duration::ZERO,
    };
    waitlist::enqueue(context, me, wanted)?;
    waiter.publish();
    let granted = waiter.wait(context.host.elapsed() + at_most);
    // Whatever came of it, the session does not wait any more.
    let cancelled = waitlist::cancel(context, me, &wanted.resources);
    waiter.publish();
    let granted = granted?;
    cancelled?;
    Ok(granted)
}

/// Returns true if the request may be granted later.
fn may_be_granted_later(undecided: &ArbiterError) -> bool {
    match undecided {
        ArbiterError::Unavailable(_) => true,
        ArbiterError::Failed(failure) => {
            matches!(failure.refusal.as_deref(), Some(Refusal::Held { .. }))
        }
    }
}

impl Waiter<'_> {
    fn wait(&mut self, until: Duration) -> Result<Decision, Failure> {
        let host = self.context.host;
        let mut heartbeat_at = host.elapsed() + self.wanted.ttl.renewal_interval();
        loop {
            if self.signals.received() {
                let error = anyhow::anyhow!("interrupted; the queued request is cancelled");
                return Err(Failure::new(Kind::Contended, error));
            }
            if self.may_submit()? {
                let until = short_deadline(self.context).answer;
                match waitlist::submit(self.context, self.me, self.wanted, until) {
                    Err(undecided) if may_be_granted_later(&undecided) => self.back_off(&undecided),
                    done => return Ok(done?),
                }
            }
            if host.elapsed() >= until {
                return Err(self.timed_out());
            }
            if host.elapsed() >= heartbeat_at {
                waitlist::write(self.context, self.me, &Request::Heartbeat)?;
                self.publish();
                heartbeat_at = host.elapsed() + self.wanted.ttl.renewal_interval();
            }
            self.watch.wait(POLL_HERE);
            self.fetch_if_due();
        }
    }

    /// Another session was faster, or the arbiter did not answer: waits for the next fetch.
    fn back_off(&mut self, undecided: &ArbiterError) {
        self.free_since = None;
        if let ArbiterError::Unavailable(failure) = undecided {
            self.submit_at = self.fetch_at;
            self.notify_once(format!("waiting: {}", failure.error));
        }
    }

    /// Returns true if it is the turn of this session.
    fn may_submit(&mut self) -> Result<bool, Failure> {
        if self.context.host.elapsed() < self.submit_at {
            return Ok(false);
        }
        let now = self.context.now();
        let blocking = arbiter::first_conflict(self.context, self.me, &self.wanted.resources)?;
        let board = self.context.ledger.board_about(&self.wanted.resources)?;
        let position = waitlist::position(&board, self.me, &self.wanted.resources, now);
        match blocking {
            Some(lock) => {
                self.free_since = None;
                let text = format!(
                    "waiting for {}: held by {} until {}; {} in line",
                    lock.resource,
                    lock.session,
                    lock.expires_at.to_rfc3339(),
                    ordinal(position)
                );
                self.notify_once(text);
                Ok(false)
            }
            None => {
                let elapsed = self.context.host.elapsed();
                let since = *self.free_since.get_or_insert(elapsed);
                Ok(position == 0 || elapsed >= since + HEAD_START)
            }
        }
    }

    /// Publishes what was written.
    fn publish(&self) {
        publish::publish(self.context, self.me, false, short_deadline(self.context));
    }

    /// Fetches if a remote decides, at growing intervals.
    fn fetch_if_due(&mut self) {
        let host = self.context.host;
        if self.context.upstream.name().is_none() || host.elapsed() < self.fetch_at {
            return;
        }
        // What cannot be fetched now is fetched next time.
        let _ = refresh(self.context, Refresh::NOW, short_deadline(self.context));
        self.fetch_every = POLL_THERE_MAX.min(self.fetch_every * 3 / 2);
        // Waiting sessions must not all fetch at the same moment.
        host.pause(JITTER_MILLIS_MAX);
        self.fetch_at = host.elapsed() + self.fetch_every;
    }

    fn notify_once(&mut self, text: String) {
        if self.last_notice != text {
            (self.notify)(&text);
            self.last_notice = text;
        }
    }

    fn timed_out(&self) -> Failure {
        let labels: Vec<&str> = self.wanted.resources.iter().map(Resource::label).collect();
        let error = anyhow::anyhow!("{} was not released in time", labels.join(", "));
        Failure::new(Kind::Contended, error)
            .hint("see who holds it: git presence peek; wait for longer: --wait=10m")
    }
}

fn ordinal(position: usize) -> String {
    match position {
        0 => "first".to_owned(),
        1 => "second".to_owned(),
        n => format!("number {}", n + 1),
    }
}
