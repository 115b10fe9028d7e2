//! Other work trees and repositories that a command line is about.
//!
//! Owns which of them are looked at, and what of the line is judged by which board ([`Judged`]).
//! Nothing is looked at unless the line names a place outside of the work tree, and no command of
//! another repository is run. Never classifies a command: that is `guard`.

use crate::app::hooks::guard;
use crate::context::Context;
use crate::context::trees::{TreeOf, Whose};
use crate::failure::Failure;
use crate::guard::{Class, Part, Place, Tree, Verdict, classify_line};

/// At most this many places of a line are looked at.
const PLACES_MAX: usize = 16;
/// At most this many other repositories are looked at.
const VISITS_MAX: usize = 4;

/// What a line changes, by where.
pub(crate) struct Judged {
    /// What is judged by the board of the working directory.
    pub(crate) here: Verdict,
    /// What is judged by the board of another repository.
    pub(crate) there: Vec<There>,
}

/// What a line changes in another repository.
pub(crate) struct There {
    /// The repository, for a look at its board.
    pub(crate) context: Context,
    /// What the line changes in it.
    pub(crate) verdict: Verdict,
}

/// Judges a line, each command by the work tree and the repository that it is about.
pub(crate) fn judge(context: &Context, line: &str) -> Result<Judged, Failure> {
    let rules = guard::rules(context)?;
    let mut place = guard::place(context, &rules);
    let first = classify_line(line, &rules, &place);
    let trees = trees(context, &place, &first);
    if trees.is_empty() {
        return Ok(Judged {
            here: guard::on_board(context, first),
            there: Vec::new(),
        });
    }
    let (others, own): (Vec<TreeOf>, Vec<TreeOf>) = trees
        .into_iter()
        .partition(|tree| tree.whose == Whose::Other);
    place.siblings.extend(own.iter().map(as_tree));
    place
        .foreign
        .extend(others.iter().map(|tree| tree.spelled.clone()));
    let mut here = classify_line(line, &rules, &place);
    let mut there = Vec::new();
    for tree in others.iter().take(VISITS_MAX) {
        // What may not be read stays a command of which it is told that it is somewhere else.
        let Ok(visited) = context.visit(&tree.top) else {
            continue;
        };
        here.parts.retain(|part| !is_all_in(part, tree));
        if visited.has_board() {
            let verdict = judged_there(&visited, tree, (line, &place));
            there.extend(verdict.map(|verdict| There {
                context: visited,
                verdict,
            }));
        }
    }
    Ok(Judged {
        here: guard::on_board(context, here),
        there,
    })
}

/// Returns where the first command of a line acts that is about a place, if no repository is known.
pub(crate) fn first_place(line: &str, place: &Place) -> Option<String> {
    let verdict = classify_line(line, &crate::guard::Rules::shipped(), place);
    let mut places = acting(&verdict).flat_map(|part| &part.places);
    places.next().cloned()
}

fn acting(verdict: &Verdict) -> impl Iterator<Item = &Part> {
    let acts = |part: &&Part| matches!(part.class, Class::Mutating | Class::Unknown(_));
    verdict.parts.iter().filter(acts)
}

/// Returns the work trees that a line is about, except the one of the working directory as it is
/// spelled in `place`.
fn trees(context: &Context, place: &Place, verdict: &Verdict) -> Vec<TreeOf> {
    let mut places: Vec<&String> = acting(verdict).flat_map(|part| &part.places).collect();
    places.sort();
    places.dedup();
    let mut trees: Vec<TreeOf> = Vec::new();
    for at in places.into_iter().take(PLACES_MAX) {
        let Some(tree) = context.tree_of(at) else {
            continue;
        };
        let is_own = tree.whose == Whose::Here && Some(&tree.spelled) == place.root.as_ref();
        if !is_own && !trees.contains(&tree) {
            trees.push(tree);
        }
    }
    trees
}

fn as_tree(tree: &TreeOf) -> Tree {
    Tree {
        top: tree.spelled.clone(),
        branch: tree.branch.clone(),
    }
}

fn is_in(path: &str, tree: &TreeOf) -> bool {
    let rest = path.strip_prefix(tree.spelled.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Checks whether all that a command is known to change is in this tree.
fn is_all_in(part: &Part, tree: &TreeOf) -> bool {
    let is_named = !part.resources.is_empty() || !part.within.is_empty();
    !is_named && !part.places.is_empty() && part.places.iter().all(|at| is_in(at, tree))
}

/// Returns what a line changes in another repository; `None` if that is nothing.
fn judged_there(visited: &Context, tree: &TreeOf, (line, from): (&str, &Place)) -> Option<Verdict> {
    let rules = guard::rules(visited).ok()?;
    let place = Place {
        root: Some(tree.spelled.clone()),
        dir: None,
        branch: tree.branch.clone(),
        siblings: Vec::new(),
        foreign: from.root.iter().cloned().collect(),
        ..from.clone()
    };
    let mut verdict = classify_line(line, &rules, &place);
    let acts = |part: &Part| matches!(part.class, Class::Mutating | Class::Unknown(_));
    verdict.parts.retain(|part| {
        let is_about = |at: &String| is_in(at, tree);
        let is_named = !part.resources.is_empty() && part.places.iter().any(is_about);
        // What names nothing is the widest change of all.
        let is_wide = !part.places.is_empty() && part.places.iter().all(is_about);
        acts(part) && (is_named || is_wide)
    });
    (!verdict.parts.is_empty()).then(|| guard::on_board(visited, verdict))
}
