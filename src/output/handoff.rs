//! What a holder left for the next one: its words and its JSON.
//!
//! Owns how they are set off as the words of another session. Never decides who holds what.

use std::fmt::Write as _;

use serde::Serialize;

use super::shapes::At;
use super::style::{BOLD, DIM, WARN};
use super::when::When;
use crate::app::claims::handoffs::Left;
use crate::model::handoff::{Artifact, Role, Words};
use crate::model::text::name;

/// How many digits of a commit are shown.
const SHORT: usize = 7;

/// What the last holder of a resource left for the next one.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Handoff<'a> {
    /// the label of what it is about
    resource: &'a str,
    /// the session that left it
    from: &'a str,
    /// the user of that session
    user: &'a str,
    /// its machine
    host: &'a str,
    /// when it was left
    at: At,
    /// how things stood, in the words of that session
    status: &'a str,
    /// what is to be done next, in its words
    next: &'a str,
    /// the files that it points at
    artifacts: Vec<Pointed<'a>>,
    /// what is open, in its words
    questions: Vec<&'a str>,
    /// what not to do, in its words
    avoid: Vec<&'a str>,
    /// the commit of the code at which it was left, if known
    commit: Option<&'a str>,
    /// the branch that was checked out, if known
    branch: Option<&'a str>,
    /// whether a remote had that commit, as far as that session knew
    remote_has_commit: Option<bool>,
    /// whether the repository of the code here has that commit; fetch first if it is false; null if
    /// that cannot be told
    have_commit: Option<bool>,
}

/// A file that a handoff points at.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Pointed<'a> {
    /// its path from the top of the repository
    path: &'a str,
    /// the lines that are meant, as `3-9`, if not all
    lines: Option<String>,
    /// `examine`, `review`, `edit`, `context` or `output`, if it was said
    role: Option<&'static str>,
    /// what that session says about it, if anything
    note: Option<&'a str>,
}

impl<'a> Handoff<'a> {
    /// Takes what was left.
    pub(super) fn of(left: &'a Left) -> Self {
        let handoff = &left.handoff;
        let said = &handoff.said;
        let all = |words: &'a [Words]| words.iter().map(Words::as_str).collect();
        Self {
            resource: handoff.resource.label(),
            from: handoff.from.as_str(),
            user: &handoff.user,
            host: &handoff.host,
            at: At(handoff.at),
            status: said.status.as_str(),
            next: said.next.as_str(),
            artifacts: said.artifacts.iter().map(Pointed::of).collect(),
            questions: all(&said.questions),
            avoid: all(&said.avoid),
            commit: handoff.code.commit.as_deref(),
            branch: handoff.code.branch.as_deref(),
            remote_has_commit: handoff.code.remote_has_commit,
            have_commit: left.have_commit,
        }
    }
}

impl<'a> Pointed<'a> {
    fn of(artifact: &'a Artifact) -> Self {
        Self {
            path: &artifact.path,
            lines: artifact.lines.map(|(from, to)| format!("{from}-{to}")),
            role: artifact.role.map(Role::as_str),
            note: artifact.note.as_ref().map(Words::as_str),
        }
    }
}

/// Returns the lines about what was left, the words of the other session in quotes.
pub(super) fn text(left: &Left, when: &When) -> String {
    let handoff = &left.handoff;
    let said = &handoff.said;
    let commit = handoff.code.commit.as_deref().map(short);
    let at = commit.map(|commit| format!(" at {commit}"));
    let branch = handoff.code.branch.as_deref();
    let branch = branch.map(|branch| format!(" on {}", name(branch)));
    let mut out = format!(
        "{BOLD}Handoff{BOLD:#} for {}, left by {} {}{}{}, in its words:\n",
        handoff.resource,
        handoff.from,
        when.relative(handoff.at),
        at.unwrap_or_default(),
        branch.unwrap_or_default()
    );
    let mut line = |what: &str, words: &dyn std::fmt::Display| {
        let _ = writeln!(out, "  {DIM}{what}{DIM:#} {words}");
    };
    line("status:  ", &said.status);
    line("next:    ", &said.next);
    for artifact in &said.artifacts {
        let role = artifact.role.map(|role| format!(" ({})", role.as_str()));
        let note = artifact.note.as_ref().map(|note| format!(": {note}"));
        let (role, note) = (role.unwrap_or_default(), note.unwrap_or_default());
        line("artifact:", &format!("{}{role}{note}", artifact.place()));
    }
    for question in &said.questions {
        line("question:", question);
    }
    for avoid in &said.avoid {
        line("avoid:   ", avoid);
    }
    out.push_str(&fetch_first(left));
    out
}

/// Returns the line that says that the code here lacks the commit.
fn fetch_first(left: &Left) -> String {
    let (Some(commit), Some(false)) = (&left.handoff.code.commit, left.have_commit) else {
        return String::new();
    };
    let short = short(commit);
    let unsent = match left.handoff.code.remote_has_commit {
        Some(false) => "; no remote had it then: its holder has to push it",
        _ => "",
    };
    format!(
        "{WARN}Fetch first:{WARN:#} the last holder left at {short}, which is not here: git \
         fetch{unsent}\n"
    )
}

fn short(commit: &str) -> &str {
    commit.get(..SHORT).unwrap_or(commit)
}

/// Returns the tables of `docs/json.md` that show these shapes.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<Handoff<'_>>("handoff"),
        whole::<Pointed<'_>>("handoff artifact"),
    ]
}
