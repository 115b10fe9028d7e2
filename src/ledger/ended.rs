//! Sessions that are over, as refs of this clone and of the remote.
//!
//! Owns [`Ended`]: which refs a fold removes, and removing those of this clone. What is in force,
//! states that count included, and what cannot be read, is never among them. Never contacts a
//! remote.

use std::cell::OnceCell;

use gix::ObjectId;

use crate::ledger::archive::Leaving;
use crate::ledger::error::LedgerError;
use crate::ledger::records::SESSIONS;
use crate::ledger::refs::{RefValue, SwapError};
use crate::ledger::store::Ledger;
use crate::model::board::Board;
use crate::model::lock::Lock;
use crate::model::message::post::Post;
use crate::model::retention::{Witnesses, holds_a_lock};
use crate::model::session::Session;
use crate::model::standing::{Said, needed};
use crate::model::time::Timestamp;

/// A session that is over.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The name of its ref.
    pub name: String,
    /// Its history.
    pub leaving: Leaving,
    /// Its ref in this clone; `None` for a session of another clone, and for one whose ref is gone.
    pub local: Option<ObjectId>,
    /// Its ref at the remote, as of the last fetch.
    pub tracked: Option<ObjectId>,
}

/// The sessions of a board, counted, and those that are over.
#[derive(Debug, Default)]
pub struct Endings {
    /// The sessions that are over, in the order of their names.
    pub ended: Vec<Ended>,
    /// How many sessions there are in all.
    pub sessions: usize,
}

/// A session of the board, with its refs.
struct Standing {
    session: Session,
    name: String,
    local: Option<ObjectId>,
    tracked: Option<ObjectId>,
    /// Whether it has messages, or has read any.
    has_mail: bool,
}

impl Ledger {
    /// Returns the sessions that are over as of `now`. With `trusts_clock` no other clone has to
    /// show that it is that late. Fails if refs cannot be listed.
    pub fn endings(&self, now: Timestamp, trusts_clock: bool) -> Result<Endings, LedgerError> {
        let locks = self.locks().list_held()?.into_iter().filter_map(Result::ok);
        let locks: Vec<Lock> = locks.flat_map(|cell| cell.cell.locks).collect();
        let all = self.standing()?;
        let said = all.iter().flat_map(|one| Said::all_of(&one.session));
        let needed = needed(said, now);
        let mut witnesses = Witnesses::default();
        for Standing { session, .. } in &all {
            witnesses.add(session.who.node, session.seen_at);
        }
        let is_over = |session: &Session| {
            let node = session.who.node;
            let over = match self.node() {
                Some(own) if own == node => self.retention.is_own_over(session, now),
                own => {
                    let third = witnesses.besides([own.unwrap_or(node), node], now);
                    let witnessed = if trusts_clock { Some(now) } else { third };
                    self.retention.is_foreign_over(session, now, witnessed)
                }
            };
            let is_needed = needed.contains(&(session.who.id.clone(), node));
            over && !holds_a_lock(session, &locks, now) && !is_needed
        };
        let sessions = all.len();
        let post = OnceCell::new();
        let is_heard = |one: &Standing| {
            let post = post.get_or_init(|| self.mail().map(|mail| mail.post).ok());
            let who = &one.session.who;
            let is_heir_waited_for = |post: &Post| {
                let heir = || self.superseded_by(&who.id, who.node);
                post.is_waited_for(&who.id, now) && heir().is_some()
            };
            // What cannot be read is in force.
            post.as_ref().is_some_and(|post| {
                !post.waits_for_a_reader(&who.id, who.node, now) && !is_heir_waited_for(post)
            })
        };
        let has_mail = all.iter().any(|one| one.has_mail);
        let over = all.into_iter().filter(|one| is_over(&one.session));
        let over = over.filter(|one| !has_mail || is_heard(one));
        Ok(Endings {
            ended: over.filter_map(|one| self.ended(one)).collect(),
            sessions,
        })
    }

    /// Returns the refs of a session that is over, if this clone may remove any.
    fn ended(&self, one: Standing) -> Option<Ended> {
        // A stray copy that the user fetched is the user's.
        let local = one.local.filter(|_| self.is_ours(&one.session));
        // What is ahead is pushed first: if its ref went here and not there, the session would
        // begin anew, and what is there would look like that of a copy.
        if local.is_some() && one.tracked.is_some() && local != one.tracked {
            return None;
        }
        Some(Ended {
            leaving: Leaving {
                id: one.session.who.id.as_str().to_owned(),
                tip: local.or(one.tracked)?,
                seen_at: one.session.seen_at,
            },
            name: one.name,
            local,
            tracked: one.tracked,
        })
    }

    /// Reads the sessions that can be read as a whole.
    fn standing(&self) -> Result<Vec<Standing>, LedgerError> {
        let places = self.places(&SESSIONS)?;
        let mut parsed = self.session_cache(places.len());
        let mut all = Vec::new();
        for place in places {
            let mut read = Board::default();
            self.read_place(&place, &|_| true, &mut parsed, &mut read)?;
            if let (Some(session), true) = (read.sessions.pop(), read.unreadable.is_empty()) {
                all.push(Standing {
                    session,
                    name: place.name,
                    local: place.local.id(),
                    tracked: place.tracked.id(),
                    has_mail: !read.mail.is_empty(),
                });
            }
        }
        self.keep_cache(parsed);
        Ok(all)
    }

    /// Removes the refs of this clone of `ended`. Returns the names of those that another process
    /// has moved or locked: their sessions may go on, so nothing else of them may be removed.
    pub fn drop_ended(&self, ended: &[Ended], now: Timestamp) -> Result<Vec<String>, LedgerError> {
        let own = ended.iter();
        let own: Vec<(String, ObjectId)> = own
            .filter_map(|one| Some((one.name.clone(), one.local?)))
            .collect();
        for (name, _) in &own {
            // Removes a lock whose process has ended.
            self.refs.is_locked(name, now);
        }
        self.drop_refs(&own)
    }

    /// Removes the tracking refs of `gone`, which the remote no longer has.
    pub fn drop_tracked(&self, gone: &[(String, ObjectId)]) -> Result<(), LedgerError> {
        let tracked = gone.iter();
        let tracked: Vec<(String, ObjectId)> = tracked
            .filter(|(name, tip)| {
                let found = self.read_tracked(name).map(|(_, value)| value);
                found.is_ok_and(|value| value == RefValue::At(*tip))
            })
            .map(|(name, tip)| (self.tracking_name(name), *tip))
            .collect();
        self.drop_refs(&tracked).map(drop)
    }

    pub(in crate::ledger) fn drop_refs(
        &self,
        refs: &[(String, ObjectId)],
    ) -> Result<Vec<String>, LedgerError> {
        let mut kept = Vec::new();
        for ((name, _), done) in refs.iter().zip(self.refs.remove_all(refs)) {
            match done {
                Ok(()) => {}
                Err(SwapError::Lost(_) | SwapError::Busy(_)) => kept.push(name.clone()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(kept)
    }
}
