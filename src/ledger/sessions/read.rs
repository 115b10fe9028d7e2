//! Reading a session from its ref.
//!
//! Owns [`Stored`], one session with its claims, with what a rewrite carries over untouched
//! (records of other kinds, unknown files, newer records, damaged ones), and with what is reported
//! as unreadable. Never writes.

use crate::ledger::kind::AnyKind as _;
use crate::ledger::layout;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::records::wire::{RECORD_BYTES_MAX, Rest, opens_with_this_format};
use crate::ledger::records::{CLAIM, STATE, session};
use crate::ledger::refs::RefValue;
use crate::ledger::store::Ledger;
use crate::ledger::tree::{Entry, Tree, unreadable};
use crate::model::claim::Claim;
use crate::model::session::Session;
use crate::model::state::Statement;
use crate::model::unreadable::{Defect, MayHold, Unreadable};

/// A session as it was read, with all that a rewrite has to keep.
pub(in crate::ledger) struct Stored {
    pub(in crate::ledger) tree: Tree,
    pub(in crate::ledger) rest: Rest,
    pub(in crate::ledger) claims: Vec<Entry<Claim>>,
    pub(in crate::ledger) states: Vec<Entry<Statement>>,
    pub(in crate::ledger) session: Session,
    pub(in crate::ledger) unreadable: Vec<Unreadable>,
}

impl Stored {
    /// Returns the files beside the head that are not readable claims or states.
    pub(in crate::ledger) fn carried(&self, head: &str) -> Vec<TreeFile> {
        let is_claim = |file: &TreeFile| self.claims.iter().any(|c| c.file.name == file.name);
        let is_state = |file: &TreeFile| self.states.iter().any(|s| s.file.name == file.name);
        let others = self.tree.files.iter();
        let others = others.filter(|file| file.name != head && !is_claim(file) && !is_state(file));
        others.cloned().collect()
    }
}

impl Ledger {
    /// Reads the session under a ref.
    pub(in crate::ledger) fn stored(
        &self,
        name: &str,
        value: &RefValue,
    ) -> Result<Option<Stored>, Unreadable> {
        self.stored_if(name, value, &|_| true)
    }

    /// Reads the session under a ref; `None` if `wanted` rejects the files in its tree.
    pub(in crate::ledger) fn stored_if(
        &self,
        name: &str,
        value: &RefValue,
        wanted: &dyn Fn(&[TreeFile]) -> bool,
    ) -> Result<Option<Stored>, Unreadable> {
        let whole = |defect| Unreadable::new(name, defect, MayHold::Anything);
        let tip = match value {
            RefValue::Absent => return Ok(None),
            RefValue::At(id) => *id,
            RefValue::Broken(detail) => {
                let detail = detail.clone();
                return Err(whole(Defect::BrokenRef { detail }));
            }
        };
        let tree = self.tree(tip).map_err(whole)?;
        if !wanted(&tree.files) && self.is_of_this_format(name, &tree.files) {
            return Ok(None);
        }
        let stored = self.fill(name, tree);
        let judged = stored.and_then(|stored| self.judge_session(name, stored));
        judged.map(Some).map_err(whole)
    }

    /// Whether a session that is left out has a known format: of a newer one it is unknown what it
    /// claims, and in which files.
    fn is_of_this_format(&self, name: &str, files: &[TreeFile]) -> bool {
        let head = self.namespace_of(name).map(|namespace| namespace.head);
        let own = files.iter().find(|file| Some(file.name.as_str()) == head);
        let bytes = own.and_then(|file| self.blob(file.id, RECORD_BYTES_MAX).ok());
        bytes.is_some_and(|bytes| opens_with_this_format(&bytes))
    }

    /// Reads the session of a commit. Fails if it does not belong under the ref `name`.
    pub(in crate::ledger) fn load(&self, name: &str, tip: gix::ObjectId) -> Result<Stored, Defect> {
        self.fill(name, self.tree(tip)?)
    }

    fn fill(&self, name: &str, tree: Tree) -> Result<Stored, Defect> {
        let own_name = layout::own_name(name);
        let malformed = |detail: String| Defect::Malformed { detail };
        let namespace = self.namespace_of(&own_name);
        let namespace = namespace.ok_or_else(|| malformed("a ref of no known kind".to_owned()))?;
        let head = tree.files.iter().find(|file| file.name == namespace.head);
        let head = head.ok_or_else(|| malformed(format!("no {}", namespace.head)))?;
        let record = session::read_session(&self.blob(head.id, RECORD_BYTES_MAX)?)?;
        if namespace.owned_ref(&record.who.id, record.who.node) != own_name {
            let label = record.who.id.as_str().to_owned();
            return Err(Defect::WrongLabel { label });
        }
        let mut session = Session {
            who: record.who,
            seen_at: record.seen_at,
            ttl: record.ttl,
            claims: Vec::new(),
            states: Vec::new(),
            life: record.life,
        };
        let (mut claims, mut states, mut damaged) = (Vec::new(), Vec::new(), Vec::new());
        for file in &tree.files {
            if CLAIM.key_in(&file.name).is_some() {
                match self.entry(&CLAIM, file) {
                    Ok(entry) => claims.push(entry),
                    Err(defect) => damaged.push(unreadable(name, &CLAIM, file, defect)),
                }
            } else if STATE.key_in(&file.name).is_some() {
                match self.entry(&STATE, file) {
                    Ok(entry) => states.push(entry),
                    Err(defect) => damaged.push(unreadable(name, &STATE, file, defect)),
                }
            }
        }
        session.claims = claims.iter().map(|entry| entry.record.clone()).collect();
        session.states = states.iter().map(|entry| entry.record.clone()).collect();
        Ok(Stored {
            tree,
            rest: record.rest,
            claims,
            states,
            session,
            unreadable: damaged,
        })
    }
}
