//! Other work trees and repositories that a command line is about.
//!
//! Owns which of them are looked at, and what of the line is judged by which board ([`Judged`]).
//! Nothing is looked at unless the line names a place outside of the work tree, and no command of
//! another repository is run. Never classifies a command: that is `guard`.

use crate::app::hooks::guard;
use crate::context::Context;
use crate::context::links::links_on;
use crate::context::trees::{TreeOf, Whose};
use crate::failure::Failure;
use crate::guard::{Class, Part, Place, Rules, Tree, Verdict, classify_arguments, classify_line};

/// At most this many places of a line are looked at.
const PLACES_MAX: usize = 64;
/// At most this many other repositories are opened.
const VISITS_MAX: usize = 32;
/// At most this many boards of other repositories are read.
const BOARDS_MAX: usize = 8;
/// At most this many places are looked at for a repository, if none is known.
const FIRST_PLACES_MAX: usize = 8;
/// At most this many times, the links on the way to what is found behind links are followed.
const ROUNDS_MAX: usize = 3;

/// Ends of the reasons why a command names nothing, with which it may change nothing here.
const ELSEWHERE: [&str; 2] = [
    "is in another repository",
    "it touches more than the line names",
];

/// Why it is not certain what a command does in a repository.
const RULES_THERE: &str = "a rule in the settings of the repository that it acts in is not valid; \
                           `git presence doctor` there says which";

/// What a line changes, by where.
pub(crate) struct Judged {
    /// What is judged by the board of the working directory.
    pub(crate) here: Verdict,
    /// What is judged by the board of another repository.
    pub(crate) there: Vec<There>,
    /// Why a part of the line is judged by no board, although it may act somewhere.
    pub(crate) left_out: Option<String>,
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
    let mut here = followed(context, line, &rules, &mut place);
    let places = places(&here);
    let mut left_out = (places.len() > PLACES_MAX)
        .then(|| format!("it acts in more than {PLACES_MAX} places; run it in pieces"));
    let (others, own): (Vec<TreeOf>, Vec<TreeOf>) = trees(context, &places)
        .into_iter()
        .partition(|tree| tree.whose == Whose::Other);
    if !(others.is_empty() && own.is_empty()) {
        place.siblings.extend(own.iter().filter_map(as_tree));
        place.foreign.extend(others.iter().filter_map(top_of));
        here = classify_line(line, &rules, &place);
    }
    let mut there: Vec<There> = Vec::new();
    for (at, tree) in others.iter().enumerate() {
        if at >= VISITS_MAX || there.len() >= BOARDS_MAX {
            let why =
                "it acts in more repositories than are looked at; run it in pieces".to_owned();
            left_out.get_or_insert(why);
            break;
        }
        // What may not be read stays a command of which it is told that it is somewhere else.
        let Ok(visited) = context.visit(&tree.top) else {
            continue;
        };
        here.parts.retain(|part| !is_all_in(part, tree));
        if visited.has_board() {
            let rules_there = guard::rules(&visited);
            if rules_there.is_err() {
                left_out.get_or_insert_with(|| RULES_THERE.to_owned());
            }
            let both = [Some(&rules), rules_there.as_ref().ok()];
            let verdict = judged_there(&visited, tree, (line, &place), both);
            there.extend(verdict.map(|verdict| There {
                context: visited,
                verdict,
            }));
        }
    }
    Ok(Judged {
        here: guard::on_board(context, here),
        there,
        left_out,
    })
}

/// Judges a call of a program: the words of a tool that runs no command line.
pub(crate) fn judge_call(context: &Context, words: &[String]) -> Result<Judged, Failure> {
    let rules = guard::rules(context)?;
    let verdict = classify_arguments(words, &rules, &guard::place(context, &rules));
    Ok(Judged {
        here: guard::on_board(context, verdict),
        there: Vec::new(),
        left_out: None,
    })
}

