//! Sessions in the ledger.
//!
//! Owns the sessions of the board, and the one write path: read, decide, write, swap, in a bounded
//! loop that decides again on fresh state. Never decides what a request does to a session.

pub mod cache;
mod place;
pub mod read;
pub mod write;

use crate::clock::Clock;
use crate::ledger::error::LedgerError;
use crate::ledger::kind::Namespace;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::records::SESSIONS;
use crate::ledger::refs::{RefValue, SwapError};
use crate::ledger::sessions::read::Stored;
use crate::ledger::sessions::write::Write;
use crate::ledger::store::Ledger;
use crate::model::actor::Actor;
use crate::model::board::{Board, Pending};
use crate::model::refusal::Refusal;
use crate::model::session::{Request, Session, Step, step};
use crate::model::time::{Timestamp, Ttl};
use crate::model::unreadable::{Defect, Unreadable};

/// How often a write is tried before it is reported as contended.
const ROUNDS_MAX: u32 = 16;
/// The longest pause after the first failed attempt; it doubles with each.
const PAUSE_FIRST_MILLIS: u64 = 5;
const PAUSE_MILLIS_MAX: u64 = 500;

/// How often a session that moves on while it is read is followed.
const REREADS_MAX: u32 = 5;

/// What a pure decision answers: a step to write, nothing to do, or no.
pub type Decision = Result<Option<Step>, Refusal>;

/// A decision as the write path asks for it: over all that stands under the ref.
type Decide<'d> = &'d mut dyn FnMut(
    Option<&Stored>,
    Timestamp,
) -> Result<Result<Option<Write>, Refusal>, LedgerError>;

/// What became of a write.
#[derive(Debug)]
pub enum Outcome {
    Written(Box<Step>),
    NothingToDo,
    Refused(Refusal),
}

/// The sessions of this clone, and the one write path to them.
pub struct Sessions<'l> {
    ledger: &'l Ledger,
}

impl Ledger {
    /// The sessions of this clone.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions { ledger: self }
    }
}

impl Sessions<'_> {
    /// The sessions of this clone, as they stand here; what cannot be read is none.
    pub fn own(&self) -> Result<Vec<Session>, LedgerError> {
        let Some(node) = self.ledger.node() else {
            return Ok(Vec::new());
        };
        let local = self.ledger.refs.list(&SESSIONS.prefix())?;
        let mut parsed = self.ledger.session_cache(local.len());
        let mut own = Vec::new();
        for (name, value) in local {
            let session = match parsed.find(&name, &value) {
                Some(session) => Some(session),
                None => {
                    let stored = self.ledger.stored_now(&name, value, &|_| true)?;
                    stored.ok().flatten().map(|stored| stored.session)
                }
            };
            own.extend(session.filter(|session| session.who.node == node));
        }
        Ok(own)
    }

    /// The ref of a session, here and on every remote.
    pub fn ref_name(&self, who: &Actor) -> String {
        SESSIONS.owned_ref(&who.id, who.node)
    }

    /// The session of `who`, as this clone last wrote it.
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

    /// The one write path: read, decide, write, swap; decided again on fresh state when the swap
    /// is lost.
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
    /// The write path to the refs that sessions of this clone own.
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
        for _ in 0..ROUNDS_MAX {
            // Another process may have given this clone a new name since `who` was made.
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
        Err(LedgerError::Contended {
            rounds: ROUNDS_MAX,
            last,
        })
    }

    pub(in crate::ledger) fn board_of_sessions(
        &self,
        wanted: &dyn Fn(&[TreeFile]) -> bool,
    ) -> Result<Board, LedgerError> {
        let mut board = Board::default();
        board.unreadable = self.read_sessions(wanted, &mut |session, pending| {
            board.sessions.push(session);
            board.pending.extend(pending);
        })?;
        Ok(board)
    }

    /// Reads the sessions one after the other, each with those of its claims that the remote does
    /// not have yet. Returns what could not be read.
    pub(in crate::ledger) fn read_sessions(
        &self,
        wanted: &dyn Fn(&[TreeFile]) -> bool,
        each: &mut dyn FnMut(Session, Vec<Pending>),
    ) -> Result<Vec<Unreadable>, LedgerError> {
        let places = self.places(&SESSIONS)?;
        let mut parsed = self.session_cache(places.len());
        let mut read = Board::default();
        for place in places {
            self.read_place(&place, wanted, &mut parsed, &mut read)?;
            if let Some(session) = read.sessions.pop() {
                each(session, std::mem::take(&mut read.pending));
            }
        }
        self.keep_cache(parsed);
        Ok(read.unreadable)
    }

    /// A session of ours, and where its ref stands now if it has one. A clone that took a new name
    /// goes on from what stands under the one before; where somebody removed the ref (`git fetch
    /// --prune refs/presence/*:refs/presence/*` does), from what the remote has.
    fn own_stored(
        &self,
        namespace: &Namespace,
        who: &Actor,
    ) -> Result<(Option<Stored>, Option<gix::ObjectId>), LedgerError> {
        let name = namespace.owned_ref(&who.id, who.node);
        let former = self.former_names().into_iter();
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
        Ok((self.read_own(&at, value)?, None))
    }

    fn read_own(&self, at: &str, value: RefValue) -> Result<Option<Stored>, LedgerError> {
        let stored = self.stored_now(at, value, &|_| true)?;
        stored.map_err(LedgerError::Unreadable)
    }

    /// Read a session, and read it again where it has moved on since its ref was read: a heartbeat
    /// that was replaced may have been pruned meanwhile. Only what stays unreadable is damage.
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
        // Before anything is written: objects for a swap in vain would only be in the way.
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
        Ok(Outcome::Written(Box::new(write.step)))
    }
}

/// Whether nothing was missing; what is malformed stays so however often it is read.
fn is_whole(stored: &Result<Option<Stored>, Unreadable>) -> bool {
    let dangles = |unreadable: &Unreadable| matches!(unreadable.defect, Defect::Dangling { .. });
    match stored {
        Ok(Some(stored)) => !stored.unreadable.iter().any(dangles),
        Ok(None) => true,
        Err(_) => false,
    }
}
