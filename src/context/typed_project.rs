//! Typed paths that begin with the name of their repository.
//!
//! Owns which of two readings counts on a board of several repositories: `path:shop/a.py` is what
//! stands there for `a.py` of the repository `shop`, and may be meant as its file `shop/a.py`. The
//! answer is the same in all clones, or the text is refused: whether there is a folder of that name
//! differs from one branch or sparse checkout to the next. Never writes.

use std::path::Path;

use super::Context;
use super::typed::{Misread, Typed, exists, follow};
use crate::model::resource::Resource;
use crate::model::text;

impl Context {
    /// Reads a path that begins with the name of this repository, and `rest` behind it.
    pub(super) fn typed_behind_project(&self, name: &str, rest: &str) -> Result<Typed, Misread> {
        let all = if rest.is_empty() { "**" } else { rest };
        let on_board = self.own_path(all, false)?;
        let Some(top) = self.worktree() else {
            return Ok(on_board);
        };
        let in_folder = self.own_path(name, false)?.resource;
        let (is_claimed, may_be_file) = self.claimed_as(&on_board.resource, &in_folder);
        let is_file = exists(&follow(top, name, top).at);
        if !is_claimed && (is_file || may_be_file) {
            return Err(Misread::Twofold {
                board: self.spelled(top, rest),
                file: self.spelled(top, name),
            });
        }
        let is_here = is_claimed || exists(&follow(top, all, top).at);
        let note = (!is_here).then(|| {
            let (typed, rest) = (text::name(name), text::name(rest));
            format!("path:{typed} is taken as {rest} of this repository, which is not here")
        });
        Ok(Typed {
            note: on_board.note.or(note),
            ..on_board
        })
    }

    /// Returns whether the board has a claim of exactly `one`, and whether it has one of `two` that
    /// is not about `one`.
    fn claimed_as(&self, one: &Resource, two: &Resource) -> (bool, bool) {
        let both = [one.clone(), two.clone()];
        let Ok(board) = self.ledger.board_about(&both) else {
            return (false, false);
        };
        let held = board.held(self.now());
        let is_two = |held: &Resource| held.overlaps(two) && !held.overlaps(one);
        (
            held.iter().any(|held| held.resource == *one),
            held.iter().any(|held| is_two(&held.resource)),
        )
    }

    /// Returns a path from the top of the work tree as it is typed here, where it is nothing else.
    fn spelled(&self, top: &Path, path: &str) -> String {
        let here = self.host.current_dir().unwrap_or_default();
        match here.strip_prefix(top).map(|below| below.iter().count()) {
            Ok(0) => format!("path:./{path}"),
            Ok(depth) => format!("path:{}{path}", "../".repeat(depth)),
            Err(_) => format!("path:{}", top.join(path).display()),
        }
    }

    /// Returns a path or a branch of this repository by the one name that it has on the board.
    pub(super) fn named_on_board(&self, resource: &Resource) -> Result<Resource, Misread> {
        if self.projects().len() > 1 {
            return Err(Misread::Unnamed(self.projects().to_vec()));
        }
        let named = self.on_board(resource).into_iter().next();
        named.ok_or(Misread::TooLong)
    }
}
