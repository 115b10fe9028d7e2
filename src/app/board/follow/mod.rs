//! The use case of `log` that goes on: events as they happen, or since a reader looked last.
//!
//! Owns when it looks, and that a cursor is moved after the line was written. Never prints: what is
//! told goes to a sink. Never acquires or waits for a claim.

mod freed;
mod reader;
mod request;

use std::time::Duration;

use self::freed::Freed;
use self::reader::Reader;
pub use self::request::{Followed, Heard, Request, Sink, Start, Told, Until};
use crate::app::background::{Background, Halves};
use crate::app::board::{aside, standing};
use crate::app::company;
use crate::app::remote::knowledge::known;
use crate::app::remote::publish;
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::host::{Signals, Watch, Wrapper};
use crate::ledger::Batch;
use crate::model::concern::{Standing, about, concern};
use crate::model::event::Entry;
use crate::model::resource::Resource;
use crate::model::text::name;

/// Changes of files wake it; this is for signals, and for a reader that is gone.
const TICK: Duration = Duration::from_millis(400);
/// How often it looks although no change was noticed: not all file systems report them.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After this many looks in a row that fail, it ends.
const FAILURES_MAX: u32 = 10;
/// How soon a remote is looked at again at first, and at the latest.
const POLL_THERE_FIRST: Duration = Duration::from_secs(5);
const POLL_THERE_MAX: Duration = Duration::from_secs(60);

/// Whether it goes on after a look.
enum Flow {
    On,
    Ends,
}

struct Follower<'f> {
    context: &'f Context,
    request: &'f Request,
    sink: &'f Sink<'f>,
    reader: Reader<'f>,
    freed: Freed,
    wrapper: Wrapper,
    lines: usize,
    /// How many looks in a row have failed.
    failures: u32,
    /// Refs that cannot be read and of which the user was told.
    told_unreadable: Vec<String>,
    /// Why what other clones do is not known, as said last.
    told_problem: Option<String>,
}

/// Tells what happens until it is interrupted, or what is new.
pub fn execute(context: &Context, request: &Request, sink: &Sink<'_>) -> Result<Followed, Failure> {
    crate::ledger::survive_signals();
    let signals = Signals::watch();
    let wrapper = context.host.wrapper();
    let mut watch = Watch::on(&context.ledger.tracking().watched());
    let _ = publish::known_after_first_look(context);
    let (reader, first) = Reader::begin(context, request)?;
    let mut follower = Follower {
        freed: Freed::begin(context, request, &reader)?,
        context,
        request,
        sink,
        reader,
        wrapper,
        lines: 0,
        failures: 0,
        told_unreadable: Vec::new(),
        told_problem: None,
    };
    if let Some(batch) = first
        && matches!(follower.deliver(batch)?, Flow::Ends)
    {
        return Ok(follower.ended());
    }
    if request.until != Until::CaughtUp {
        follower.go_on(&signals, &mut watch)?;
    }
    Ok(follower.ended())
}

