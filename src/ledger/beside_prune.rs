//! Moving a ref while Git may prune.
//!
//! Owns [`Ledger::swap`]. What was written counts as written only when the ref reaches all of it: a
//! prune that began before deletes it even so, and then it is put back. Never decides the value of
//! a ref.

use gix::ObjectId;

use crate::ledger::layout;
use crate::ledger::refs::SwapError;
use crate::ledger::store::Ledger;

/// How often a prune that was caught is awaited; each time takes some milliseconds.
const AWAITED_MAX: u32 = 100;
/// The most refs whose objects are looked up when second names are dropped, once an hour.
const REFS_MAX: usize = 1000;
/// The most states of a ref that are looked up; three writers that never pause make a thousand each
/// in three minutes.
const STATES_MAX: usize = 10_000;

impl Ledger {
    /// Moves a ref to a state that this process has written, and puts back what Git prunes beside
    /// it. Fails with [`SwapError::NotDurable`] if that fails.
    pub(in crate::ledger) fn swap(
        &self,
        name: &str,
        expected: Option<ObjectId>,
        new: ObjectId,
    ) -> Result<(), SwapError> {
        self.refs.swap(name, expected, new)?;
        self.outlive_prune()
            .map_err(|source| SwapError::NotDurable {
                name: name.to_owned(),
                source,
            })?;
        if self.objects.begins_an_hour() {
            self.find_lost();
            let _ = self.objects.put_back();
            self.objects.drop_old_names();
        }
        Ok(())
    }

    fn outlive_prune(&self) -> std::io::Result<()> {
        if self.objects.lost() > 0 {
            self.find_lost();
        }
        if self.objects.put_back()? == 0 {
            return Ok(());
        }
        // A prune was caught: what else it deletes is put back for as long as it runs.
        for _ in 0..AWAITED_MAX {
            if self.is_git_at_work() != Some(true) {
                break;
            }
            self.objects.put_back()?;
        }
        self.objects.put_back().map(drop)
    }

    /// Looks up all objects that the refs of this clone reach, so that the lost ones are known.
    /// Does nothing if Git has all that is kept: then none is lost, and to see this is quicker than
    /// to walk through two hours of states.
    pub(in crate::ledger) fn find_lost(&self) {
        if !self.objects.misses_any() {
            return;
        }
        let refs = self.refs.list(layout::ROOT).unwrap_or_default();
        for (_, value) in refs.into_iter().take(REFS_MAX) {
            let mut next = value.id();
            // Of what came before, that which is young: a prune may have left the commit alone.
            for _ in 0..STATES_MAX {
                let Some(Ok(tree)) = next.map(|id| self.tree(id)) else {
                    break;
                };
                for file in &tree.files {
                    self.objects.look_up(file.id);
                }
                let parent = tree.commit.parents.first().copied();
                next = parent.filter(|parent| self.objects.is_kept(*parent));
            }
        }
    }
}

impl Drop for Ledger {
    /// A prune may have begun before the ref moved, and go on: the last moment to see it.
    fn drop(&mut self) {
        if self.objects.has_written() {
            let _ = self.objects.put_back();
        }
    }
}
