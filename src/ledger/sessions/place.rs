//! Sessions with both a ref and a tracking ref.
//!
//! Owns which of the two counts when a [`Board`] is read, and which claims the remote does not have
//! yet. Never rewrites the session of another clone.

use crate::ledger::error::LedgerError;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::refs::RefValue;
use crate::ledger::remote::tracking::RefPair;
use crate::ledger::sessions::cache::SessionCache;
use crate::ledger::sessions::digest::mail_of;
use crate::ledger::sessions::read::Stored;
use crate::ledger::store::Ledger;
use crate::model::board::{Board, Pending};
use crate::model::resource::Resource;
use crate::model::session::Session;
use crate::model::unreadable::Unreadable;

/// A filter of sessions by the files in their trees.
type TreeFilter<'w> = &'w dyn Fn(&[TreeFile]) -> bool;

/// A session as it was read; `None` if it does not exist.
type Read = Result<Option<Stored>, Unreadable>;

impl Ledger {
    /// Adds one session to the board: of this clone from its ref, of another clone from the
    /// tracking ref. A stray local copy (of `fetch refs/presence/*:refs/presence/*`) counts only if
    /// it is newer.
    pub(in crate::ledger) fn read_place(
        &self,
        place: &RefPair,
        wanted: TreeFilter<'_>,
        parsed: &mut SessionCache,
        board: &mut Board,
    ) -> Result<(), LedgerError> {
        let has_two = place.local != RefValue::Absent && place.tracked != RefValue::Absent;
        if !has_two || place.local == place.tracked {
            let value = match &place.local {
                RefValue::Absent => &place.tracked,
                local => local,
            };
            // If there is a remote and it has no copy, no other clone can see this session.
            let hidden = self.remote.is_some() && place.tracked == RefValue::Absent;
            let known = parsed.find(&place.name, value);
            if let Some((session, mail)) = known.filter(|(session, _)| self.is_in_time(session)) {
                if hidden {
                    self.note_all_pending(&session, board);
                }
                let who = &session.who;
                board.mail.add(&place.name, (&who.id, who.node), mail);
                board.sessions.push(session);
                return Ok(());
            }
            let at = match place.local {
                RefValue::Absent => self.tracking_name(&place.name),
                _ => place.name.clone(),
            };
            let all_are_kept = |files: &[TreeFile]| parsed.is_used() || wanted(files);
            let stored = self.stored_now(&at, value.clone(), &all_are_kept)?;
            if let Ok(Some(stored)) = &stored {
                if hidden {
                    self.note_all_pending(&stored.session, board);
                }
                if stored.unreadable.is_empty() && value.id() == Some(stored.tree.tip) {
                    let mail = mail_of(&place.name, &stored.tree.files);
                    parsed.add(&place.name, value, (&stored.session, mail));
                }
            }
            put(&place.name, stored.transpose(), board);
            return Ok(());
        }
        let (_, stored) = self.one_of_two(place)?;
        if let Ok(Some(stored)) = &stored {
            self.note_pending(stored, &self.files_of(&place.tracked), board);
        }
        put(&place.name, stored.transpose(), board);
        Ok(())
    }

    /// Reads the copy of a session that counts, and returns the name of its ref, too.
    pub(in crate::ledger) fn counting(
        &self,
        place: &RefPair,
    ) -> Result<(String, Read), LedgerError> {
        let (at, value) = match (&place.local, &place.tracked) {
            (RefValue::Absent, there) => (self.tracking_name(&place.name), there),
            (here, there) if *there == RefValue::Absent || here == there => {
                (place.name.clone(), here)
            }
            _ => return self.one_of_two(place),
        };
        let stored = self.stored_now(&at, value.clone(), &|_| true)?;
        Ok((at, stored))
    }

    /// Reads the copy that counts of two that differ.
    fn one_of_two(&self, place: &RefPair) -> Result<(String, Read), LedgerError> {
        let here = self.stored_now(&place.name, place.local.clone(), &|_| true)?;
        let local = match here {
            Ok(Some(local)) if !self.is_ours(&local.session) => local,
            ours_or_none => return Ok((place.name.clone(), ours_or_none)),
        };
        let at = self.tracking_name(&place.name);
        let there = self.stored_now(&at, place.tracked.clone(), &|_| true)?;
        let seen_at = local.session.seen_at;
        if matches!(&there, Ok(Some(there)) if there.session.seen_at < seen_at) {
            return Ok((place.name.clone(), Ok(Some(local))));
        }
        Ok((at, there))
    }

    pub(in crate::ledger) fn files_of(&self, value: &RefValue) -> Vec<TreeFile> {
        let RefValue::At(tip) = value else {
            return Vec::new();
        };
        let commit = self.objects.read_commit(*tip);
        let files = commit.and_then(|commit| self.objects.read_tree(commit.tree));
        files.unwrap_or_default()
    }

    /// Marks all claims of a session as pending, because the remote does not have the session.
    fn note_all_pending(&self, session: &Session, board: &mut Board) {
        if self.is_ours(session) {
            let claims = session.claims.iter();
            board
                .pending
                .extend(claims.map(|claim| pending(session, &claim.resource)));
        }
    }

    /// Marks those claims as pending whose record the remote does not have; it may lack other
    /// changes of the session.
    fn note_pending(&self, stored: &Stored, there: &[TreeFile], board: &mut Board) {
        if !self.is_ours(&stored.session) {
            return;
        }
        for claim in &stored.claims {
            let same = |file: &TreeFile| file.name == claim.file.name && file.id == claim.file.id;
            if !there.iter().any(same) {
                let resource = &claim.record.resource;
                board.pending.push(pending(&stored.session, resource));
            }
        }
    }
}

fn pending(session: &Session, resource: &Resource) -> Pending {
    Pending {
        session: session.who.id.clone(),
        node: session.who.node,
        resource: resource.clone(),
    }
}

fn put(name: &str, stored: Option<Result<Stored, Unreadable>>, board: &mut Board) {
    match stored {
        None => {}
        Some(Ok(mut stored)) => {
            let who = &stored.session.who;
            let mail = mail_of(name, &stored.tree.files);
            board.mail.add(name, (&who.id, who.node), mail);
            board.unreadable.append(&mut stored.unreadable);
            board.sessions.push(stored.session);
        }
        Some(Err(unreadable)) => board.unreadable.push(unreadable),
    }
}