impl Follower<'_> {
    fn ended(&self) -> Followed {
        Followed {
            lines: self.lines,
            has_caught_up: self.request.until == Until::CaughtUp,
        }
    }

    fn go_on(&mut self, signals: &Signals, watch: &mut Watch) -> Result<(), Failure> {
        let host = self.context.host;
        let ends_at = match self.request.until {
            Until::First(span) => Some(host.elapsed() + span),
            Until::CaughtUp | Until::Interrupted => None,
        };
        self.say_what_is_not_known();
        if ends_at.is_some() {
            self.say_if_alone();
        }
        let (mut every, mut look_at) = (POLL_THERE_FIRST, Duration::ZERO);
        let mut fetch_at = host.elapsed() + every;
        let mut may_differ = true;
        loop {
            if may_differ || host.elapsed() >= look_at {
                if matches!(self.look()?, Flow::Ends) {
                    return Ok(());
                }
                look_at = host.elapsed() + LOOK_EVERY;
            }
            if signals.received() {
                return match ends_at {
                    Some(_) => Err(interrupted()),
                    None => Ok(()),
                };
            }
            if ends_at.is_some_and(|ends_at| host.elapsed() >= ends_at) {
                return Err(self.nothing_came());
            }
            if host.stdout_is_closed() || self.wrapper.is_gone() {
                return Ok(());
            }
            if host.elapsed() >= fetch_at {
                self.fetch();
                every = POLL_THERE_MAX.min(every * 3 / 2);
                fetch_at = host.elapsed() + every;
            }
            let left = ends_at.map(|ends_at| ends_at.saturating_sub(host.elapsed()));
            may_differ = watch.wait(left.map_or(TICK, |left| left.min(TICK)));
        }
    }

    /// Fetches beside this process: what happens here is told meanwhile.
    fn fetch(&mut self) {
        self.say_what_is_not_known();
        if self.context.upstream.name().is_some() {
            // Without `presence.autoSync` nothing is sent, and what is asked for is brought.
            let halves = match self.context.config.sync.auto {
                true => Halves::Both,
                false => Halves::Fetch,
            };
            Background::Sync(halves).start(self.context);
        }
    }

    /// Says once why the last fetch brought nothing. A wait is silent until it ends.
    fn say_what_is_not_known(&mut self) {
        let known = known(self.context);
        let problem = known.problem().map(str::to_owned);
        if self.told_problem == problem || self.request.until != Until::Interrupted {
            return;
        }
        if let Some(why) = &problem {
            let remote = name(known.remote().unwrap_or_default());
            let line = format!("what other clones do at {remote} is not known: {why}");
            (self.sink.notify)(&line);
        }
        self.told_problem = problem;
    }

    /// Says that what is waited for can only come from a session that is not here yet.
    fn say_if_alone(&self) {
        if company::is_alone(self.context) {
            (self.sink.notify)(company::ALONE);
        }
    }

    fn look(&mut self) -> Result<Flow, Failure> {
        match self.reader.look(self.context) {
            Ok(batch) => {
                self.failures = 0;
                self.deliver(batch)
            }
            // What cannot be read now may be readable at the next look.
            Err(_) if self.failures < FAILURES_MAX => {
                self.failures += 1;
                Ok(Flow::On)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Tells what is new of what is asked for.
    fn deliver(&mut self, batch: Batch) -> Result<Flow, Failure> {
        self.say_unreadable(&batch);
        let new = |entry: &&Entry| !self.reader.was_written(&entry.commit);
        let events: Vec<&Entry> = batch.events.iter().filter(new).collect();
        let standing = self.standing(&events)?;
        if let Some(why) = batch.gap.filter(|_| !self.reader.has_told_gap()) {
            let at = self.context.now();
            if let Flow::Ends = self.tell(&Told::Gap { why, at })? {
                return Ok(Flow::Ends);
            }
            self.reader.note_gap()?;
        }
        let told_free = match self.tell_events(&events, standing.as_ref())? {
            Some(told_free) => told_free,
            None => return Ok(Flow::Ends),
        };
        let was_gap = batch.gap.is_some();
        self.reader.advance(batch.next);
        if let Some(standing) = standing {
            for resource in self.freed.newly(&standing, &told_free) {
                let at = self.context.now();
                if let Flow::Ends = self.tell(&Told::Free { resource, at })? {
                    return Ok(Flow::Ends);
                }
            }
        }
        self.reader.save(self.freed.busy())?;
        let ends_with_gap = was_gap && matches!(self.request.until, Until::First(_));
        match self.has_enough() || ends_with_gap {
            true => Ok(Flow::Ends),
            false => Ok(Flow::On),
        }
    }

    /// Tells the events that are asked for. Returns what they are about; `None` if it ends here.
    fn tell_events(
        &mut self,
        events: &[&Entry],
        standing: Option<&Standing>,
    ) -> Result<Option<Vec<Resource>>, Failure> {
        let mut about: Vec<Resource> = Vec::new();
        let mut asides = aside::of(self.context, events.iter().copied());
        // What is not asked for is passed with the next line.
        let mut passed: Vec<&str> = Vec::new();
        for entry in events {
            passed.push(&entry.commit);
            let event = &entry.event;
            let why = standing.map(|standing| concern(event, standing));
            if why == Some(None) || !self.request.query.accepts(event) {
                continue;
            }
            about.extend(event.resources.iter().chain(&event.expired).cloned());
            let told = Told::Event {
                entry: Box::new((*entry).clone()),
                concern: why.flatten(),
                aside: asides.remove(&entry.commit).unwrap_or_default(),
            };
            if let Flow::Ends = self.tell(&told)? {
                return Ok(None);
            }
            self.reader.note_written(&std::mem::take(&mut passed))?;
            if self.has_enough() {
                return Ok(None);
            }
        }
        Ok(Some(about))
    }

    /// Returns what the session that asks has and waits for, if that decides what is told.
    fn standing(&mut self, events: &[&Entry]) -> Result<Option<Standing>, Failure> {
        if !self.request.query.is_for_me {
            return Ok(None);
        }
        let me = &self.context.me.id;
        let of_others = events.iter().filter(|entry| entry.event.session != *me);
        let about = of_others.flat_map(|entry| about(&entry.event));
        let about: Vec<Resource> = about.collect();
        let awaited = self.freed.candidates(self.context)?;
        let mut standing = standing::about(self.context, &about, &awaited)?;
        let is_addressed = |entry: &&Entry| !entry.event.kind.details().addresses.is_empty();
        if events.iter().any(is_addressed) {
            standing::add_predecessors(self.context, &mut standing)?;
        }
        Ok(Some(standing))
    }

    fn tell(&mut self, told: &Told) -> Result<Flow, Failure> {
        match (self.sink.tell)(told)? {
            Heard::Gone => return Ok(Flow::Ends),
            Heard::Written => self.lines += usize::from(!matches!(told, Told::Gap { .. })),
        }
        Ok(Flow::On)
    }

    fn has_enough(&self) -> bool {
        let at_most = match self.request.until {
            Until::First(_) => 1,
            Until::CaughtUp | Until::Interrupted => self.request.query.count,
        };
        self.lines >= at_most
    }

    /// Says once of each ref that it cannot be read: what it has is not told.
    fn say_unreadable(&mut self, batch: &Batch) {
        for (at, why) in &batch.unreadable {
            if !self.told_unreadable.contains(at) && self.told_unreadable.len() < UNREADABLE_MAX {
                let line = format!("{} is not told: {why}; see git presence doctor", name(at));
                (self.sink.notify)(&line);
                self.told_unreadable.push(at.clone());
            }
        }
    }

    fn nothing_came(&self) -> Failure {
        let span = match self.request.until {
            Until::First(span) => span.as_secs(),
            Until::CaughtUp | Until::Interrupted => 0,
        };
        let error = anyhow::anyhow!("nothing happened within {span} s");
        let failure = Failure::new(Kind::Contended, error);
        let failure = match company::is_alone(self.context) {
            true => failure.hint("do other work meanwhile: no other session is here"),
            false => failure,
        };
        match (&self.request.start, self.request.query.is_for_me) {
            (Start::Cursor(_), _) => {
                failure.hint("wait again with the same command: nothing is lost in between")
            }
            (_, true) => failure.hint(
                "wait again, and lose nothing in between: git presence log --wait --for-me \
                 --cursor news",
            ),
            (_, false) => failure.hint(
                "wait again, and lose nothing in between: git presence log --wait --cursor news",
            ),
        }
    }
}

/// The most refs that are said to be unreadable.
const UNREADABLE_MAX: usize = 16;

fn interrupted() -> Failure {
    Failure::new(Kind::Contended, anyhow::anyhow!("interrupted"))
}
