//! Waiting until a resource can be held alone.
//!
//! Owns the wish that others see, the order among those who wait, and how often it is looked.
//! First come, first served, as long as the first is there: when the resource comes free the
//! others hold back for a moment. Never takes anything by itself: it asks, as anybody does.

use std::time::Duration;

use super::claim::Wish;
use super::{alone, carry};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::host::Interrupted;
use crate::ledger::Machine as _;
use crate::model::board::Holding;
use crate::model::claim::Mode;
use crate::model::exclusion::{self, Decided};
use crate::model::lock;
use crate::model::resource::Resource;
use crate::model::session::{Actor, Request, Session, step};
use crate::model::time::{Timestamp, Ttl};

/// How long the others let the first one go ahead.
const HEAD_START: Duration = Duration::from_secs(10);
const POLL_HERE_MILLIS: u64 = 400;
const POLL_THERE_FIRST: Duration = Duration::from_secs(5);
const POLL_THERE_MAX: Duration = Duration::from_secs(60);

/// Somebody who waits.
struct Waiter<'w> {
    context: &'w Context,
    me: &'w Actor,
    wish: &'w Wish,
    tell: fn(&str),
    interrupted: Interrupted,
    /// What was told last.
    told: String,
    /// Since when nothing is in the way, on the clock of this process.
    free_since: Option<Duration>,
    look_at: Duration,
    look_every: Duration,
}

/// Ask until it is granted, or `at_most` is over. The wish is there for others to see as long as
/// this goes on, and gone after it, also when it is interrupted.
pub fn until_granted(
    context: &Context,
    me: &Actor,
    wish: &Wish,
    at_most: Duration,
    tell: fn(&str),
) -> Result<Decided, Failure> {
    let first = grant(context, me, wish);
    if at_most.is_zero() || !first.as_ref().is_err_and(is_held) {
        return first;
    }
    crate::ledger::survive_signals();
    let mut waiter = Waiter {
        context,
        me,
        wish,
        tell,
        interrupted: Interrupted::watch(),
        told: String::new(),
        free_since: None,
        look_at: context.host.elapsed() + POLL_THERE_FIRST,
        look_every: POLL_THERE_FIRST,
    };
    waiter.write(&Request::Wait {
        wanted: wish.resources.clone(),
        purpose: wish.purpose.clone(),
        ttl: wish.ttl,
    })?;
    let granted = waiter.wait(context.host.elapsed() + at_most);
    // Whatever came of it, nobody waits any more.
    let withdrawn = waiter.write(&Request::Release(waiter.wishes()?));
    let granted = granted?;
    withdrawn?;
    Ok(granted)
}

fn grant(context: &Context, me: &Actor, wish: &Wish) -> Result<Decided, Failure> {
    let wishes = wish.resources.iter().map(|resource| lock::Wish {
        resource: resource.clone(),
        purpose: wish.purpose.clone(),
        ttl: wish.ttl,
    });
    alone::ask(context, me, &exclusion::Request::Grant(wishes.collect()))
}

fn is_held(failure: &Failure) -> bool {
    use crate::model::refusal::Refusal;
    matches!(failure.refusal.as_deref(), Some(Refusal::Held { .. }))
}

