//! Briefings for the model of an agent.
//!
//! Owns the texts that tell a model about other sessions: facts with absolute times in UTC and the
//! time of observation, since a harness shows them again when a session is resumed; their order,
//! the most relevant first; and their limit. Text of other sessions is cut, quoted and attributed.
//! Never gives the model an order.

use std::fmt::Write as _;

use crate::guard::shell::quote as quote_word;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::text::harmless;
use crate::model::time::Timestamp;

/// Maximum length of a briefing; harnesses cut longer text.
pub const CHARS_MAX: usize = 2000;
/// Room for the line that says how many claims are left out.
const REST_CHARS: usize = 80;
const PURPOSE_BYTES_MAX: usize = 120;
const ID_BYTES_MAX: usize = 80;
const LABEL_BYTES_MAX: usize = 120;

/// What is known at one moment.
#[derive(Debug)]
pub struct Briefing {
    /// The time of observation.
    pub now: Timestamp,
    /// The session of the agent.
    pub me: SessionId,
    /// Name of the remote, and the time of the last fetch; `None` without a remote.
    pub view: Option<(String, Option<Timestamp>)>,
    /// Live claims of this session.
    pub mine: Vec<Holding>,
    /// Live claims of other sessions, each with whether it concerns this repository.
    pub others: Vec<(Holding, bool)>,
}

/// Returns the claims of other sessions as text; `None` if there are none.
pub fn claims_briefing(known: &Briefing) -> Option<String> {
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
    add_claims(&mut text, known);
    Some(text)
}

/// Returns the text for the start of a session: its id, and the claims on the board. The text names
/// ways to pass the session on unless `passes_session` says that commands know it.
pub fn session_briefing(known: &Briefing, passes_session: bool) -> String {
    let me = quote(known.me.as_str(), ID_BYTES_MAX);
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
    for held in &known.mine {
        let _ = writeln!(text, "- held by this session: {}", claim(held, false));
    }
    match known.others.len() {
        0 => text.push_str("No other session claims anything.\n"),
        count => {
            let _ = writeln!(
                text,
                "Live claims of other sessions: {count}. Quoted text was written by them."
            );
            add_claims(&mut text, known);
        }
    }
    cut(text)
}

/// Returns the text about an exclusive claim that this session has lost.
pub fn loss_briefing(now: Timestamp, lost: &Refusal) -> String {
    let label = |resource: &Resource| harmless(resource.label(), LABEL_BYTES_MAX);
    let what = match lost {
        Refusal::Expired { resource, at } => format!(
            "the exclusive claim of this session on {} expired at {}.",
            label(resource),
            instant(*at)
        ),
        Refusal::TakenOver {
            resource,
            by,
            reason,
        } => {
            let mut what = format!(
                "this session no longer holds {}: taken over",
                label(resource)
            );
            if let Some((by, at)) = by {
                let by = quote(by.as_str(), ID_BYTES_MAX);
                let _ = write!(what, " by {by} at {}", instant(*at));
            }
            if let Some(reason) = reason {
                let reason = quote(reason.as_str(), PURPOSE_BYTES_MAX);
                let _ = write!(what, ", reason {reason}");
            }
            what + ". Quoted text was written by that session."
        }
        other => harmless(&other.to_string(), CHARS_MAX / 2) + ".",
    };
    let as_of = instant(now);
    format!("git presence, as of {as_of}: {what} Another session may be changing it.\n")
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
    let what = match about.what {
        ChangeKind::Command => "command",
        ChangeKind::Edit => "edit",
    };
    let (changes, again) = if about.is_over {
        ("changed", "")
    } else {
        ("changes", "; after that, run the command again")
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
    for held in others {
        let line = format!("- {}\n", claim(held, true));
        if text.chars().count() + line.chars().count() + REST_CHARS * 4 > CHARS_MAX {
            text.push_str("- and more: git presence list --others\n");
            break;
        }
        text.push_str(&line);
    }
    if let Some(first) = others.first() {
        let label = quote_word(&harmless(first.resource.label(), LABEL_BYTES_MAX));
        let _ = writeln!(text, "To see whether it is free: git presence peek {label}");
    }
    if !unclaimed.is_empty() {
        let mut words = String::new();
        for label in unclaimed {
            let word = quote_word(&harmless(label, LABEL_BYTES_MAX));
            if words.len() + word.len() > REST_CHARS * 4 {
                break;
            }
            words.push(' ');
            words.push_str(&word);
        }
        let _ = writeln!(
            text,
            "Not claimed by this session. To claim: git presence claim{words} --purpose \
             \"<why>\"{again}."
        );
    }
    cut(text)
}

/// Adds a line for each claim of another session, those that overlap claims of this session first.
fn add_claims(text: &mut String, known: &Briefing) {
    let mut ordered: Vec<&(Holding, bool)> = known.others.iter().collect();
    ordered.sort_by_key(|(held, is_here)| {
        let mut mine = known.mine.iter();
        let meets = mine.any(|own| own.resource.overlaps(&held.resource));
        let is_kin = known.mine.iter().any(|own| kin(&own.resource, held));
        (
            !meets,
            !*is_here,
            !is_kin,
            std::cmp::Reverse(held.expires_at),
        )
    });
    let mut length = text.chars().count();
    for (told, (held, _)) in ordered.iter().enumerate() {
        let line = format!("- {}\n", claim(held, true));
        let chars = line.chars().count();
        if length + chars + REST_CHARS > CHARS_MAX {
            let rest = ordered.len() - told;
            let _ = writeln!(text, "- and {rest} more: git presence list --others");
            return;
        }
        length += chars;
        text.push_str(&line);
    }
}

/// Checks whether two resources have the same type.
fn kin(mine: &Resource, held: &Holding) -> bool {
    mine.kind() == held.resource.kind()
}

/// Returns one claim as a line of text.
pub(super) fn claim(held: &Holding, names_holder: bool) -> String {
    let mut line = harmless(held.resource.label(), LABEL_BYTES_MAX);
    if names_holder {
        let _ = write!(
            line,
            " is claimed by {}",
            quote(held.session.as_str(), ID_BYTES_MAX)
        );
        if let Some(agent) = &held.agent {
            let _ = write!(line, " ({})", harmless(agent, ID_BYTES_MAX));
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

/// Returns when the remote was last fetched, in parentheses.
fn view(known: &Briefing) -> String {
    match &known.view {
        None => String::new(),
        Some((remote, Some(at))) => {
            format!(
                " ({} as of {})",
                harmless(remote, ID_BYTES_MAX),
                instant(*at)
            )
        }
        Some((remote, None)) => format!(" ({} never fetched)", harmless(remote, ID_BYTES_MAX)),
    }
}

/// Quotes foreign text for the model, without characters that could end the quote.
fn quote(text: &str, bytes_max: usize) -> String {
    format!(
        "\"{}\"",
        harmless(text, bytes_max).replace(['"', '\\', '`'], "'")
    )
}

/// Cuts a text to [`CHARS_MAX`].
fn cut(text: String) -> String {
    match text.char_indices().nth(CHARS_MAX) {
        Some((at, _)) => text[..at].to_owned(),
        None => text,
    }
}
