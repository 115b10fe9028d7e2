//! A session that stands in two places: here, and in the copy of the remote.
//!
//! Owns which of the two counts, and which claims the remote does not have yet. Never rewrites the
//! session of another clone.

use crate::ledger::error::LedgerError;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::refs::RefValue;
use crate::ledger::remote::tracking::Place;
use crate::ledger::sessions::cache::Parsed;
use crate::ledger::sessions::read::Stored;
use crate::ledger::store::Ledger;
use crate::model::board::{Board, Pending};
use crate::model::resource::Resource;
use crate::model::session::Session;
use crate::model::unreadable::Unreadable;

/// Which trees a reader is interested in.
type TreeFilter<'w> = &'w dyn Fn(&[TreeFile]) -> bool;

impl Ledger {
    /// Put the session of one place on the board: ours as it stands here, another clone's as the
    /// remote has it. A stray copy here (of `fetch refs/presence/*:refs/presence/*`) counts only
    /// where it is newer.
    pub(in crate::ledger) fn read_place(
        &self,
        place: &Place,
        wanted: TreeFilter<'_>,
        parsed: &mut Parsed,
        board: &mut Board,
    ) -> Result<(), LedgerError> {
        let has_two = place.local != RefValue::Absent && place.tracked != RefValue::Absent;
        if !has_two || place.local == place.tracked {
            let value = match &place.local {
                RefValue::Absent => &place.tracked,
                local => local,
            };
            // Where there is a remote and it has no copy, nobody else can see this one.
            let hidden = self.remote.is_some() && place.tracked == RefValue::Absent;
            if let Some(session) = parsed.find(&place.name, value) {
                if hidden {
                    self.note_all_pending(&session, board);
                }
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
                if stored.unreadable.is_empty() && value.id() == Some(stored.tip) {
                    parsed.add(&place.name, value, &stored.session);
                }
            }
            put(stored.transpose(), board);
            return Ok(());
        }
        let local = match self.stored_now(&place.name, place.local.clone(), &|_| true)? {
            Ok(Some(stored)) => stored,
            other => {
                put(other.transpose(), board);
                return Ok(());
            }
        };
        let at = self.tracking_name(&place.name);
        if self.is_ours(&local.session) {
            self.note_pending(&local, &self.files_of(&place.tracked), board);
            put(Some(Ok(local)), board);
            return Ok(());
        }
        let tracked = self.stored_now(&at, place.tracked.clone(), &|_| true)?;
        let is_older = |t: &Result<Option<Stored>, _>| matches!(t, Ok(Some(t)) if t.session.seen_at < local.session.seen_at);
        match is_older(&tracked) {
            true => put(Some(Ok(local)), board),
            false => put(tracked.transpose(), board),
        }
        Ok(())
    }

    fn files_of(&self, value: &RefValue) -> Vec<TreeFile> {
        let RefValue::At(tip) = value else {
            return Vec::new();
        };
        let commit = self.objects.read_commit(*tip);
        let files = commit.and_then(|commit| self.objects.read_tree(commit.tree));
        files.unwrap_or_default()
    }

    /// The remote has nothing of this session.
    fn note_all_pending(&self, session: &Session, board: &mut Board) {
        if self.is_ours(session) {
            let claims = session.claims.iter();
            board
                .pending
                .extend(claims.map(|claim| pending(session, &claim.resource)));
        }
    }

    /// A claim is confirmed once the remote has its record, whatever else has moved on since.
    fn note_pending(&self, stored: &Stored, there: &[TreeFile], board: &mut Board) {
        if !self.is_ours(&stored.session) {
            return;
        }
        for claim in &stored.claims {
            let same = |file: &TreeFile| file.name == claim.file.name && file.id == claim.file.id;
            if !there.iter().any(same) {
                let resource = &claim.record.claim.resource;
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

fn put(stored: Option<Result<Stored, Unreadable>>, board: &mut Board) {
    match stored {
        None => {}
        Some(Ok(mut stored)) => {
            board.unreadable.append(&mut stored.unreadable);
            board.sessions.push(stored.session);
        }
        Some(Err(unreadable)) => board.unreadable.push(unreadable),
    }
}
