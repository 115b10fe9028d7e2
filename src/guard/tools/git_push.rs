//! Refs that `git push` moves.
//!
//! Owns which pushes can remove commits from a remote, and from which branches, by the line and
//! the settings on it. Never asks Git.

use super::git_settings::{self, Setting};
use crate::guard::invocation::{Invocation, is_false};
use crate::guard::place::{Place, ShellState};
use crate::guard::shell::Word;
use crate::guard::targets::Targets;
use crate::guard::verdict::Class;

const FORCES: [&str; 4] = ["-f", "--force", "--force-with-lease", "--mirror"];
const DELETES: [&str; 2] = ["-d", "--delete"];
const WIDE: [&str; 5] = ["--mirror", "--all", "--branches", "--tags", "--prune"];

/// Names that are given to remotes from which a platform deploys.
const DEPLOYS: [&str; 8] = [
    "heroku",
    "dokku",
    "piku",
    "gigalixir",
    "scalingo",
    "clever",
    "production",
    "live",
];

/// What a push is asked to move.
struct Asked {
    /// The refspecs of the line, or else those of a setting.
    refspecs: Vec<Word>,
    forces: bool,
    deletes: bool,
    /// Every ref of a kind.
    is_wide: bool,
    /// A setting decides which branches are pushed.
    is_by_setting: bool,
}

/// Returns the class of a push, the reason, and the branches that may lose commits.
pub(in crate::guard) fn classify(
    invocation: &Invocation<'_>,
    place: &Place,
    state: &ShellState,
) -> (Class, String, Targets) {
    let mut targets = Targets::default();
    if invocation.has(&["-n", "--dry-run"]) && !invocation.negates(&["-n", "--dry-run"]) {
        let why = "git push --dry-run sends nothing".to_owned();
        return (Class::DryRun, why, targets);
    }
    let remote = invocation.arguments().first().and_then(Word::known);
    if remote.is_some_and(|remote| DEPLOYS.contains(&remote)) {
        targets.incomplete("the line does not say what is deployed");
        let why = "a push to this remote deploys".to_owned();
        return (Class::Mutating, why, targets);
    }
    if let Some(word) = invocation
        .arguments()
        .first()
        .filter(|word| may_be_option(word))
    {
        let why = format!("{} may be an option that decides", word.excerpt);
        return (Class::Unknown(why.clone()), why, targets);
    }
    let asked = Asked::read(invocation, state, &mut targets);
    let takes = |spec: &Word| spec.text.starts_with(['+', ':']);
    let prunes = invocation.has(&["--prune"]);
    if !(asked.forces || asked.deletes || prunes || asked.refspecs.iter().any(takes)) {
        let is_hidden = |spec: &&Word| spec.dynamic && spec.text.is_empty();
        let hidden = asked.refspecs.iter().find(is_hidden);
        return match hidden.map(|spec| &spec.excerpt) {
            Some(spec) => {
                let why = format!("{spec} is an expansion, and may begin with + or :");
                (Class::Unknown(why.clone()), why, targets)
            }
            None => {
                let why = "without force, git push only adds commits; the remote rejects the rest";
                (Class::Reading, why.to_owned(), Targets::default())
            }
        };
    }
    let why = "git push can remove commits from the remote".to_owned();
    targets.add_kind("branch");
    let (at, here) = repository(invocation, place, state);
    targets.at(at.clone());
    if let Err(reason) = here {
        targets.incomplete(&reason);
        return match at {
            Some(_) => (Class::Mutating, why, targets),
            None => (Class::Unknown(reason.clone()), reason, targets),
        };
    }
    let branch = state.branch(place);
    let branch = branch.as_deref();
    let is_all = asked.forces || asked.deletes;
    for spec in asked.refspecs.iter().filter(|spec| is_all || takes(spec)) {
        destination(spec, branch, &mut targets);
    }
    if asked.is_wide {
        targets.incomplete("it moves every ref of a kind");
    } else if asked.refspecs.is_empty() && asked.is_by_setting {
        targets.incomplete("a setting decides which branches it moves");
    } else if asked.refspecs.is_empty() {
        match branch {
            Some(branch) => targets.add_label(&format!("branch:{branch}")),
            None => targets.incomplete("the branch that is checked out is not known"),
        }
    }
    (Class::Mutating, why, targets)
}

