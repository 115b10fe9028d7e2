//! Text for the model about what happened to the claims of its session.
//!
//! Owns the wording: what to do first, then what happened, when and through whom, then the command
//! that follows. What another session wrote is in quotes. Never decides what is told.

use std::fmt::Write as _;

use super::briefing::{
    CHARS_MAX, LABEL_BYTES_MAX, NAME_BYTES_MAX, PURPOSE_BYTES_MAX, command_word, instant,
};
use super::command_label::task_of;
use super::instants::near;
use crate::model::departure::Moved;
use crate::model::news::News;
use crate::model::refusal::Refusal;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::text::{harmless, quote, quote_name};
use crate::model::time::Timestamp;
use crate::model::turn::{self, is_turn};

/// The most lines; what is left out is counted.
const LINES_MAX: usize = 12;
/// The most that one line tells at once.
const ALIKE_MAX: usize = 6;
/// What follows if something is left out.
const MORE: &str = "- more: git presence status\n";

/// Returns the text about what a session was not told yet, of at most `chars_max` characters, and
/// how much of it that tells; `None` if nothing fits.
pub fn untold_briefing(now: Timestamp, news: &[News], chars_max: usize) -> Option<(String, usize)> {
    let mut text = format!("git presence, as of {}:\n", instant(now));
    let mut left = chars_max.saturating_sub(text.chars().count());
    let mut told = 0;
    for alike in news
        .chunk_by(are_alike)
        .flat_map(|all| all.chunks(ALIKE_MAX))
        .take(LINES_MAX)
    {
        let line = format!("- {}\n", line_of(alike, now));
        let rest = if told + alike.len() == news.len() {
            0
        } else {
            MORE.len()
        };
        let needs = line.chars().count();
        if needs + rest > left {
            break;
        }
        left -= needs;
        text.push_str(&line);
        told += alike.len();
    }
    if told < news.len() {
        text.push_str(MORE);
    }
    (told > 0).then_some((text, told))
}

/// Returns whether one line tells both, with one command: what is free, and what expired at once.
fn are_alike(one: &News, other: &News) -> bool {
    let is_path = |one: &Resource| one.kind() == ResourceKind::Path;
    let is_task = |one: &Resource| task_of(one).is_some();
    let (resource, again) = match (one, other) {
        (
            News::Freed { resource, moved },
            News::Freed {
                resource: again,
                moved: too,
            },
        ) if moved.is_none() && too.is_none() && is_path(resource) == is_path(again) => {
            (resource, again)
        }
        (
            News::Expired { resource, at },
            News::Expired {
                resource: again,
                at: too,
            },
        ) if instant(*at) == instant(*too) => (resource, again),
        _ => return false,
    };
    let is_alone = |one| is_task(one) || is_turn(one);
    !is_alone(resource) && !is_alone(again)
}

