//! Briefings for the model of an agent.
//!
//! Owns the texts that tell a model about other sessions: facts with the time of day in UTC and the
//! time of observation, since a harness shows them again when a session is resumed; their order,
//! the most relevant first; and their limit. Text of other sessions is cut, quoted and attributed.
//! Never gives the model an order.

pub(super) mod budget;
mod bundles;
mod counted;
mod ended;

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::instants::near;
use super::unread::unreadable_briefing;
use budget::{Group, add};
use counted::{counted, frozen};
use ended::ended_since;
pub use ended::gone_briefing;

use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::knowledge::Knowledge;
use crate::model::offer::Offered;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::text::{name, quote, quote_name};
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

/// Maximum length of a briefing; harnesses cut longer text.
pub const CHARS_MAX: usize = 2000;
pub(super) const PURPOSE_BYTES_MAX: usize = 120;
pub(super) const NAME_BYTES_MAX: usize = 80;
const AGENT_BYTES_MAX: usize = 40;
pub(super) const LABEL_BYTES_MAX: usize = 120;
/// More lines than fit into a briefing.
const LINES_MAX: usize = 30;
/// What follows the number of claims that are left out.
pub(super) const MORE_OTHERS: &str = ": git presence list --others";
const MORE_CONFLICTS: &str = " conflicts: git presence list --others";

/// What is known at one moment.
#[derive(Debug)]
pub struct Briefing {
    /// What is offered to this session.
    pub offered: Vec<Offered>,
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
    /// How many more there are, of which the session was told before.
    pub heard: usize,
    /// Labels of those that have ended since it was told of them.
    pub ended: Vec<String>,
}

/// A text about claims of other sessions.
#[derive(Debug, PartialEq, Eq)]
pub struct ToldClaims {
    /// The text.
    pub text: String,
    /// Which of them are in it, as places in [`Briefing::others`]; the others are counted.
    pub told: Vec<usize>,
}

impl ToldClaims {
    /// Returns the places of the claims that `alone`, which had all of the room, tells, and this
    /// text does not.
    pub fn pushed_out(&self, alone: &Self) -> Vec<usize> {
        let alone = alone.told.iter().copied();
        alone.filter(|place| !self.told.contains(place)).collect()
    }
}

/// Returns the claims of other sessions as text of at most `chars_max` characters; `None` if there
/// are none.
pub fn claims_briefing(known: &Briefing, chars_max: usize) -> Option<ToldClaims> {
    if known.others.is_empty() && known.ended.is_empty() {
        return None;
    }
    let count = known.others.len();
    let mut text = format!(
        "git presence, as of {}{}: ",
        instant(known.now),
        view(known)
    );
    let _ = match (count, known.heard) {
        (0, heard) => {
            let claims = if heard == 1 { "claim" } else { "claims" };
            write!(text, "{heard} live {claims} of other sessions")
        }
        (_, 0) => write!(text, "{} of other sessions", counted(known, "")),
        (_, heard) => write!(
            text,
            "{} of other sessions, beside {heard} that you know of",
            counted(known, "new or changed ")
        ),
    };
    text.push_str(match count {
        0 => ".\n",
        _ => ". Quoted text was written by those sessions.\n",
    });
    text.push_str(&ended_since(&known.ended));
    let told = add_others(&mut text, known, None, chars_max);
    Some(ToldClaims { text, told })
}

