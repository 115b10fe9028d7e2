//! The lines of `task run`, and what came of it.
//!
//! Owns their words and their JSON. Never decides what is done.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes::{self, At};
use super::style::{BOLD, WARN, plural};
use crate::app::tasks::supervise::{Did, Step, Supervised};
use crate::model::message::Text;
use crate::model::supervisor::{Effect, Skip};
use crate::model::task::{Name, place_of};
use crate::model::text::{WORDS_BYTES_MAX, name, quote};

/// A step of a supervisor.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct StepShape<'a> {
    /// when
    at: At,
    /// the name of the list
    list: &'a str,
    /// the task
    task: &'a str,
    /// `record`, `assign`, `spawn`, `run_check`, `stop`, `finish`, `ask_person`, or `leave` for a
    /// task that is left alone
    action: &'static str,
    /// `done`; `would`, with `--dry-run`; `lost`, if another session was faster
    outcome: &'static str,
    /// the state of the attempt from then on: `assigned`, `running`, `checking`, `retrying` or
    /// `needs_person`; null if nothing was recorded
    state: Option<&'static str>,
    /// which attempt it is; null if nothing was recorded
    number: Option<u32>,
    /// the session that was told to take it; null for other actions
    session_id: Option<&'a str>,
    /// the check that runs, or is missing; null for other actions
    check: Option<&'a str>,
    /// why a person is asked, or the task is left alone; null for other actions
    why: Option<String>,
    /// the end of what the last command said; null if it said nothing
    said: Option<&'a str>,
    /// why changes of the work tree after an agent ended are not noticed, the first time; null
    /// otherwise
    unseen: Option<&'a str>,
}

/// What a supervisor did.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct SupervisedShape<'a> {
    /// the name of the list
    list: &'a str,
    /// how many tasks it finished
    done: usize,
    /// how many wait for a person because of it
    asked: usize,
    /// how many tasks of the list are not over
    left: usize,
    /// whether it was only said what would be done
    dry_run: bool,
}

/// A step as a line of JSON, also where the answer is text.
pub struct Headless<'s>(pub &'s Step);

fn name_of(list: &crate::model::resource::Resource) -> &str {
    place_of(list).map_or("", |(name, _)| name)
}

const fn word(effect: &Effect) -> &'static str {
    match effect {
        Effect::None => "record",
        Effect::Assign(_) => "assign",
        Effect::Spawn => "spawn",
        Effect::RunCheck(_) => "run_check",
        Effect::Stop => "stop",
        Effect::Finish => "finish",
        Effect::AskPerson(_) => "ask_person",
        Effect::Leave(_) => "leave",
    }
}

/// Returns why a task is left alone, and what to do about it.
fn left(skip: &Skip) -> String {
    match skip {
        Skip::NotAccepted => {
            "it was made in another clone; to work on those of the team: git config \
                              presence.acceptWork team"
                .to_owned()
        }
        Skip::NoSuchCheck(check) => format!(
            "this clone has no check {check}, and a task brings none along; to have it: git config \
             presence.check.{check} \"<command>\", or a line in .presence/checks.toml"
        ),
        Skip::ForOther(to) => format!(
            "it is for {} alone, and an agent works for this session; whom it is for takes it by itself, \
             or offers itself: git presence claim role:worker --purpose \"<text>\"",
            name(&to.typed())
        ),
        Skip::NoWorker => {
            "no session offers itself, and there is no agent; name one with --agent, \
                           or in a session: git presence claim role:worker --purpose \"<text>\""
                .to_owned()
        }
    }
}

fn why(effect: &Effect) -> Option<String> {
    match effect {
        Effect::AskPerson(why) => Some(why.words()),
        Effect::Leave(skip) => Some(left(skip)),
        _ => None,
    }
}

impl<'a> StepShape<'a> {
    fn of(step: &'a Step) -> Self {
        let action = &step.action;
        let record = action.record.as_ref();
        let said = record.and_then(|attempt| attempt.said.as_ref());
        Self {
            at: At(step.at),
            list: name_of(&step.list),
            task: action.id.as_str(),
            action: word(&action.effect),
            outcome: match step.did {
                Did::Done => "done",
                Did::Would => "would",
                Did::Lost => "lost",
            },
            state: record.map(|attempt| attempt.state.as_str()),
            number: record.map(|attempt| attempt.number),
            session_id: match &action.effect {
                Effect::Assign(session) => Some(session.as_str()),
                _ => None,
            },
            check: match &action.effect {
                Effect::RunCheck(check) | Effect::Leave(Skip::NoSuchCheck(check)) => {
                    Some(Name::as_str(check))
                }
                _ => None,
            },
            why: why(&action.effect),
            said: said.map(Text::as_str),
            unseen: step.unseen.as_deref(),
        }
    }
}

impl Present for Step {
    fn text(&self, _: &Terminal) -> String {
        let action = &self.action;
        let number = action.record.as_ref().map_or(1, |attempt| attempt.number);
        let what = match &action.effect {
            Effect::None => format!("attempt {number} failed, and is tried again"),
            Effect::Assign(session) => format!("attempt {number}: told {session} to take it"),
            Effect::Spawn => format!("attempt {number}: the agent runs"),
            Effect::RunCheck(check) => format!("attempt {number}: the check {check} runs"),
            Effect::Stop => "what runs is ended".to_owned(),
            Effect::Finish => "done".to_owned(),
            Effect::AskPerson(why) => {
                format!("{WARN}waits for a person{WARN:#}: {}", why.words())
            }
            Effect::Leave(skip) => format!("{WARN}left alone{WARN:#}: {}", left(skip)),
        };
        let would = match self.did {
            Did::Done => "",
            Did::Would => "would: ",
            Did::Lost => "another session was faster: ",
        };
        let mut out = format!("{BOLD}{}{BOLD:#} {would}{what}\n", action.id);
        if let Some(why) = &self.unseen {
            let why = quote(why, WORDS_BYTES_MAX);
            let _ = writeln!(out, "  changes of the work tree are not noticed: {why}");
        }
        out
    }

    fn json(&self) -> Value {
        shapes::value(&StepShape::of(self))
    }
}

impl Present for Headless<'_> {
    fn text(&self, _: &Terminal) -> String {
        self.0.line()
    }

    fn json(&self) -> Value {
        self.0.json()
    }
}

impl Present for Supervised {
    fn text(&self, _: &Terminal) -> String {
        let mut out = String::new();
        if !self.dry_run {
            let done = plural(self.done, "task");
            let _ = writeln!(
                out,
                "{done} done, {} for a person, {} left",
                self.asked, self.left
            );
        }
        out
    }

    fn json(&self) -> Value {
        shapes::value(&SupervisedShape {
            list: name_of(&self.list),
            done: self.done,
            asked: self.asked,
            left: self.left,
            dry_run: self.dry_run,
        })
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<StepShape<'_>>("task run steps"),
        whole::<SupervisedShape<'_>>("task run"),
    ]
}
