//! Briefings for the model of an agent.
//!
//! Owns the texts that tell a model about other sessions: facts with absolute times in UTC and the
//! time of observation, since a harness shows them again when a session is resumed; their order,
//! the most relevant first; and their limit. Text of other sessions is cut, quoted and attributed.
//! Never gives the model an order.

mod budget;

use std::fmt::Write as _;

use super::unread::unreadable_briefing;
use budget::{Group, add};

use crate::guard::shell;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::knowledge::Knowledge;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::text::{is_word, name, quote, quote_name};
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

/// Maximum length of a briefing; harnesses cut longer text.
pub const CHARS_MAX: usize = 2000;
pub(super) const PURPOSE_BYTES_MAX: usize = 120;
pub(super) const NAME_BYTES_MAX: usize = 80;
const AGENT_BYTES_MAX: usize = 40;
pub(super) const LABEL_BYTES_MAX: usize = 120;
/// Room for the commands below the claims of an objection.
const COMMANDS_CHARS: usize = 500;
/// Room for the labels in one of them.
const COMMAND_LABELS_CHARS: usize = 320;
/// More lines than fit into a briefing.
const LINES_MAX: usize = 30;
/// What follows the number of claims that are left out.
const MORE_OTHERS: &str = ": git presence list --others";
const MORE_CONFLICTS: &str = " conflicts: git presence list --others";

/// What is known at one moment.
#[derive(Debug)]
pub struct Briefing {
    /// The time of observation.
    pub now: Timestamp,
    /// The session of the agent.
    pub me: SessionId,
    /// What is known of other clones.
    pub known: Knowledge,
    /// Records that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// Live claims of this session.
    pub mine: Vec<Holding>,
    /// Live claims of other sessions, each with whether it concerns this repository.
    pub others: Vec<(Holding, bool)>,
}

/// Returns the claims of other sessions as text of at most `chars_max` characters; `None` if there
/// are none.
pub fn claims_briefing(known: &Briefing, chars_max: usize) -> Option<String> {
    if known.others.is_empty() {
        return None;
    }
    let count = known.others.len();
    let claims = if count == 1 { "claim" } else { "claims" };
    let mut text = format!(
        "git presence, as of {}{}: {count} live {claims} of other sessions. Quoted text was \
         written by those sessions.\n",
        instant(known.now),
        view(known)
    );
    let [conflicts, others] = of_others(known);
    add(&mut text, &[conflicts, others], chars_max);
    Some(text)
}

/// Returns the text for the start of a session, of at most `chars_max` characters: its id, and the
/// claims on the board, those that conflict with its own first and its own last. The text names
/// ways to pass the session on unless `passes_session` says that commands know it.
pub fn session_briefing(known: &Briefing, passes_session: bool, chars_max: usize) -> String {
    let me = quote_name(known.me.as_str(), NAME_BYTES_MAX);
    let mut text = format!(
        "git presence, as of {}{}: this session is {me}. Here, sessions claim shared resources with \
         `git presence claim <type>:<name> --purpose \"...\"` before they change them, and \
         release them with `git presence release`.\n",
        instant(known.now),
        view(known)
    );
    if !passes_session {
        let _ = writeln!(
            text,
            "Commands act as this session with --session {me} or GIT_PRESENCE_SESSION={me}."
        );
    }
    text.extend(unknown_briefing(&known.known));
    text.extend(unreadable_briefing(&known.unreadable));
    let is_known = known.known.problem().is_none() && known.unreadable.is_empty();
    match known.others.len() {
        0 if !is_known => {
            text.push_str("No claim of another session is known.\n");
        }
        0 => text.push_str("No other session claims anything.\n"),
        count => {
            let _ = writeln!(
                text,
                "Live claims of other sessions: {count}. Quoted text was written by them."
            );
        }
    }
    let [conflicts, others] = of_others(known);
    let mine = Group {
        count: known.mine.len(),
        lines: lines(known.mine.iter(), "held by this session: ", false),
        rest: " of this session: git presence list --mine",
    };
    add(&mut text, &[conflicts, others, mine], chars_max);
    text
}

/// What kind of change a tool makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A command line.
    Command,
    /// A write to a file.
    Edit,
}

/// What an objection is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The kind of change.
    pub what: ChangeKind,
    /// The time of observation.
    pub now: Timestamp,
    /// Whether the change has already happened.
    pub is_over: bool,
}

