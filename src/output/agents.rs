//! What agents did, and what a prompt shows.
//!
//! Owns the words and the JSON of `audit`, `prompt` and `keep`. Never counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::style::{BOLD, WARN};
use super::table::Table;
use super::{shapes, when};
use crate::app::board::prompt::{Place, Prompt};
use crate::app::hooks::audit::{Audit, Count};
use crate::app::sessions::keepalive::{Ended, Kept};
use crate::model::time::Timestamp;

pub fn audit(r: &Audit, width: usize) -> String {
    let mut out = String::new();
    if let Some(since) = r.since {
        let _ = writeln!(out, "Since {}", when::both(since, r.now));
    }
    let Some(percent) = r.all.covered_percent() else {
        out.push_str("No command was seen that changes something.\n");
        ends(&mut out, r);
        return out;
    };
    let _ = writeln!(
        out,
        "{BOLD}{}{BOLD:#}, {} covered by a claim ({percent} %), {} on what somebody else claimed",
        commands(r.all.commands),
        r.all.covered,
        r.all.contested
    );
    out.push_str(&counts("SESSION", &r.by_session, width));
    out.push_str(&counts("TOOL", &r.by_tool, width));
    ends(&mut out, r);
    out
}

fn commands(count: usize) -> String {
    match count {
        1 => "1 command that changes something".to_owned(),
        count => format!("{count} commands that change something"),
    }
}

fn ends(out: &mut String, r: &Audit) {
    if r.edits > 0 {
        let edits = match r.edits {
            1 => "1 edit of a file".to_owned(),
            edits => format!("{edits} edits of files"),
        };
        let _ = writeln!(out, "{edits} that somebody else claimed");
    }
    if r.denied + r.asked > 0 {
        let _ = writeln!(
            out,
            "{} denied before they ran, {} put to the user",
            r.denied, r.asked
        );
    }
    for entry in &r.bypasses {
        let _ = write!(
            out,
            "{WARN}bypass{WARN:#} {}  {}",
            when::both(entry.at, r.now),
            entry.event.session
        );
        if let Some(purpose) = &entry.event.purpose {
            let _ = write!(out, ": {}", purpose.as_str());
        }
        out.push('\n');
    }
}

fn counts(name: &str, counts: &BTreeMap<String, Count>, width: usize) -> String {
    let header = [name, "COMMANDS", "COVERED", "CONTESTED"];
    let mut table = Table::new(&header);
    for (name, count) in counts {
        let percent = count.covered_percent().unwrap_or_default();
        table.cell(name);
        table.cell(count.commands);
        table.cell(format_args!("{} ({percent} %)", count.covered));
        table.cell(count.contested);
    }
    table.render(width)
}

pub fn audit_json(r: &Audit) -> Value {
    let one = |count: &Count| {
        json!({
            "commands": count.commands,
            "covered": count.covered,
            "contested": count.contested,
        })
    };
    let by = |key: &str, counts: &BTreeMap<String, Count>| -> Value {
        let named = counts.iter().map(|(name, count)| {
            let mut value = one(count);
            value[key] = name.as_str().into();
            value
        });
        named.collect()
    };
    let mut value = one(&r.all);
    value["since"] = r.since.map(Timestamp::to_rfc3339).into();
    value["edits"] = r.edits.into();
    value["denied"] = r.denied.into();
    value["asked"] = r.asked.into();
    value["by_session"] = by("session_id", &r.by_session);
    value["by_tool"] = by("tool", &r.by_tool);
    value["bypasses"] = r.bypasses.iter().map(shapes::entry).collect();
    value
}

pub fn prompt(r: &Prompt) -> String {
    if r.mine + r.others == 0 {
        return String::new();
    }
    let mark = if r.contested > 0 { "!" } else { "" };
    let text = match (r.mine, r.others) {
        (mine, 0) => format!("{mine} mine"),
        (0, others) => format!("{others} others"),
        (mine, others) => format!("{mine}{mark} mine, {others} others"),
    };
    match r.place {
        Place::Terminal => format!("{text}\n"),
        Place::Tmux => {
            let color = match (r.contested, r.mine) {
                (1.., _) => "red",
                (_, 1..) => "yellow",
                _ => "default",
            };
            format!("#[fg={color}]{text}#[default]\n")
        }
    }
}

pub fn prompt_json(r: &Prompt) -> Value {
    json!({ "mine": r.mine, "others": r.others, "contested": r.contested })
}

pub fn kept(r: &Kept) -> String {
    let why = match r.ended {
        Ended::ProcessGone => "the process is gone",
        Ended::KeptAlready => "another keeper is at it",
        Ended::Dismissed => "it is not wanted any more",
        Ended::TimeUp => "it was long enough",
    };
    format!("Renewed {} times; ended: {why}\n", r.beats)
}

pub fn kept_json(r: &Kept) -> Value {
    let ended = match r.ended {
        Ended::ProcessGone => "process_gone",
        Ended::KeptAlready => "kept_already",
        Ended::Dismissed => "dismissed",
        Ended::TimeUp => "time_up",
    };
    json!({ "beats": r.beats, "ended": ended })
}
