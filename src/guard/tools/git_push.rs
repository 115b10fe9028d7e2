//! Refs that `git push` moves.
//!
//! Owns which pushes can remove commits from a remote, and from which branches. Never asks Git.

use crate::guard::invocation::Invocation;
use crate::guard::place::{Place, ShellState};
use crate::guard::shell::Word;
use crate::guard::targets::Targets;
use crate::guard::verdict::Class;

const FORCES: [&str; 4] = ["-f", "--force", "--force-with-lease", "--mirror"];
const DELETES: [&str; 2] = ["-d", "--delete"];

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
    let forces = invocation.has(&FORCES);
    let deletes = invocation.has(&DELETES);
    let mut refspecs = invocation.words_at(2, usize::MAX, &mut targets);
    if invocation.values("--repo").next().is_some() {
        refspecs = invocation.words_at(1, usize::MAX, &mut targets);
    }
    let takes = |spec: &Word| spec.text.starts_with(['+', ':']);
    let hidden = refspecs
        .iter()
        .find(|spec| spec.dynamic && spec.text.is_empty());
    if !(forces || deletes || invocation.has(&["--prune"]) || refspecs.iter().any(takes)) {
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
    let (at, here) = repository(invocation, place, state);
    targets.at(at.clone());
    if let Err(why) = here {
        targets.incomplete(&why);
        return match at {
            Some(_) => (
                Class::Mutating,
                "git push can remove commits from the remote".to_owned(),
                targets,
            ),
            None => (Class::Unknown(why.clone()), why, targets),
        };
    }
    let branch = state.branch(place);
    let branch = branch.as_deref();
    for spec in refspecs
        .iter()
        .filter(|spec| forces || deletes || takes(spec))
    {
        destination(spec, branch, &mut targets);
    }
    if invocation.has(&["--mirror", "--all", "--branches", "--tags", "--prune"]) {
        targets.incomplete("it moves every ref of a kind");
    } else if refspecs.is_empty() {
        match branch {
            Some(branch) => targets.add_label(&format!("branch:{branch}")),
            None => targets.incomplete("the branch that is checked out is not known"),
        }
    }
    let why = "git push can remove commits from the remote".to_owned();
    (Class::Mutating, why, targets)
}

/// Returns where the repository is that is pushed, and why its branches are not those of `place`.
fn repository(
    invocation: &Invocation<'_>,
    place: &Place,
    state: &ShellState,
) -> (Option<String>, Result<(), String>) {
    let named = invocation.values("--git-dir").next();
    let Some(dir) = named.or_else(|| state.variables.get("GIT_DIR")) else {
        return (state.at.clone(), state.dir.clone().map(drop));
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
