//! Sessions in the ledger.
//!
//! Owns [`Sessions`], the sessions of the board, and the one write path: read, decide, write, swap,
//! in a bounded loop that decides again on fresh state. Never decides what a request does to a
//! session.

pub(crate) mod cache;
mod digest;
pub(super) mod named;
mod place;
pub(crate) mod read;
pub(crate) mod write;

use crate::clock::Clock;
use crate::ledger::error::LedgerError;
use crate::ledger::kind::Namespace;
use crate::ledger::local::news::of_step;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::records::SESSIONS;
use crate::ledger::refs::{RefValue, SwapError};
use crate::ledger::sessions::read::Stored;
use crate::ledger::sessions::write::Write;
use crate::ledger::store::Ledger;
use crate::model::actor::Actor;
use crate::model::board::{Board, Pending};
use crate::model::message::digest::MailDigest;
use crate::model::refusal::Refusal;
use crate::model::session::{Request, Session, Step, step};
use crate::model::time::{Timestamp, Ttl};
use crate::model::unreadable::{Defect, Unreadable};

/// The most attempts of a write before it is reported as contended.
const ROUNDS_MAX: u32 = 16;
/// The longest pause after the first failed attempt; it doubles with each.
const PAUSE_FIRST_MILLIS: u64 = 5;
const PAUSE_MILLIS_MAX: u64 = 500;

/// How often a session is read again whose ref moves while it is read.
const REREADS_MAX: u32 = 5;

/// The result of a pure decision: a step to write, `None` if there is nothing to do, or a refusal.
pub type Decision = Result<Option<Step>, Refusal>;

/// A decision as the write path calls it: given the session as it is stored, and the time.
type Decide<'d> = &'d mut dyn FnMut(
    Option<&Stored>,
    Timestamp,
) -> Result<Result<Option<Write>, Refusal>, LedgerError>;

/// The result of a write.
#[derive(Debug)]
pub enum Outcome {
    /// The step was written.
    Written(Box<Step>),
    /// The decision had nothing to change; nothing was written.
    NothingToDo,
    /// The decision refused the request; nothing was written.
    Refused(Refusal),
}

/// What was found besides the sessions.
pub(in crate::ledger) struct Read {
    /// The records that could not be read.
    pub(in crate::ledger) unreadable: Vec<Unreadable>,
    /// See [`Board::mail`].
    pub(in crate::ledger) mail: MailDigest,
}

/// The sessions of this clone, and the one write path to them.
pub struct Sessions<'l> {
    ledger: &'l Ledger,
}

impl Ledger {
    /// Returns the sessions of this clone.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions { ledger: self }
    }
}

impl Sessions<'_> {
    /// Returns the sessions of this clone, from its own refs. Sessions that cannot be read are left
    /// out.
    pub fn own(&self) -> Result<Vec<Session>, LedgerError> {
        let Some(node) = self.ledger.node() else {
            return Ok(Vec::new());
        };
        let local = self.ledger.refs.list(&SESSIONS.prefix())?;
        let mut parsed = self.ledger.session_cache(local.len());
        let mut own = Vec::new();
        for (name, value) in local {
            let session = match parsed.find(&name, &value) {
                Some((session, _)) => Some(session),
                None => {
                    let stored = self.ledger.stored_now(&name, value, &|_| true)?;
                    stored.ok().flatten().map(|stored| stored.session)
                }
            };
            own.extend(session.filter(|session| session.who.node == node));
        }
        Ok(own)
    }

    /// Returns the name of the ref of a session, here and on every remote.
    pub fn ref_name(&self, who: &Actor) -> String {
        SESSIONS.owned_ref(&who.id, who.node)
    }

    /// Returns the session of `who`, as this clone last wrote it.
    pub fn get(&self, who: &Actor) -> Result<Option<Session>, LedgerError> {
        let (stored, _) = self.ledger.own_stored(&SESSIONS, who)?;
        Ok(stored.map(|stored| stored.session))
    }

    /// Applies a request to the session of `who`, which lasts for `ttl` from now.
    pub fn apply(
        &self,
        clock: &dyn Clock,
        who: &Actor,
        request: &Request,
        ttl: Ttl,
    ) -> Result<Outcome, LedgerError> {
        let mut decide =
            |before: Option<&Session>, now: Timestamp| step(before, who, request, now, ttl);
        self.update(clock, who, &mut decide)
    }

    /// Changes the session of `who`: reads, decides, writes and swaps. Calls `decide` again on
    /// fresh state when the swap is lost. Fails with [`LedgerError::Contended`] after 16 attempts.
    pub fn update(
        &self,
        clock: &dyn Clock,
        who: &Actor,
        decide: &mut dyn FnMut(Option<&Session>, Timestamp) -> Decision,
    ) -> Result<Outcome, LedgerError> {
        let mut decide = |before: Option<&Stored>, now| {
            let step = decide(before.map(|stored| &stored.session), now);
            Ok(step.map(|step| step.map(Write::from)))
        };
        self.ledger.update(clock, &SESSIONS, who, &mut decide)
    }
}

