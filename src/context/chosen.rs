//! A session under an id that the user chose (`GIT_PRESENCE_SESSION`), perhaps for others as well.
//!
//! Owns when that is looked up: only where the variable is set, and processes are read only if a
//! harness used the id in this clone before. Which session has the id as it is decides
//! `model::shared_id`.

use super::acting::{begin_own, identify};
use super::{Context, OpenOptions};
use crate::clock::Clock as _;
use crate::config::Config;
use crate::failure::Failure;
use crate::host::Host;
use crate::identity::{Chosen, Identity};
use crate::ledger::Ledger;
use crate::model::board::Board;
use crate::model::holding::Asker;
use crate::model::id::SessionId;
use crate::model::shared_id::{HarnessUse, Member, Members, SharedId, told_apart};

/// How a session of a harness takes part in an id that the user chose for it, and perhaps for
/// others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TakesPart {
    /// If it writes, it is one of the sessions under the id from now on.
    #[default]
    FromNowOn,
    /// The harness says that it goes on from a session before it, in the same process.
    GoesOn,
    /// It only asks, or ends.
    AsBefore,
}

/// What a session under a chosen id is judged by.
struct Judge<'c> {
    host: Host,
    config: &'c Config,
    ledger: &'c Ledger,
    id: &'c SessionId,
}

/// Completes the acting session: tells it apart from others under the same chosen id, and begins
/// one of this process where that is asked for. Returns what its user has to know.
pub(super) fn settle(
    host: Host,
    options: &OpenOptions,
    (config, ledger): (&Config, &Ledger),
    me: &mut Identity,
) -> Result<Option<SharedId>, Failure> {
    let shared = match &me.chosen {
        Some(Chosen { id, .. }) if !config.shared_session => {
            let id = id.clone();
            let judge = Judge {
                host,
                config,
                ledger,
                id: &id,
            };
            judge.settle(options, me)?
        }
        _ => None,
    };
    if options.has_own_session {
        begin_own(host, me)?;
    }
    Ok(shared)
}

impl Judge<'_> {
    fn settle(
        &self,
        options: &OpenOptions,
        me: &mut Identity,
    ) -> Result<Option<SharedId>, Failure> {
        let known = self.ledger.chosen(self.id).read();
        if known.is_none() && !options.writes {
            return Ok(None);
        }
        if !options.writes {
            *me = identify(self.host, options, true)?;
        }
        let members = known.unwrap_or_default();
        let Some(who) = me.chosen.as_ref().and_then(|chosen| chosen.by.clone()) else {
            return Ok(self.beside(&members));
        };
        let (member, first) = match members.of(&who) {
            Some(member) => (Some(member.clone()), members.first().cloned()),
            None => self.joined(options, members, who),
        };
        let Some(suffix) = member.and_then(|member| member.suffix) else {
            return Ok(None);
        };
        me.id = told_apart(self.id, &suffix);
        let apart = "another session uses that id here: this one is told apart from it";
        me.explanation.push(apart.to_owned());
        Ok(Some(SharedId::Apart {
            chosen: self.id.clone(),
            id: me.id.clone(),
            first: first.map(|first| first.who.agent),
        }))
    }

    /// Returns what a caller in no harness has to know.
    fn beside(&self, members: &Members) -> Option<SharedId> {
        let first = members.first()?;
        let board = self.ledger.board().ok()?;
        (!self.is_gone(first, &board)).then(|| SharedId::Beside {
            chosen: self.id.clone(),
            first: first.who.agent.clone(),
        })
    }

    /// Adds a session, and returns it and the one that has the id. If that cannot be recorded, it
    /// is what it would have been, and is added by its next write.
    fn joined(
        &self,
        options: &OpenOptions,
        known: Members,
        who: HarnessUse,
    ) -> (Option<Member>, Option<Member>) {
        let chosen = self.ledger.chosen(self.id);
        let records = options.writes && options.takes_part != TakesPart::AsBefore;
        let lock = records.then(|| chosen.lock(&self.host).ok()).flatten();
        let mut members = match &lock {
            Some(_) => chosen.read().unwrap_or_default(),
            None => known,
        };
        if let Ok(board) = self.ledger.board() {
            members.all.retain(|member| !self.is_gone(member, &board));
            let is_free = members.first().is_none() && !self.is_used_outside(&board);
            let goes_on = options.takes_part == TakesPart::GoesOn;
            members.join(who.clone(), self.host.now(), goes_on, is_free);
        }
        if lock.is_some() {
            let _ = chosen.write(&members);
        }
        (members.of(&who).cloned(), members.first().cloned())
    }

    /// Returns true if a session has certainly ended, or gave no sign for as long as a claim lasts
    /// where that cannot be known.
    fn is_gone(&self, member: &Member, board: &Board) -> bool {
        let process = member.who.process.as_ref();
        if let Some(process) = process.filter(|process| process.ends_its_session()) {
            if self.host.is_dead(process, member.at) {
                return true;
            }
            if process.host_id == self.host.host_id() {
                return false;
            }
        }
        let suffix = member.suffix.as_deref();
        let id = suffix.map_or_else(|| self.id.clone(), |suffix| told_apart(self.id, suffix));
        let (now, asker) = (self.host.now(), self.asker(id));
        let mut sessions = board.sessions.iter();
        let is_heard = sessions.any(|session| {
            session.who.id == asker.id
                && Some(session.who.node) == asker.node
                && session.is_live(now)
        });
        let holds = board.live(now).iter().any(|held| asker.owns(held));
        let came_lately = now < member.at.plus_secs(self.config.ttl.as_secs());
        !(is_heard || holds || came_lately)
    }

    /// Returns true if a caller in no harness claims anything under the id.
    fn is_used_outside(&self, board: &Board) -> bool {
        let asker = self.asker(self.id.clone());
        let held = board.live(self.host.now());
        held.iter()
            .any(|held| asker.owns(held) && held.agent.is_none())
    }

    fn asker(&self, id: SessionId) -> Asker {
        Asker {
            id,
            node: self.ledger.node(),
            attempt: None,
        }
    }
}

impl Context {
    /// Notes that the acting session, one of a harness, has ended: another one may have the id that
    /// the user chose.
    pub fn leave_chosen_id(&self) {
        let Some(Chosen { id, by: Some(who) }) = &self.me.chosen else {
            return;
        };
        let chosen = self.ledger.chosen(id);
        let is_member = |members: Members| members.of(who).is_some();
        if !chosen.read().is_some_and(is_member) {
            return;
        }
        // Without the lock it stays until it is seen that its process is gone.
        if let (Ok(_lock), Some(mut members)) = (chosen.lock(&self.host), chosen.read()) {
            let key = members.of(who).map(|member| member.who.key.clone());
            if key.is_some_and(|key| members.leave(&key)) {
                let _ = chosen.write(&members);
            }
        }
    }
}
