//! Waiting until no other session conflicts, for a claim or without one.
//!
//! Owns the timeout, the polling interval and the order of the waiting sessions: first in, first
//! out, with a head start for the first one. A wait that ends without the resource keeps its place
//! for `presence.waitGrace`, since harnesses limit how long a command may take. Never acquires
//! anything by itself: it submits a request as every other caller does.

use std::time::Duration;

use crate::app::claims::arbiter::ArbiterError;
use crate::app::claims::obstacle::{self, HEAD_START_SECS, Obstacle, not_yet, obstacle};
use crate::app::claims::request::{ClaimRequest, Heeds, Kind};
use crate::app::claims::{gone, refused, waitlist};
use crate::app::remote::publish;
use crate::app::remote::refresh::{Refresh, refresh, short_deadline};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind as FailureKind};
use crate::host::{Signals, Watch};
use crate::model::actor::Actor;
use crate::model::lock_request::Decision;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::session::Request;
use crate::model::text::name;
use crate::model::time::Timestamp;

/// How long the other waiting sessions let the first one go ahead.
const HEAD_START: Duration = Duration::from_secs(HEAD_START_SECS);
/// Changes of files wake a waiting session; this is for systems that do not report them, and for
/// signals.
const POLL_HERE: Duration = Duration::from_millis(400);
const JITTER_MILLIS_MAX: u64 = 500;
/// How soon a remote is looked at again at first.
pub const POLL_THERE_FIRST: Duration = Duration::from_secs(5);
/// How soon it is looked at again at the latest.
pub const POLL_THERE_MAX: Duration = Duration::from_secs(60);

/// A waiting session.
struct Waiter<'w> {
    context: &'w Context,
    me: &'w Actor,
    wanted: &'w ClaimRequest,
    /// Which claims in records of other sessions are waited for, too.
    heeds: Heeds,
    /// Whether the place is kept when the wait is over, because the claim is still to be made.
    claims_later: bool,
    notify: fn(&str),
    signals: Signals,
    watch: Watch,
    /// The notice that was shown last.
    last_notice: String,
    /// Why it waits, as of the last look.
    why: Option<String>,
    /// What can be done about a holder whose program has ended.
    past_gone: Option<String>,
    /// Since when nothing conflicts, on the clock of this process.
    free_since: Option<Duration>,
    fetch_at: Duration,
    fetch_every: Duration,
    /// When the request may be submitted again.
    submit_at: Duration,
}

/// Why a wait ended without what was wanted.
enum Ended {
    /// The time is over; the place in the queue may be kept.
    TimeOver(ArbiterError),
    /// Waiting longer does not help, or was interrupted.
    Failed(ArbiterError),
}

/// Submits the request, for which the arbiter has until `until`, and again until it is granted or
/// the time to wait is over. `is_shared` says that other sessions share the resource now; then
/// their claims are waited for first.
///
/// Other sessions see the request in the queue meanwhile, and not afterwards, also when the wait is
/// interrupted; a caller that may ask again keeps its place for a while when the time is over.
pub fn wait_for_grant(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    is_shared: bool,
    until: Duration,
    notify: fn(&str),
) -> Result<Decision, ArbiterError> {
    let submit = |until| waitlist::submit(context, me, wanted, until);
    if !is_shared {
        let first = match not_yet(context, me, wanted)? {
            Some(refused) => Err(ArbiterError::Failed(refused)),
            None => submit(until),
        };
        if first.is_ok() {
            // What it waited for before, it has now.
            waitlist::cancel(context, me, &wanted.resources)?;
        }
        if wanted.wait.is_zero() || !first.as_ref().is_err_and(may_be_granted_later) {
            return first;
        }
    }
    let heeds = match wanted.kind {
        Kind::Exclusive(terms) => terms.heeds(),
        Kind::Shared => Heeds::ALL,
    };
    let mut waiter = Waiter::begin(context, me, wanted, heeds, notify)?;
    waiter.wait(&|| match submit(short_deadline(context).answer) {
        Err(undecided) if may_be_granted_later(&undecided) => Err(undecided),
        Err(failed) => Ok(Err(failed)),
        Ok(decided) => Ok(Ok(decided)),
    })
}