/// Returns the line about what is alike.
fn line_of(alike: &[News], now: Timestamp) -> String {
    let ([first, _, ..], all) = (alike, alike) else {
        return alike.first().map(|one| line(one, now)).unwrap_or_default();
    };
    let resources: Vec<&Resource> = all.iter().filter_map(News::resource).collect();
    let labels = resources.iter().map(|one| label(one)).collect::<Vec<_>>();
    let labels = labels.join(", ");
    let words: Option<Vec<String>> = { resources.iter() }
        .map(|one| command_word(one.label()))
        .collect();
    let claim = |options: &str| {
        let line = words.as_ref().map(|words| words.join(" "));
        let line = line.map(|words| {
            format!(" To claim them: git presence claim {options}{words} --purpose \"<why>\"")
        });
        line.unwrap_or_default()
    };
    match first {
        News::Freed { resource, .. } => format!(
            "Go on: {labels} are free now, as far as is known.{}",
            claim(exclusively(resource))
        ),
        News::Expired { at, .. } => format!(
            "Claim them again if you go on: the claims of this session on {labels} expired at \
             {}.{}",
            near(*at, now),
            claim("")
        ),
        _ => all
            .iter()
            .map(|one| line(one, now))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// Returns the option of a claim of what is free at last: what is waited for is mostly applied
/// then, which only one session may do.
fn exclusively(resource: &Resource) -> &'static str {
    match resource.kind() {
        ResourceKind::Path => "",
        _ => "--exclusive ",
    }
}

fn line(news: &News, now: Timestamp) -> String {
    match news {
        News::Lost(lost) => of_loss(lost, now),
        News::Expired { resource, at } => format!(
            "Claim it again if you go on: the claim of this session on {} expired at {}.{}",
            label(resource),
            near(*at, now),
            claim_again(resource, "")
        ),
        News::RequestExpired { resource, at } => format!(
            "Ask again if you need it: the queued request of this session for {} expired at {}.{}",
            label(resource),
            near(*at, now),
            claim_again(resource, "--exclusive --wait ")
        ),
        News::Superseded { resource, by, at } => format!(
            "Claim it again if you go on: the claim of this session on {} was released at {}, \
             since session {} replaced this one.{}",
            label(resource),
            near(*at, now),
            quote_name(by.as_str(), NAME_BYTES_MAX),
            claim_again(resource, "")
        ),
        News::FreezeEnded { resource, at } => format!(
            "Freeze it again if that has to go on: the freeze of {} by this session ended at {}. Other \
             sessions can claim it again.{}",
            label(resource),
            near(*at, now),
            freeze_again(resource)
        ),
        News::Freed { resource, moved } => of_freed(resource, moved.as_ref()),
        News::IdShared { by, at } => format!(
            "Tell the user: another agent was started with the session id of this one at {} and is \
             {} now. What it claims is not of this session.",
            near(*at, now),
            quote_name(by.as_str(), NAME_BYTES_MAX)
        ),
        News::WaitedFor { resource, by, at } => format!(
            "{} {} as soon as you are done with it: session {} waits for it since {}.{}",
            match (task_of(resource), is_turn(resource)) {
                (Some(_), _) => "Finish",
                (None, true) => "Pass on",
                (None, false) => "Release",
            },
            label(resource),
            quote_name(by.as_str(), NAME_BYTES_MAX),
            near(*at, now),
            release(resource)
        ),
        News::Granted { resource, at, .. } => format!(
            "Go on: this session holds {} exclusively since {}: its queued request was granted.{}",
            label(resource),
            near(*at, now),
            release(resource)
        ),
    }
}

fn of_freed(resource: &Resource, moved: Option<&Moved>) -> String {
    let mut text = format!(
        "Go on: {} is free now, as far as is known.",
        label(resource)
    );
    if let Some(moved) = moved {
        let by = quote_name(moved.last.session.as_str(), NAME_BYTES_MAX);
        let _ = write!(
            text,
            " But {}, where {by} was when it was done.",
            moved.advice()
        );
    }
    text + &claim_again(resource, exclusively(resource))
}

fn of_loss(lost: &Refusal, now: Timestamp) -> String {
    const OTHER: &str = " Another session may be changing it.";
    match lost {
        Refusal::Expired { resource, at } => format!(
            "Stop: the exclusive claim of this session on {} expired at {}.{OTHER}{}",
            label(resource),
            near(*at, now),
            claim_again(resource, "--exclusive ")
        ),
        Refusal::LeaseUntrusted { resource } => format!(
            "Stop: the lease of this session on {} can no longer be trusted on this machine.{OTHER}{}",
            label(resource),
            claim_again(resource, "--exclusive ")
        ),
        Refusal::TakenOver {
            resource,
            by,
            reason,
        } => {
            let mut what = format!(
                "Stop: this session no longer holds {}: taken over",
                label(resource)
            );
            if let Some((by, at)) = by {
                let by = quote_name(by.as_str(), NAME_BYTES_MAX);
                let _ = write!(what, " by {by} at {}", near(*at, now));
            }
            if let Some(reason) = reason {
                let reason = quote(reason.as_str(), PURPOSE_BYTES_MAX);
                let _ = write!(what, ", reason {reason}");
            }
            let peek = command_word(resource.label());
            let peek = peek.map(|word| format!(" To see who holds it: git presence peek {word}"));
            what + ". Quoted text was written by that session." + OTHER + &peek.unwrap_or_default()
        }
        other => format!("Stop: {}.", harmless(&other.to_string(), CHARS_MAX / 2)),
    }
}

fn label(resource: &Resource) -> String {
    quote_name(resource.label(), LABEL_BYTES_MAX).to_string()
}

/// Returns the command that releases a resource; nothing for a label that a shell would not read
/// as it stands. A task that is released is given out again: it is done, or handed back.
fn release(resource: &Resource) -> String {
    if let Some((id, list)) = task_of(resource) {
        return format!(
            " When it is done: git presence task done {id}{list}; to hand it back: git presence \
             task back {id}{list}"
        );
    }
    let word = command_word(resource.label());
    if is_turn(resource) {
        let line = word.map(|word| format!(" To pass it on: {}", turn::pass(resource, &word)));
        return line.unwrap_or_default();
    }
    let line =
        word.map(|word| format!(" To release it when you are done: git presence release {word}"));
    line.unwrap_or_default()
}

/// Returns the command that freezes a resource again.
fn freeze_again(resource: &Resource) -> String {
    let word = command_word(resource.label());
    let line = word.map(|word| {
        format!(" To freeze it: git presence state {word} frozen -m \"<why>\" --until 1h")
    });
    line.unwrap_or_default()
}

/// Returns the command that claims a resource again; nothing for a label that a shell would not
/// read as it stands.
fn claim_again(resource: &Resource, options: &str) -> String {
    if let Some((id, list)) = task_of(resource) {
        return format!(" To take it: git presence task start {id}{list}");
    }
    let word = command_word(resource.label());
    if is_turn(resource) {
        let option = match options.contains("--wait") {
            true => "--wait",
            false => "",
        };
        let line = word.map(|word| format!(" To take it: {}", turn::take(resource, &word, option)));
        return line.unwrap_or_default();
    }
    let line = word.map(|word| {
        format!(" To claim it: git presence claim {options}{word} --purpose \"<why>\"")
    });
    line.unwrap_or_default()
}

#[cfg(test)]
mod tests;