/// Classifies a line, and adds to `place` the links on the way to where it acts.
fn followed(context: &Context, line: &str, rules: &Rules, place: &mut Place) -> Verdict {
    let mut verdict = classify_line(line, rules, place);
    for _ in 0..ROUNDS_MAX {
        let mut at = places(&verdict);
        if acting(&verdict).next().is_some() || verdict.written_at().next().is_some() {
            at.extend(verdict.folders.iter().cloned());
        }
        let known = place.links.len();
        for link in at.iter().take(PLACES_MAX).flat_map(|at| links_on(at)) {
            // What is in no repository has only the name that the link gives it.
            if !place.links.contains(&link) && context.tree_of(&link.1).is_some() {
                place.links.push(link);
            }
        }
        if place.links.len() == known {
            break;
        }
        verdict = classify_line(line, rules, place);
    }
    verdict
}

/// Returns where the first command of a line acts that is about a place, and what the line writes,
/// if no repository is known.
pub(crate) fn first_places(line: &str, place: &Place) -> Vec<String> {
    let verdict = classify_line(line, &Rules::shipped(), place);
    let first = acting(&verdict).flat_map(|part| &part.places).take(1);
    let places = first.chain(verdict.written_at()).take(FIRST_PLACES_MAX);
    places.cloned().collect()
}

fn acting(verdict: &Verdict) -> impl Iterator<Item = &Part> {
    let acts = |part: &&Part| matches!(part.class, Class::Mutating | Class::Unknown(_));
    verdict.parts.iter().filter(acts)
}

/// Returns the places by which something is named that a line may change, each once.
fn places(verdict: &Verdict) -> Vec<String> {
    let mut places: Vec<String> = acting(verdict)
        .flat_map(|part| part.places.iter().cloned())
        .collect();
    places.sort();
    places.dedup();
    places
}

/// Returns the work trees of places, except the one of the working directory.
fn trees(context: &Context, places: &[String]) -> Vec<TreeOf> {
    let mut trees: Vec<TreeOf> = Vec::new();
    for at in places.iter().take(PLACES_MAX) {
        let tree = context.tree_of(at);
        let tree = tree.filter(|tree| tree.whose != Whose::Here && !trees.contains(tree));
        trees.extend(tree);
    }
    trees
}

fn top_of(tree: &TreeOf) -> Option<String> {
    guard::slashed(&tree.top)
}

fn as_tree(tree: &TreeOf) -> Option<Tree> {
    Some(Tree {
        top: top_of(tree)?,
        branch: tree.branch.clone(),
    })
}

fn is_in(path: &str, tree: &TreeOf) -> bool {
    let top = top_of(tree);
    let rest = top.and_then(|top| path.strip_prefix(top.as_str()));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Checks whether all that a command is known to change is in this tree.
fn is_all_in(part: &Part, tree: &TreeOf) -> bool {
    let is_named = !part.resources.is_empty() || !part.within.is_empty();
    // What else it may change, as by an expansion, can be here.
    let is_there = |why: &String| ELSEWHERE.iter().any(|end| why.ends_with(end));
    !is_named
        && part.unnamed.iter().all(is_there)
        && !part.places.is_empty()
        && part.places.iter().all(|at| is_in(at, tree))
}

/// Returns what a line changes in another repository; `None` if that is nothing. It is judged by
/// the rules of where the agent stands and by those there, which can only stop more.
fn judged_there(
    visited: &Context,
    tree: &TreeOf,
    (line, from): (&str, &Place),
    rules: [Option<&Rules>; 2],
) -> Option<Verdict> {
    let place = Place {
        root: top_of(tree),
        dir: None,
        branch: tree.branch.clone(),
        siblings: Vec::new(),
        foreign: from.root.iter().cloned().collect(),
        ..from.clone()
    };
    let mut verdict = Verdict::default();
    for rules in rules.into_iter().flatten() {
        let more = classify_line(line, rules, &place);
        let is_new = |part: &Part| !verdict.parts.contains(part);
        let parts: Vec<Part> = more.parts.into_iter().filter(is_new).collect();
        verdict.parts.extend(parts);
    }
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