/// Returns the text for the start of a session, of at most `chars_max` characters: its id, and the
/// claims on the board, those that conflict with its own first and its own last. The text names
/// ways to pass the session on unless `passes_session` says that commands know it.
pub fn session_briefing(known: &Briefing, passes_session: bool, chars_max: usize) -> ToldClaims {
    let me = quote_name(known.me.as_str(), NAME_BYTES_MAX);
    // Why it is not known is said below.
    let view = match known.known.problem() {
        Some(_) => String::new(),
        None => view(known),
    };
    let mut text = format!(
        "git presence, as of {}{view}: this session is {me}. Here, sessions claim shared resources with \
         `git presence claim <type>:<name> --purpose \"...\"` before they change them, and \
         release them with `git presence release`.\n",
        instant(known.now)
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
        0 if !known.unreadable.is_empty() => {
            text.push_str("No claim of another session can be read.\n");
        }
        0 if !is_known => text.push_str("No other session of this clone claims anything.\n"),
        0 => text.push_str("No other session claims anything.\n"),
        count => {
            let (claims, more) = match frozen(known) {
                0 => (count, String::new()),
                freezes => (count - freezes, format!("; freezes: {freezes}")),
            };
            let _ = writeln!(
                text,
                "Live claims of other sessions: {claims}{more}. Quoted text was written by them."
            );
        }
    }
    let mine = Group {
        count: known.mine.len(),
        lines: lines(
            known.mine.iter(),
            "held by this session: ",
            (Detail::OwnClaim, known.now),
        ),
        of_each: Vec::new(),
        rest: " of this session: git presence list --mine",
    };
    let told = add_others(&mut text, known, Some(mine), chars_max);
    ToldClaims { text, told }
}

/// Returns a label as a word of a command, in double quotes; `None` unless a shell reads it as it
/// stands there.
pub(super) fn command_word(label: &str) -> Option<String> {
    let word = quote_name(label, LABEL_BYTES_MAX).to_string();
    let is_whole = word.get(1..word.len() - 1) == Some(label);
    (is_whole && !label.contains(['$', '!'])).then_some(word)
}

/// Adds the claims of other sessions: those that overlap claims of this session, then the others,
/// those about this repository first; and `mine` after them. Returns which of others were added.
fn add_others(
    text: &mut String,
    known: &Briefing,
    mine: Option<Group>,
    chars_max: usize,
) -> Vec<usize> {
    let overlaps = |held: &Holding| {
        let mut mine = known.mine.iter();
        mine.any(|own| own.resource.overlaps(&held.resource))
    };
    let all = known.others.iter().enumerate();
    let (mut conflicts, mut others): (Vec<_>, Vec<_>) =
        all.partition(|(_, (held, _))| overlaps(held));
    // What excludes this session first, then what it may edit; of these, what is new.
    let order = |held: &Holding| {
        let is_kin = known.mine.iter().any(|own| kin(&own.resource, held));
        let is_path = held.resource.kind() == ResourceKind::Path;
        let (claimed, ends) = (Reverse(held.claimed_at), Reverse(held.expires_at));
        (!held.mode.is_for_one(), !is_kin, !is_path, claimed, ends)
    };
    conflicts.sort_by_cached_key(|(_, (held, _))| order(held));
    others.sort_by_cached_key(|(_, (held, is_here))| (!*is_here, order(held)));
    let mut places = Vec::new();
    let mut group = |claims: &[(usize, &(Holding, bool))], before, rest| {
        let claims_in_order = claims.iter().map(|(place, (held, _))| (*place, held));
        let (mut lines, mut of_each, mut told) = (Vec::new(), Vec::new(), Vec::new());
        for row in bundles::rows(claims_in_order, before, known.now) {
            lines.push(row.line);
            of_each.push(row.places.len());
            told.push(row.places);
        }
        places.push(told);
        Group {
            count: claims.len(),
            lines,
            of_each,
            rest,
        }
    };
    let mut groups = vec![
        group(&conflicts, "conflicts with this session: ", MORE_CONFLICTS),
        group(&others, "", MORE_OTHERS),
    ];
    groups.extend(mine);
    let counts = add(text, &groups, chars_max);
    let told = places.into_iter().zip(counts);
    told.flat_map(|(places, count)| places.into_iter().take(count).flatten())
        .collect()
}

/// How much of a claim is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// All but its session.
    OwnClaim,
    /// Its session and agent, and that its program has ended.
    Holder,
    /// Also the user, the place, and the last heartbeat.
    Everything,
}

/// Returns a line for each of the first claims, more than there is room for.
pub(super) fn lines<'h>(
    claims: impl Iterator<Item = &'h Holding>,
    before: &str,
    (detail, now): (Detail, Timestamp),
) -> Vec<String> {
    let line = |held| format!("- {before}{}\n", claim(held, detail, now));
    claims.take(LINES_MAX).map(line).collect()
}

/// Checks whether two resources have the same type.
fn kin(mine: &Resource, held: &Holding) -> bool {
    mine.kind() == held.resource.kind()
}

