//! Refs of the board that a push takes from the remote.
//!
//! Owns which of them a push removes or sets back ([`Taken`]), and which claims end by that. Git
//! does not tell its hook what `git push --mirror` removes. Never decides what follows.

use crate::context::Context;
use crate::integrations::git_hooks::affected_claims::AffectedClaim;
use crate::integrations::git_hooks::pushed::{Moved, removes_the_rest};
use crate::ledger::layout;
use crate::model::board::Board;
use crate::model::holding::Holding;

/// The refs of the board that a push takes from the remote that keeps it.
#[derive(Default)]
pub(super) struct Taken<'m> {
    /// Those that Git names.
    named: Vec<&'m Moved>,
    /// Whether it removes all that are not in this clone, too.
    removes_the_rest: bool,
}

impl<'m> Taken<'m> {
    /// Returns what a push to `remote` or `url` takes from the board, if the board is kept there.
    pub(super) fn of(
        context: &Context,
        moved: &'m [Moved],
        (remote, url): (Option<&str>, Option<&str>),
    ) -> Self {
        let is_there = |url: &str| context.is_board_at(url);
        // In another repository than that of the board, the same name may be another place.
        let is_own = context.keeps_its_own_board;
        let is_upstream = is_own && remote.is_some() && remote == context.upstream.name();
        if !(is_upstream || url.is_some_and(is_there)) {
            return Self::default();
        }
        let shows_copies = moved
            .iter()
            .any(|one| one.name.starts_with(layout::TRACKING));
        let is_set = is_upstream && context.ledger.is_pushed_as_mirror();
        let stated = removes_the_rest(&context.host.callers(), shows_copies);
        Self {
            named: moved.iter().filter(|one| is_taken(context, one)).collect(),
            // Otherwise it shows by copies of the board, which no other push sends: a mirror
            // remote may have any name, also one of the command line.
            removes_the_rest: is_set || shows_copies || stated == Some(true),
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.named.is_empty() && !self.removes_the_rest
    }

    /// Returns the claims of other sessions that end by that.
    pub(super) fn ended(&self, context: &Context, board: &Board) -> Vec<AffectedClaim> {
        if self.is_nothing() {
            return Vec::new();
        }
        let me = context.asker();
        let is_mine = |held: &Holding| me.owns(held);
        let others = board.held_by_others(context.now(), is_mine).into_iter();
        let ends = |held: &Holding| {
            let at = context.ledger.ref_of(held);
            let is_named = self.named.iter().any(|moved| moved.name == at);
            let is_sent = context.keeps_its_own_board && context.ledger.has_ref(&at);
            is_named || self.removes_the_rest && !is_sent
        };
        let ended = others.filter(ends).map(|holding| AffectedClaim {
            holding,
            files: Vec::new(),
            more: 0,
        });
        ended.collect()
    }

    /// Returns the warning about it, with what to push instead.
    pub(super) fn warning(&self) -> Option<String> {
        let instead = "to mirror branches and tags alone: git push --prune <remote> \
                       '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'";
        match (self.removes_the_rest, self.named.len()) {
            (true, _) => Some(format!(
                "this push removes from the remote what is not in this clone, the board of other \
                 clones too; {instead}"
            )),
            (false, 0) => None,
            (false, 1) => Some("this push removes a ref of the board".to_owned()),
            (false, n) => Some(format!(
                "this push removes {n} refs of the board; {instead}"
            )),
        }
    }
}

/// Returns true if a push cannot take anything from a board, whatever the remote is.
pub(super) fn is_harmless(moved: &Moved) -> bool {
    moved.new.is_some() && !is_lock(moved)
}

fn is_lock(moved: &Moved) -> bool {
    layout::folder_of(&moved.name) == Some(layout::LOCKS_FOLDER)
}

fn is_taken(context: &Context, moved: &Moved) -> bool {
    if !moved.name.starts_with(layout::ROOT) {
        return false;
    }
    match (&moved.old, &moved.new) {
        (_, None) => true,
        // A fenced push moves the register on; a mirror may set it back.
        (Some(old), Some(new)) => is_lock(moved) && !context.ledger.moves_on(old, new),
        (None, Some(_)) => false,
    }
}