/// Checks whether a word where the remote stands may be an option: nothing in front of it is
/// certain, and it is no quoted word.
fn may_be_option(word: &Word) -> bool {
    let several = ["$@", "$*", "[@]", "[*]"];
    let is_list = several.iter().any(|mark| word.excerpt.contains(mark));
    let is_empty = word.dynamic && word.text.is_empty();
    is_empty && (is_list || !word.excerpt.starts_with('"'))
}

impl Asked {
    /// Reads the options, the words and the settings of a call.
    fn read(invocation: &Invocation<'_>, state: &ShellState, targets: &mut Targets) -> Self {
        let repo = invocation.values("--repo").next().cloned();
        let remote = match &repo {
            Some(repo) => Some(repo.clone()),
            None => invocation.words_at(invocation.verbs, 1, targets).pop(),
        };
        let from = invocation.verbs + usize::from(repo.is_none());
        let mut asked = Self {
            refspecs: invocation.words_at(from, usize::MAX, targets),
            forces: invocation.has(&FORCES),
            deletes: invocation.has(&DELETES),
            is_wide: invocation.has(&WIDE),
            is_by_setting: false,
        };
        let is_given = !asked.refspecs.is_empty();
        for Setting { key, value } in git_settings::of_call(invocation, state) {
            let is_set = !value.known().is_some_and(is_false);
            let of_remote = key
                .strip_prefix("remote.")
                .and_then(|key| key.rsplit_once('.'));
            let is_meant = |name: &str| match remote.as_ref().and_then(Word::known) {
                Some(remote) => remote.eq_ignore_ascii_case(name),
                None => true,
            };
            match of_remote {
                Some((name, "mirror")) if is_set && is_meant(name) => {
                    asked.forces = true;
                    asked.is_wide = true;
                }
                Some((name, "push")) if !is_given && is_meant(name) => asked.refspecs.push(value),
                _ => {
                    let narrow = ["current", "simple", "nothing"];
                    asked.is_by_setting |= match key.as_str() {
                        "push.default" => !value.known().is_some_and(|v| narrow.contains(&v)),
                        key => key.starts_with("branch.") && key.ends_with(".merge"),
                    };
                }
            }
        }
        asked
    }
}

/// Returns where the repository is that is pushed, and why its branches are not those of `place`.
fn repository(
    invocation: &Invocation<'_>,
    place: &Place,
    state: &ShellState,
) -> (Option<String>, Result<(), String>) {
    let named = invocation.values("--git-dir").next();
    let Some(dir) = named.or_else(|| state.variables.get("GIT_DIR")) else {
        return (state.real_at(place), state.dir.clone().map(drop));
    };
    let at = state.absolute(dir, place);
    let here = match at {
        Some(_) => state.path(dir, place).map(drop),
        None => Err(format!("{} is not certain", dir.excerpt)),
    };
    (at, here)
}

/// Adds the remote ref that a refspec moves.
fn destination(spec: &Word, branch: Option<&str>, into: &mut Targets) {
    let Some(text) = spec.known() else {
        return into.incomplete(&format!("{} is an expansion", spec.excerpt));
    };
    let text = text.trim_start_matches('+');
    let name = match text.rsplit_once(':') {
        Some((_, name)) => name,
        None if matches!(text, "HEAD" | "@") => match branch {
            Some(branch) => branch,
            None => return into.incomplete("the branch that is checked out is not known"),
        },
        None => text,
    };
    if name.contains("@{") {
        return into.incomplete(&format!("{} is what a setting says", spec.excerpt));
    }
    if name.is_empty() || name.contains('*') {
        return into.incomplete(&format!("{} matches several branches", spec.excerpt));
    }
    match name.strip_prefix("refs/tags/") {
        Some(tag) => into.add_label(&format!("infra:tag/{tag}")),
        None => {
            let name = name.strip_prefix("refs/heads/").unwrap_or(name);
            into.add_label(&format!("branch:{name}"));
        }
    }
}