/// Returns one claim as a line of text. What another session wrote is in quotes, all of it.
pub(super) fn claim(held: &Holding, detail: Detail, now: Timestamp) -> String {
    let mut line = quote_name(held.resource.label(), LABEL_BYTES_MAX).to_string();
    if detail != Detail::OwnClaim {
        let _ = write!(
            line,
            " is {} by {}",
            verb(held),
            quote_name(held.session.as_str(), NAME_BYTES_MAX)
        );
        line.push_str(&who(held, detail));
    }
    line + &rest_of(held, detail, now)
}

/// Returns what a session did to what it claims, or has frozen.
fn verb(held: &Holding) -> &'static str {
    match held.is_frozen() {
        true => "frozen for all others",
        false => "claimed",
    }
}

/// Returns what is said of a claim behind its session: how, since when, until when, and why.
fn rest_of(held: &Holding, detail: Detail, now: Timestamp) -> String {
    let mut line = String::new();
    let _ = write!(
        line,
        "{} since {}, until {}",
        if held.token.is_some() {
            " exclusively"
        } else {
            ""
        },
        near(held.claimed_at, now),
        near(held.expires_at, now),
    );
    let why = if held.is_frozen() { "why" } else { "purpose" };
    let purpose = quote(held.purpose.as_str(), PURPOSE_BYTES_MAX);
    let _ = write!(line, ", {why} {purpose}");
    if detail == Detail::Everything && !held.is_frozen() {
        let _ = write!(line, ", last heard of {}", near(held.seen_at, now));
        line.push_str(if held.runs { ", its process runs" } else { "" });
    }
    if held.is_gone && detail != Detail::OwnClaim {
        line.push_str(", its process is gone");
    }
    line
}

/// Returns which agent a session is, and where it works, in parentheses after a space.
fn who(held: &Holding, detail: Detail) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(by) = held.session.runs_for() {
        parts.push(format!("a run of {}", quote_name(by, NAME_BYTES_MAX)));
    }
    if let Some(agent) = &held.agent {
        parts.push(quote_name(agent, AGENT_BYTES_MAX).to_string());
    }
    if detail == Detail::Everything {
        let user = format!("{}@{}", held.user, held.host);
        parts.push(quote_name(&user, NAME_BYTES_MAX).to_string());
        if let Some(folder) = &held.whereabouts.folder {
            parts.push(format!("in {}", quote_name(folder, NAME_BYTES_MAX)));
        }
        if let Some(branch) = &held.whereabouts.branch {
            parts.push(format!("on {}", quote_name(branch, NAME_BYTES_MAX)));
        }
    }
    match parts.is_empty() {
        true => String::new(),
        false => format!(" ({})", parts.join(", ")),
    }
}

/// The most characters of the rules of a team that a session is told.
const TEAM_CHARS_MAX: usize = 1000;

/// Returns the beginning of the rules of a team, and where the rest is. They override nothing.
pub fn team_briefing(text: &str, chars_max: usize) -> String {
    let before = "The team's own rules begin so; they override none of the above, and the rest is \
                  shown by git presence instructions: ";
    let room = chars_max.saturating_sub(before.chars().count() + 3);
    let start: String = text.chars().take(TEAM_CHARS_MAX.min(room)).collect();
    match start.trim().is_empty() {
        true => String::new(),
        // Four bytes are the most of a character.
        false => format!("{before}{}\n", quote(&start, 4 * TEAM_CHARS_MAX)),
    }
}

/// Formats a time in UTC, to the second.
pub(super) fn instant(at: Timestamp) -> String {
    at.to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Returns the text about what is not known of other clones; `None` if it is known.
pub fn unknown_briefing(known: &Knowledge) -> Option<String> {
    let why = known.problem()?;
    // What Git or a server said stands in it, in quotes: then all of it does.
    let is_ours = why
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b" ,;".contains(&b));
    let why = match is_ours {
        true => why.to_owned(),
        false => quote(why, LABEL_BYTES_MAX).to_string(),
    };
    let remote = name(known.remote().unwrap_or_default());
    Some(format!(
        "git presence: what other clones claim at {remote} now is not known yet: {why}. A \
         session of another clone may hold what looks free here. To fetch it: `git presence sync`.\n"
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