impl Ledger {
    /// Changes a session and the records beside it, in a namespace whose refs are owned.
    pub(in crate::ledger) fn update(
        &self,
        clock: &dyn Clock,
        namespace: &'static Namespace,
        who: &Actor,
        decide: Decide<'_>,
    ) -> Result<Outcome, LedgerError> {
        self.may_write()?;
        let mut pause_millis_max = PAUSE_FIRST_MILLIS;
        let mut last = SwapError::Lost(namespace.owned_ref(&who.id, who.node));
        let mut rounds = 0;
        while rounds < ROUNDS_MAX && (rounds == 0 || clock.may_wait()) {
            rounds += 1;
            // Another process may have given this clone a new node id since `who` was made.
            let now_called = Actor {
                node: self.node().unwrap_or(who.node),
                ..who.clone()
            };
            match self.attempt(clock, namespace, &now_called, decide) {
                Err(LedgerError::Swap(error @ (SwapError::Lost(_) | SwapError::Busy(_)))) => {
                    last = error;
                }
                done => return done,
            }
            clock.pause(pause_millis_max);
            pause_millis_max = PAUSE_MILLIS_MAX.min(pause_millis_max * 2);
        }
        Err(LedgerError::Contended { rounds, last })
    }

    /// Returns a board with the sessions whose files `wanted` accepts, and without locks.
    pub(in crate::ledger) fn board_of_sessions(
        &self,
        wanted: &dyn Fn(&[TreeFile]) -> bool,
    ) -> Result<Board, LedgerError> {
        let mut board = Board {
            margin_secs: self.margin_secs,
            ..Board::default()
        };
        let read = self.read_sessions(wanted, &mut |session, pending| {
            board.sessions.push(session);
            board.pending.extend(pending);
        })?;
        board.unreadable = read.unreadable;
        board.mail = read.mail;
        Ok(board)
    }

    /// Reads the sessions one by one, each with those of its claims that the remote does not have
    /// yet. Returns what else there is.
    pub(in crate::ledger) fn read_sessions(
        &self,
        wanted: &dyn Fn(&[TreeFile]) -> bool,
        each: &mut dyn FnMut(Session, Vec<Pending>),
    ) -> Result<Read, LedgerError> {
        let mut places = self.places(&SESSIONS)?;
        // Those of this clone first: the time may not be enough for all.
        if self.has_little_time() {
            places.sort_by_key(|place| place.local == RefValue::Absent);
        }
        let count = places.len();
        let mut parsed = self.session_cache(count);
        let mut read = Board::default();
        // A name that was read makes room for what is kept of its session.
        for (at, place) in places.into_iter().enumerate() {
            if let Some(rest) = self.left_out(&SESSIONS, count - at) {
                read.unreadable.push(rest);
                break;
            }
            let read_one = || self.read_place(&place, wanted, &mut parsed, &mut read);
            self.objects.using_copies(read_one)?;
            if let Some(session) = read.sessions.pop() {
                each(session, std::mem::take(&mut read.pending));
            }
        }
        self.keep_cache(parsed);
        Ok(Read {
            unreadable: read.unreadable,
            mail: read.mail,
        })
    }

