//! A message as it is shown, to people and to models alike.
//!
//! Owns the rule, the header and the indented body. What the sender wrote stands behind `>` or in
//! quotes, so that no line of it can be taken for one of this program, of a user or of a system.

use std::fmt::Write as _;

use super::super::text::{name, quote, quote_name, quoted_lines};
use super::super::time::Timestamp;
use super::Message;
use super::address::{Address, Means};
use super::post::Sent;

/// The line before and after a message.
const RULE: &str = "============================================================";
/// The most bytes of a first line in the header.
const SUBJECT_BYTES_MAX: usize = 200;
const NAME_BYTES_MAX: usize = 80;

/// Returns a message with its header; `means` says why it is for the reader, and `instant` spells a
/// time. Of a longer body, as many lines as fit into `chars_max` characters.
pub fn shown(
    sent: &Sent,
    means: Option<Means>,
    instant: &dyn Fn(Timestamp) -> String,
    chars_max: usize,
) -> String {
    let message = &sent.message;
    let draft = &message.draft;
    let subject = quote(draft.text.subject(), SUBJECT_BYTES_MAX);
    let mut out = format!(
        "{RULE}\nMESSAGE FROM {} — {subject}\n",
        name(sent.by.id.as_str())
    );
    let _ = writeln!(
        out,
        "{} {}@{}; id {}; {}{}",
        match &sent.by.agent {
            Some(agent) => format!("agent {},", quote_name(agent, NAME_BYTES_MAX)),
            None => "a person,".to_owned(),
        },
        name(&sent.by.user),
        name(&sent.by.host),
        message.id(),
        instant(message.sent_at),
        particulars(message, means)
    );
    let _ = writeln!(out, "{RULE}");
    let body = draft.text.body();
    let room = chars_max.saturating_sub(out.chars().count() + RULE.len() + 1);
    if !body.is_empty() {
        out.push_str(&fitting(body, room, message));
        let _ = writeln!(out, "{RULE}");
    }
    out
}

/// Returns what else a reader has to know, after a semicolon.
fn particulars(message: &Message, means: Option<Means>) -> String {
    let draft = &message.draft;
    let mut out = match means {
        Some(Means::AsHeir) => "; to the session before you".to_owned(),
        Some(Means::AsOneOfAll) => "; to all".to_owned(),
        Some(Means::ByName) => String::new(),
        Some(Means::AsPerson | Means::AtResource) | None => {
            let to: Vec<String> = draft.to.iter().map(Address::typed).collect();
            let to = to.join(", ");
            format!("; to {}", quote_name(&to, SUBJECT_BYTES_MAX))
        }
    };
    if let Some(about) = &draft.about {
        let _ = write!(
            out,
            "; about {}",
            quote_name(about.label(), SUBJECT_BYTES_MAX)
        );
    }
    if let Some(parent) = &draft.reply_to {
        let _ = write!(out, "; in answer to {parent}");
    }
    if draft.urgent {
        out.push_str("; urgent");
    }
    if draft.asks {
        out.push_str("; wants an answer");
    }
    out
}

/// Returns the lines of the body that fit, and where the rest is.
fn fitting(body: &str, room: usize, message: &Message) -> String {
    let lines = quoted_lines(body);
    if lines.chars().count() <= room {
        return lines;
    }
    let rest = format!("  (cut; all of it: git presence inbox {})\n", message.id());
    let room = room.saturating_sub(rest.chars().count());
    let mut out = String::new();
    let mut left = room;
    for line in lines.lines() {
        let needs = line.chars().count() + 1;
        if needs > left {
            break;
        }
        left -= needs;
        out.push_str(line);
        out.push('\n');
    }
    out + &rest
}