/// Waits until no other session claims any of the resources of `wanted`, and claims nothing.
pub fn wait_until_free(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    notify: fn(&str),
) -> Result<(), Failure> {
    let is_free = || {
        let known = refresh(context, Refresh::BEFORE_DECISION, short_deadline(context));
        if let Some(why) = known.problem() {
            let remote = name(known.remote().unwrap_or_default());
            let error = anyhow::anyhow!("whether it is free at {remote} is not known: {why}");
            let failure = Failure::new(FailureKind::Remote, error)
                .hint("do not change it yet; fetch what other sessions claim: git presence sync");
            return Err(ArbiterError::Unavailable(failure));
        }
        match obstacle(context, me, &wanted.resources, Heeds::ALL) {
            Ok(Obstacle::None | Obstacle::OfferedToMe) => Ok(Ok(())),
            Ok(Obstacle::Held(by)) => {
                let refused = Failure::refused(Refusal::Held { by: vec![*by] });
                Err(ArbiterError::Failed(refused))
            }
            Ok(Obstacle::Offered(offered)) => {
                let refused = Failure::refused(Refusal::Offered { offered });
                Err(ArbiterError::Failed(refused))
            }
            Err(failure) => Ok(Err(ArbiterError::Failed(failure))),
        }
    };
    let mine = waitlist::queued_by(
        &context.ledger.board_about(&wanted.resources)?,
        me,
        &wanted.resources,
        context.now(),
    );
    if mine.is_empty() {
        match is_free() {
            Ok(free) => return Ok(free?),
            Err(undecided) if !may_be_granted_later(&undecided) => return Err(undecided.into()),
            Err(_) => {}
        }
    }
    let mut waiter = Waiter::begin(context, me, wanted, Heeds::ALL, notify)?;
    waiter.claims_later = true;
    Ok(waiter.wait(&is_free)?)
}

/// Returns true if the request may be granted later.
fn may_be_granted_later(undecided: &ArbiterError) -> bool {
    match undecided {
        ArbiterError::Unavailable(_) => true,
        ArbiterError::Failed(failure) => {
            let refusal = failure.refusal.as_deref();
            matches!(
                refusal,
                Some(
                    Refusal::Held { .. }
                        | Refusal::Offered { .. }
                        | Refusal::Queued { .. }
                        | Refusal::NotOffered { .. }
                )
            )
        }
    }
}

impl<'w> Waiter<'w> {
    /// Takes a place in the queue, and shows it to other sessions.
    fn begin(
        context: &'w Context,
        me: &'w Actor,
        wanted: &'w ClaimRequest,
        heeds: Heeds,
        notify: fn(&str),
    ) -> Result<Self, Failure> {
        crate::ledger::survive_signals();
        let waiter = Self {
            context,
            me,
            wanted,
            heeds,
            claims_later: false,
            notify,
            signals: Signals::watch(),
            watch: Watch::on(&context.ledger.tracking().watched()),
            last_notice: String::new(),
            why: None,
            past_gone: None,
            free_since: None,
            fetch_at: context.host.elapsed() + POLL_THERE_FIRST,
            fetch_every: POLL_THERE_FIRST,
            submit_at: Duration::ZERO,
        };
        let until = waiter.place_until(wanted.wait);
        waitlist::enqueue(context, me, wanted, Some(until))?;
        waiter.publish();
        Ok(waiter)
    }

    /// Returns when a place ends that is waited for this long.
    fn place_until(&self, wait: Duration) -> Timestamp {
        let grace_secs = self.context.config.wait_grace_secs.max(1);
        let now = self.context.now();
        now.plus_secs(wait.as_secs().saturating_add(grace_secs))
    }

    /// Calls `attempt` whenever it is the turn of this session, until it decides or the time is
    /// over.
    fn wait<T>(
        &mut self,
        attempt: &dyn Fn() -> Result<Result<T, ArbiterError>, ArbiterError>,
    ) -> Result<T, ArbiterError> {
        let until = self.context.host.elapsed() + self.wanted.wait;
        let keeps = self.wanted.may_ask_again && self.context.config.wait_grace_secs > 0;
        let ended = match self.wait_until(until, attempt) {
            Err(Ended::TimeOver(error)) if keeps => return Err(error),
            Err(Ended::TimeOver(error) | Ended::Failed(error)) => Err(error),
            Ok(done) if keeps && self.claims_later => {
                let until = self.place_until(Duration::ZERO);
                waitlist::enqueue(self.context, self.me, self.wanted, Some(until))?;
                self.publish();
                return Ok(done);
            }
            Ok(done) => Ok(done),
        };
        // The session does not wait any more.
        let cancelled = waitlist::cancel(self.context, self.me, &self.wanted.resources);
        self.publish();
        let done = ended?;
        cancelled?;
        Ok(done)
    }