impl Waiter<'_> {
    fn wait(&mut self, until: Duration) -> Result<Decided, Failure> {
        let host = self.context.host;
        let mut beat_at = host.elapsed() + beat_every(self.wish.ttl);
        loop {
            if self.interrupted.is_so() {
                let error = anyhow::anyhow!("interrupted; the wish is withdrawn");
                return Err(Failure::new(Kind::Contended, error));
            }
            if self.may_ask()? {
                match grant(self.context, self.me, self.wish) {
                    Err(failure) if is_held(&failure) => self.free_since = None,
                    done => return done,
                }
            }
            if host.elapsed() >= until {
                return Err(self.ran_out());
            }
            if host.elapsed() >= beat_at {
                self.write(&Request::Heartbeat)?;
                beat_at = host.elapsed() + beat_every(self.wish.ttl);
            }
            host.pause(POLL_HERE_MILLIS);
            self.look_if_due();
        }
    }

    /// Whether it is my turn to ask.
    fn may_ask(&mut self) -> Result<bool, Failure> {
        let now = self.context.now();
        let blocking = alone::in_the_way(self.context, self.me, &self.wish.resources)?;
        let place = self.place(now)?;
        match blocking {
            Some(lock) => {
                self.free_since = None;
                let text = format!(
                    "waiting for {}: held by {} until {}; {} in line",
                    lock.resource,
                    lock.session,
                    lock.expires_at.to_rfc3339(),
                    ordinal(place)
                );
                self.say(text);
                Ok(false)
            }
            None => {
                let elapsed = self.context.host.elapsed();
                let since = *self.free_since.get_or_insert(elapsed);
                Ok(place == 0 || elapsed >= since + HEAD_START)
            }
        }
    }

    /// How many came before me and are still there.
    fn place(&self, now: Timestamp) -> Result<usize, Failure> {
        let board = self.context.ledger.board_about(&self.wish.resources)?;
        let mut waiting: Vec<Holding> = board.live(now);
        let overlaps = |h: &Holding| self.wish.resources.iter().any(|r| r.overlaps(&h.resource));
        waiting.retain(|h| h.mode == Mode::Waiting && overlaps(h));
        let is_mine = |h: &&Holding| h.session == self.me.id && h.node == self.me.node;
        let mine = waiting
            .iter()
            .find(is_mine)
            .map(|h| (h.claimed_at, &h.session));
        let Some(mine) = mine else { return Ok(0) };
        let mut before: Vec<_> = waiting
            .iter()
            .filter(|h| !is_mine(h) && (h.claimed_at, &h.session) < mine)
            .map(|h| (&h.session, h.node))
            .collect();
        before.sort();
        before.dedup();
        Ok(before.len())
    }

    /// What I wished for and have not got as anything else.
    fn wishes(&self) -> Result<Vec<Resource>, Failure> {
        let session = self.context.ledger.session(self.me)?;
        let claims = session.map(|session| session.claims).unwrap_or_default();
        let mine = claims.into_iter().filter(|claim| {
            claim.mode == Mode::Waiting && self.wish.resources.contains(&claim.resource)
        });
        Ok(mine.map(|claim| claim.resource).collect())
    }

    /// Write to my own session, and let the others see it.
    fn write(&self, request: &Request) -> Result<(), Failure> {
        if matches!(request, Request::Release(none) if none.is_empty()) {
            return Ok(());
        }
        let ttl = self.context.config.ttl;
        let mut decide =
            |before: Option<&Session>, now: Timestamp| step(before, self.me, request, now, ttl);
        let ledger = &self.context.ledger;
        ledger.update(&self.context.host, self.me, &mut decide)?;
        carry::after_write(self.context, self.me, false, carry::deadline(self.context));
        Ok(())
    }

    /// Where a remote decides, look at it now and then; less and less often.
    fn look_if_due(&mut self) {
        let host = self.context.host;
        if self.context.upstream.name().is_none() || host.elapsed() < self.look_at {
            return;
        }
        // What cannot be seen now is seen next time.
        let _ = carry::look_now(self.context);
        self.look_every = POLL_THERE_MAX.min(self.look_every * 3 / 2);
        host.pause(POLL_HERE_MILLIS);
        self.look_at = host.elapsed() + self.look_every;
    }

    fn say(&mut self, text: String) {
        if self.told != text {
            (self.tell)(&text);
            self.told = text;
        }
    }

    fn ran_out(&self) -> Failure {
        let labels: Vec<&str> = self.wish.resources.iter().map(Resource::label).collect();
        let error = anyhow::anyhow!("{} did not come free in time", labels.join(", "));
        Failure::new(Kind::Contended, error)
            .hint("see who holds it: git presence peek; wait for longer: --wait=10m")
    }
}

fn beat_every(ttl: Ttl) -> Duration {
    Duration::from_secs(ttl.as_secs() / 3)
}

fn ordinal(place: usize) -> String {
    match place {
        0 => "first".to_owned(),
        1 => "second".to_owned(),
        n => format!("number {}", n + 1),
    }
}