    /// Returns a session of this clone, and the tip of its ref if it has one. A clone that took a
    /// new node id continues from the ref under the former one. If the ref was removed (`git fetch
    /// --prune refs/presence/*:refs/presence/*` does that), it continues from the tracking ref, if
    /// that is what this clone pushed.
    fn own_stored(
        &self,
        namespace: &Namespace,
        who: &Actor,
    ) -> Result<(Option<Stored>, Option<gix::ObjectId>), LedgerError> {
        let name = namespace.owned_ref(&who.id, who.node);
        // Mostly there is a ref under the present name, and the former ones are not read.
        let former = std::iter::once_with(|| self.former_names()).flatten();
        let former = former.map(|node| namespace.owned_ref(&who.id, node));
        for at in std::iter::once(name.clone()).chain(former) {
            let value = self.refs.read(&at)?;
            if value != RefValue::Absent {
                let stored = self.read_own(&at, value)?;
                let tip = stored.as_ref().map(|stored| stored.tree.tip);
                return Ok((stored, tip.filter(|_| at == name)));
            }
        }
        let (at, value) = self.read_tracked(&name)?;
        if matches!(value, RefValue::At(_)) && !self.has_sent(&name, &value) {
            return Ok((None, None));
        }
        Ok((self.read_own(&at, value)?, None))
    }

    fn read_own(&self, at: &str, value: RefValue) -> Result<Option<Stored>, LedgerError> {
        let stored = self.stored_now(at, value, &|_| true)?;
        stored.map_err(LedgerError::Unreadable)
    }

    /// Reads a session, and reads it again if its ref moved meanwhile: a heartbeat that was
    /// replaced may have been pruned. Only a record that stays unreadable is damaged.
    pub(in crate::ledger) fn stored_now(
        &self,
        name: &str,
        mut value: RefValue,
        wanted: &dyn Fn(&[TreeFile]) -> bool,
    ) -> Result<Result<Option<Stored>, Unreadable>, LedgerError> {
        let mut stored = self.stored_if(name, &value, wanted);
        for _ in 0..REREADS_MAX {
            if is_whole(&stored) {
                break;
            }
            let again = self.refs.read(name)?;
            if again == value {
                break;
            }
            value = again;
            stored = self.stored_if(name, &value, wanted);
        }
        Ok(stored)
    }

    fn attempt(
        &self,
        clock: &dyn Clock,
        namespace: &Namespace,
        who: &Actor,
        decide: Decide<'_>,
    ) -> Result<Outcome, LedgerError> {
        let name = &namespace.owned_ref(&who.id, who.node);
        // Before anything is written: objects for a swap that cannot succeed would be garbage.
        if self.refs.is_locked(name, clock.now()) {
            return Err(SwapError::Busy(format!("{name}.lock")).into());
        }
        let (stored, expected) = self.own_stored(namespace, who)?;
        let mut write = match decide(stored.as_ref(), clock.now())? {
            Ok(Some(write)) => write,
            Ok(None) => return Ok(Outcome::NothingToDo),
            Err(refusal) => return Ok(Outcome::Refused(refusal)),
        };
        write.step.session.who.node = who.node;
        self.write(clock, namespace, (stored.as_ref(), expected), &write)?;
        let before = stored.as_ref().map(|stored| &stored.session);
        // What cannot be noted is not told; the change itself stands.
        let _ = self.news(&who.id).append(&of_step(before, &write.step));
        Ok(Outcome::Written(Box::new(write.step)))
    }
}

/// Whether no object was missing; a malformed record stays malformed however often it is read.
fn is_whole(stored: &Result<Option<Stored>, Unreadable>) -> bool {
    let dangles = |unreadable: &Unreadable| matches!(unreadable.defect, Defect::Dangling { .. });
    match stored {
        Ok(Some(stored)) => !stored.unreadable.iter().any(dangles),
        Ok(None) => true,
        Err(_) => false,
    }
}