    fn wait_until<T>(
        &mut self,
        until: Duration,
        attempt: &dyn Fn() -> Result<Result<T, ArbiterError>, ArbiterError>,
    ) -> Result<T, Ended> {
        let host = self.context.host;
        let failed = |failure: Failure| Ended::Failed(failure.into());
        let mut heartbeat_at = host.elapsed() + self.wanted.ttl.renewal_interval();
        let mut unavailable = None;
        loop {
            if self.signals.received() {
                let error = anyhow::anyhow!("interrupted; the queued request is cancelled");
                return Err(failed(Failure::new(FailureKind::Contended, error)));
            }
            if self.is_next().map_err(failed)? {
                match attempt() {
                    Ok(done) => return done.map_err(Ended::Failed),
                    Err(undecided) => unavailable = self.back_off(undecided),
                }
            }
            if host.elapsed() >= until {
                // Waiting for a remote that never answered is no lost race.
                return Err(Ended::TimeOver(match unavailable {
                    Some(failure) => ArbiterError::Unavailable(failure),
                    None => ArbiterError::Failed(self.timed_out()),
                }));
            }
            if host.elapsed() >= heartbeat_at {
                waitlist::write(self.context, self.me, &Request::Heartbeat).map_err(failed)?;
                self.publish();
                heartbeat_at = host.elapsed() + self.wanted.ttl.renewal_interval();
            }
            self.watch.wait(POLL_HERE);
            self.fetch_if_due();
        }
    }

    /// Another session was faster, or the arbiter did not answer: waits for the next fetch. Returns
    /// the failure if there was no answer.
    fn back_off(&mut self, undecided: ArbiterError) -> Option<Failure> {
        self.free_since = None;
        let ArbiterError::Unavailable(failure) = undecided else {
            return None;
        };
        self.submit_at = self.fetch_at;
        self.notify_once(format!("waiting: {}", failure.error));
        Some(failure)
    }

    /// Returns true if it is the turn of this session.
    fn is_next(&mut self) -> Result<bool, Failure> {
        if self.context.host.elapsed() < self.submit_at {
            return Ok(false);
        }
        let (context, wanted) = (self.context, &self.wanted.resources);
        let now = context.now();
        let obstacle = obstacle(context, self.me, wanted, self.heeds)?;
        let board = context.ledger.board_about(wanted)?;
        let position = waitlist::position(&board, self.me, wanted, now);
        let (what, why) = match obstacle {
            Obstacle::OfferedToMe => return Ok(true),
            Obstacle::Held(mut held) => {
                gone::mark(context, std::slice::from_mut(&mut held));
                self.past_gone = refused::past_gone(context, &held);
                (held.resource.clone(), obstacle::held(&held))
            }
            Obstacle::Offered(offered) => (offered.resource.clone(), obstacle::offered(&offered)),
            Obstacle::None if self.wanted.takes_only_offers() => {
                self.notify_once("waiting: it is free, and not offered to you".to_owned());
                return Ok(false);
            }
            Obstacle::None => return Ok(self.is_first(position)),
        };
        self.free_since = None;
        let line = waitlist::ordinal(position);
        self.why = Some(format!("{what} is still {why}"));
        let way = self.past_gone.as_deref();
        let way = way.map_or_else(String::new, |way| format!("; {way}"));
        self.notify_once(format!("waiting for {what}: {why}; {line} in line{way}"));
        Ok(false)
    }

    /// Returns true if no session goes before this one, now that the resource is free.
    fn is_first(&mut self, position: usize) -> bool {
        let elapsed = self.context.host.elapsed();
        let since = *self.free_since.get_or_insert(elapsed);
        let is_next = position == 0 || elapsed >= since + HEAD_START;
        if !is_next {
            self.notify_once(format!("waiting: {} in line", waitlist::ordinal(position)));
        }
        is_next
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
        let why = self.why.clone();
        let why = why.unwrap_or_else(|| format!("{} is still held", labels.join(", ")));
        let failure = Failure::new(FailureKind::Contended, anyhow::anyhow!("{why}"));
        let failure = self
            .past_gone
            .clone()
            .into_iter()
            .fold(failure, Failure::hint);
        let grace_secs = self.context.config.wait_grace_secs;
        match self.wanted.may_ask_again && grace_secs > 0 {
            true => failure.hint(format!(
                "run this again, your place is kept for {grace_secs} s: {}",
                self.wanted.line_that_waits(self.claims_later)
            )),
            false => failure.hint("wait for longer: --wait=10m"),
        }
    }
}