/// Returns the text against a change: which claims of other sessions conflict with it, which
/// resources this session does not claim, and how to claim them. `is_unnamed` says that the line
/// does not name what it changes.
pub fn objection(
    about: Subject,
    others: &[&Holding],
    unclaimed: &[&str],
    is_unnamed: bool,
) -> String {
    let (what, again) = match about.what {
        ChangeKind::Command => ("command", "; after that, run the command again"),
        ChangeKind::Edit => ("edit", "; after that, edit it again"),
    };
    let (changes, again) = match about.is_over {
        true => ("changed", ""),
        false => ("changes", again),
    };
    let as_of = instant(about.now);
    let mut text = format!("git presence, as of {as_of}: this {what} {changes} ");
    match (others, unclaimed) {
        ([], []) if is_unnamed => text.push_str(
            "something shared, and this session claims nothing. To claim: git presence claim \
             <type>:<name> --purpose \"<why>\"\n",
        ),
        ([], _) => text.push_str("what this session does not claim.\n"),
        _ => {
            text.push_str(
                "what other sessions claim. Quoted text was written by those sessions.\n",
            );
        }
    }
    let claims = Group {
        count: others.len(),
        lines: lines(others.iter().copied(), "", true),
        rest: MORE_OTHERS,
    };
    add(&mut text, &[claims], CHARS_MAX - COMMANDS_CHARS);
    let is_stack = |held: &&Holding| held.resource.kind() == ResourceKind::Named("stack");
    if about.what == ChangeKind::Edit && others.iter().any(is_stack) {
        text.push_str("A stack has the files in its folder and below it.\n");
    }
    let first = others.first().map(|held| held.resource.label());
    if let Some(label) = first.and_then(command_word) {
        let _ = writeln!(text, "To see whether it is free: git presence peek {label}");
    }
    if !unclaimed.is_empty() {
        let mut words = String::new();
        let word = |label: &&str| match is_word(label) {
            true => Some(shell::quote(label)),
            false => command_word(label),
        };
        for word in unclaimed.iter().filter_map(word) {
            if words.len() + word.len() > COMMAND_LABELS_CHARS {
                break;
            }
            words.push(' ');
            words.push_str(&word);
        }
        if words.is_empty() {
            words.push_str(" <type>:<name>");
        }
        let _ = writeln!(
            text,
            "Not claimed by this session. To claim: git presence claim{words} --purpose \
             \"<why>\"{again}."
        );
    }
    text
}

/// Returns a label as a word of a command, in double quotes; `None` unless a shell reads it as it
/// stands there.
pub(super) fn command_word(label: &str) -> Option<String> {
    let word = quote_name(label, LABEL_BYTES_MAX).to_string();
    let is_whole = word.get(1..word.len() - 1) == Some(label);
    (is_whole && !label.contains(['$', '!'])).then_some(word)
}

/// Returns the claims of other sessions: those that overlap claims of this session, then the
/// others, those about this repository first.
fn of_others(known: &Briefing) -> [Group; 2] {
    let overlaps = |held: &Holding| {
        let mut mine = known.mine.iter();
        mine.any(|own| own.resource.overlaps(&held.resource))
    };
    let (conflicts, mut others): (Vec<_>, Vec<_>) =
        known.others.iter().partition(|(held, _)| overlaps(held));
    others.sort_by_key(|(held, is_here)| {
        let is_kin = known.mine.iter().any(|own| kin(&own.resource, held));
        (!*is_here, !is_kin, std::cmp::Reverse(held.expires_at))
    });
    let group = |claims: Vec<&(Holding, bool)>, before, rest| Group {
        count: claims.len(),
        lines: lines(claims.iter().map(|(held, _)| held), before, true),
        rest,
    };
    [
        group(conflicts, "conflicts with this session: ", MORE_CONFLICTS),
        group(others, "", MORE_OTHERS),
    ]
}

/// Returns a line for each of the first claims, more than there is room for.
fn lines<'h>(
    claims: impl Iterator<Item = &'h Holding>,
    before: &str,
    names_holder: bool,
) -> Vec<String> {
    let line = |held| format!("- {before}{}\n", claim(held, names_holder));
    claims.take(LINES_MAX).map(line).collect()
}

/// Checks whether two resources have the same type.
fn kin(mine: &Resource, held: &Holding) -> bool {
    mine.kind() == held.resource.kind()
}

/// Returns one claim as a line of text. What another session wrote is in quotes, all of it.
pub(super) fn claim(held: &Holding, names_holder: bool) -> String {
    let mut line = quote_name(held.resource.label(), LABEL_BYTES_MAX).to_string();
    if names_holder {
        let _ = write!(
            line,
            " is claimed by {}",
            quote_name(held.session.as_str(), NAME_BYTES_MAX)
        );
        if let Some(agent) = &held.agent {
            let _ = write!(line, " ({})", quote_name(agent, AGENT_BYTES_MAX));
        }
    }
    let _ = write!(
        line,
        "{} since {} until {}, purpose {}",
        if held.token.is_some() {
            " exclusively"
        } else {
            ""
        },
        instant(held.claimed_at),
        instant(held.expires_at),
        quote(held.purpose.as_str(), PURPOSE_BYTES_MAX)
    );
    line
}

/// Formats a time in UTC, to the second.
pub(super) fn instant(at: Timestamp) -> String {
    at.to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Returns the text about what is not known of other clones; `None` if it is known.
pub fn unknown_briefing(known: &Knowledge) -> Option<String> {
    let why = quote(known.problem()?, LABEL_BYTES_MAX);
    let remote = name(known.remote().unwrap_or_default());
    Some(format!(
        "git presence: what other clones claim at {remote} now is not known: {why}. What is not \
         shown as claimed may be claimed. To fetch it: `git presence sync`.\n"
    ))
}

/// Returns when the remote was last fetched, in parentheses.
fn view(known: &Briefing) -> String {
    let Some(remote) = known.known.remote() else {
        return String::new();
    };
    let remote = name(remote);
    match known.known.as_of() {
        Some(at) => format!(" ({remote} as of {})", instant(at)),
        None => format!(" ({remote} never fetched)"),
    }
}
