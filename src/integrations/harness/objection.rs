//! The objection to a change that an agent is about to make, or has made.
//!
//! Owns what the model is told to do first, and the commands that follow: what other sessions hold
//! is waited for, never claimed over them. Never decides whether the tool runs.

use std::fmt::Write as _;

use super::briefing::budget::{Group, add};
use super::briefing::{CHARS_MAX, Detail, LABEL_BYTES_MAX, MORE_OTHERS, instant, lines};
use super::command_label::label_word;
use crate::model::holding::Holding;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::text::quote_name;
use crate::model::time::Timestamp;

/// Room for the commands below the claims of an objection.
const COMMANDS_CHARS: usize = 500;
/// Room for the labels in one of them.
const COMMAND_LABELS_CHARS: usize = 320;

/// The most freezes for which it is said how they are lifted: each needs a command of its own.
const LIFTS_MAX: usize = 1;

/// The most resources that are named in one sentence.
const SHARED_MAX: usize = 4;

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

/// Returns the text against a change: what to do first, which claims of other sessions conflict
/// with it, and which resources this session does not claim, with the commands for both. What other
/// sessions hold is waited for, never claimed over them. `comes_first` says that the claims of this
/// session are older; `is_unnamed`, that the line does not name what it changes.
pub fn objection(
    about: Subject,
    others: &[&Holding],
    unclaimed: &[&Resource],
    (comes_first, is_unnamed): (bool, bool),
) -> String {
    let (what, again) = match about.what {
        ChangeKind::Command => ("command", "; after that, run the command again"),
        ChangeKind::Edit => ("edit", "; after that, edit it again"),
    };
    let changes = if about.is_over { "changed" } else { "changes" };
    let as_of = instant(about.now);
    let is_stack = |held: &&Holding| held.resource.kind() == ResourceKind::Named("stack");
    let is_below_a_stack = about.what == ChangeKind::Edit && others.iter().any(is_stack);
    let first = match (others.is_empty(), comes_first, about.is_over) {
        (true, ..) => "",
        (false, true, _) if is_below_a_stack => "Take care: ",
        (false, true, _) => "Go on, this session was first: ",
        (false, false, false) => "Stop: ",
        (false, false, true) => "Tell the user: ",
    };
    let mut text = format!("git presence, as of {as_of}: {first}this {what} {changes} ");
    match (others, unclaimed) {
        ([], []) if is_unnamed => text.push_str(
            "something shared, and this session claims nothing. To claim: git presence claim \
             <type>:<name> --purpose \"<why>\"\n",
        ),
        ([], _) => text.push_str("what this session does not claim.\n"),
        _ => {
            let _ = writeln!(
                text,
                "what other sessions {}. Quoted text was written by those sessions.",
                done_to(others)
            );
        }
    }
    let claims = Group {
        count: others.len(),
        lines: lines(others.iter().copied(), "", (Detail::Everything, about.now)),
        of_each: Vec::new(),
        rest: MORE_OTHERS,
    };
    add(&mut text, &[claims], CHARS_MAX - COMMANDS_CHARS);
    if is_below_a_stack {
        text.push_str("A stack has the files in its folder and below it.\n");
    }
    if !others.is_empty() && !comes_first {
        text.push_str(&ways_to_defer(others));
        text.extend(past_gone(others));
    }
    let is_free = |one: &&&Resource| others.iter().all(|held| !held.resource.overlaps(one));
    let free: Vec<&Resource> = unclaimed.iter().filter(is_free).copied().collect();
    if !free.is_empty() {
        let again = match about.is_over || !others.is_empty() {
            true => "",
            false => again,
        };
        let _ = writeln!(
            text,
            "Not claimed by this session. To claim: git presence claim{} --purpose \
             \"<why>\"{again}.",
            command_words(&free)
        );
    }
    text
}

/// Returns what other sessions did to what is changed.
fn done_to(others: &[&Holding]) -> &'static str {
    let frozen = others.iter().filter(|held| held.is_frozen()).count();
    match (frozen, others.len() - frozen) {
        (0, _) => "claim",
        (_, 0) => "have frozen",
        _ => "claim or have frozen",
    }
}

/// Returns what to do meanwhile about what others claim, and about what they have frozen: a freeze
/// may last for weeks after its session, so that neither waiting nor asking is offered for it.
fn ways_to_defer(others: &[&Holding]) -> String {
    let (frozen, held): (Vec<&Holding>, Vec<&Holding>) =
        others.iter().copied().partition(|held| held.is_frozen());
    let labels = |of: &[&'_ Holding]| -> String {
        let resources: Vec<&Resource> = of.iter().map(|held| &held.resource).collect();
        command_words(&resources)
    };
    let mut text = String::new();
    if !held.is_empty() {
        let _ = write!(
            text,
            "Do other work, or wait until it is free and claim it then: git presence wait{}\n\
             To ask its holder: git presence tell{} --ask -m \"<question>\"\n",
            labels(&held),
            labels(&held[..1])
        );
    }
    for one in frozen.iter().take(LIFTS_MAX) {
        let _ = writeln!(
            text,
            "Do other work: a freeze ends at its time, or when its session lifts it. If the user \
             decides to lift it, on record: git presence state{} --clear --force --reason \
             \"<why>\"",
            labels(&[one])
        );
    }
    text
}

/// Returns how a shared claim is cleared whose process is gone; `None` if there is none.
fn past_gone(others: &[&Holding]) -> Option<String> {
    let mut gone = others
        .iter()
        .filter(|held| held.is_gone && held.token.is_none());
    let first = gone.next()?;
    Some(format!(
        "If the user agrees, clear the claim of the session whose process is gone, on record: git \
         presence release --force{} --reason \"<why>\" --yes\n",
        command_words(&[&first.resource])
    ))
}

/// Returns the text about a command that changes what its session shares with others: what to do
/// first, and why.
pub fn shared_apply(now: Timestamp, shared: &[&Resource]) -> String {
    let labels = shared.iter().take(SHARED_MAX);
    let labels = labels.map(|one| quote_name(one.label(), LABEL_BYTES_MAX).to_string());
    let labels: Vec<String> = labels.collect();
    format!(
        "git presence, as of {}: take care: this command changes {}, which this session claims \
         shared: another session can claim it and change it at the same time. To have it alone \
         first: git presence claim --exclusive{} --purpose \"<why>\"\n",
        instant(now),
        labels.join(", "),
        command_words(shared)
    )
}

/// Returns labels as words of a command, each after a space, as many as there is room for.
fn command_words(resources: &[&Resource]) -> String {
    let mut words = String::new();
    for resource in resources {
        let Some(word) = label_word(resource.label()).map(|word| format!(" {word}")) else {
            continue;
        };
        if words.len() + word.len() > COMMAND_LABELS_CHARS {
            break;
        }
        if !words.contains(&word) {
            words.push_str(&word);
        }
    }
    match words.is_empty() {
        true => " <type>:<name>".to_owned(),
        false => words,
    }
}
