//! A message as it is shown, to people and to models alike.
//!
//! Owns the rule, the header and the indented body, and how much of it is shown ([`Extent`]). What
//! the sender wrote stands behind `>` or in quotes, so that no line of it can be taken for one of
//! this program, of a user or of a system.

use std::fmt::Write as _;

use super::super::text::{name, quote, quote_name, quoted_lines};
use super::super::time::Timestamp;
use super::address::{Address, Means};
use super::post::Sent;
use super::{Message, Text};

/// The line before and after a message.
const RULE: &str = "============================================================";
/// The most bytes of a first line in the header, of all that is shown and of a part.
const SUBJECT_BYTES_MAX: usize = 200;
const SUBJECT_BYTES_OF_PART: usize = 120;
const NAME_BYTES_MAX: usize = 80;
/// The most bytes of a name in the header of a part.
const NAME_BYTES_OF_PART: usize = 60;
/// The most characters of a part that has its header only.
pub const PART_HEADER_CHARS_MAX: usize = 1000;
/// The end of a line that goes on.
const CUT: &str = "…\n";
/// The least that is shown of a line that does not fit.
const LINE_CHARS_MIN: usize = 20;

/// How much of a message is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// As much as fits into so many characters, and at least a short header with the way to all.
    Chars(usize),
}

/// Returns a message with its header; `means` says why it is for the reader, and `instant` spells a
/// time. A first line that does not fit into the header is shown again, with all that follows it.
pub fn shown(
    sent: &Sent,
    means: Option<Means>,
    instant: &dyn Fn(Timestamp) -> String,
    extent: Extent,
) -> String {
    let message = &sent.message;
    let text = &message.draft.text;
    let widths = Widths::of(extent);
    let subject = quote(text.subject(), widths.subject);
    let mut out = format!(
        "{RULE}\nMESSAGE FROM {} — {subject}\n",
        widths.name(sent.by.id.as_str())
    );
    let _ = writeln!(
        out,
        "{} {}@{}; id {}; {}{}",
        match &sent.by.agent {
            Some(agent) => format!("agent {},", quote_name(agent, widths.quoted)),
            None => "a person,".to_owned(),
        },
        widths.name(&sent.by.user),
        widths.name(&sent.by.host),
        message.id(),
        instant(message.sent_at),
        particulars(message, means, widths)
    );
    let _ = writeln!(out, "{RULE}");
    let body = below(text, subject.is_cut());
    if !body.is_empty() {
        let lines = match extent {
            Extent::Whole => quoted_lines(body),
            Extent::Chars(chars_max) => {
                let taken = out.chars().count() + RULE.len() + 1;
                fitting(body, chars_max.saturating_sub(taken), message)
            }
        };
        out.push_str(&lines);
        let _ = writeln!(out, "{RULE}");
    }
    out
}

/// Returns all of a text as lines behind `>`, if its first line does not tell all of it in
/// `subject_bytes` bytes.
pub fn all_of(text: &Text, subject_bytes: usize) -> String {
    quoted_lines(below(text, quote(text.subject(), subject_bytes).is_cut()))
}

/// Returns what stands below the header: what the header does not have.
fn below(text: &Text, is_subject_cut: bool) -> &str {
    match is_subject_cut {
        true => text.as_str(),
        false => text.body(),
    }
}

/// How long the parts of a header may be.
#[derive(Clone, Copy)]
struct Widths {
    subject: usize,
    quoted: usize,
    /// Of a name in quotes; `None` where one word may stand without, which a model could take for
    /// ours.
    name: Option<usize>,
}

impl Widths {
    const fn of(extent: Extent) -> Self {
        match extent {
            Extent::Whole => Self {
                subject: SUBJECT_BYTES_MAX,
                quoted: NAME_BYTES_MAX,
                name: None,
            },
            Extent::Chars(_) => Self {
                subject: SUBJECT_BYTES_OF_PART,
                quoted: NAME_BYTES_OF_PART,
                name: Some(NAME_BYTES_OF_PART),
            },
        }
    }

    fn name(self, text: &str) -> String {
        match self.name {
            None => name(text).to_string(),
            Some(bytes_max) => quote_name(text, bytes_max).to_string(),
        }
    }
}

/// Returns what else a reader has to know, after a semicolon.
fn particulars(message: &Message, means: Option<Means>, widths: Widths) -> String {
    let draft = &message.draft;
    let mut out = match means {
        Some(Means::AsHeir) => "; to the session before you".to_owned(),
        Some(Means::AsOneOfAll) => "; to all".to_owned(),
        Some(Means::ByName) => String::new(),
        Some(Means::AsPerson | Means::AtResource) | None => {
            let to: Vec<String> = draft.to.iter().map(Address::typed).collect();
            let to = to.join(", ");
            format!("; to {}", quote_name(&to, widths.subject))
        }
    };
    if let Some(about) = &draft.about {
        let _ = write!(out, "; about {}", quote_name(about.label(), widths.subject));
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

/// Returns what fits of the body, and where all of it is. A line that does not fit is cut.
fn fitting(body: &str, room: usize, message: &Message) -> String {
    let lines = quoted_lines(body);
    if lines.chars().count() <= room {
        return lines;
    }
    let rest = format!("  (cut; all of it: git presence inbox {})\n", message.id());
    let mut left = room.saturating_sub(rest.chars().count());
    let mut out = String::new();
    for line in lines.lines() {
        let needs = line.chars().count() + 1;
        if needs > left {
            if left >= LINE_CHARS_MIN {
                out.extend(line.chars().take(left - CUT.chars().count()));
                out.push_str(CUT);
            }
            break;
        }
        left -= needs;
        out.push_str(line);
        out.push('\n');
    }
    out + &rest
}

#[cfg(test)]
mod tests;
