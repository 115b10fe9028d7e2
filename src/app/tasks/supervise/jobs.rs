//! The commands of one supervisor, each for one attempt.
//!
//! Owns how the end of a command is judged, and that what it printed is made harmless and cut.
//! Never records anything.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::commands::{Answers, Check};
use crate::context::Context;
use crate::host::{Job as Command, JobEnd};
use crate::model::message::Text;
use crate::model::supervisor::{Job, Outcome, Verdict};
use crate::model::task::TaskId;
use crate::model::text::harmless_lines;

/// How much of what a command printed is kept here.
pub(super) const KEPT_BYTES_MAX: usize = 64 * 1024;
/// How much of it is recorded with the task.
const SAID_BYTES_MAX: usize = 4 * 1024;
const SHELL: [&str; 2] = ["sh", "-c"];
const PASS: &str = "PASS";
const FAIL: &str = "FAIL";

/// What a command is for.
#[derive(Clone, Debug)]
pub(super) enum For {
    /// It is an agent.
    Agent,
    /// It is a check.
    Check(Check),
}

struct Running {
    what: For,
    command: Option<Command>,
    end: Option<Outcome>,
    is_over_time: bool,
}

/// The commands that run or have ended, at most one a task.
#[derive(Default)]
pub(super) struct Jobs(BTreeMap<TaskId, Running>);

impl Jobs {
    /// Starts the command of an attempt. One that cannot start has ended.
    pub(super) fn start(
        &mut self,
        context: &Context,
        id: &TaskId,
        (what, line): (For, &str),
        (env, input): (&[(String, String)], String),
    ) {
        let words: Vec<OsString> = SHELL.iter().map(|word| OsString::from(*word)).collect();
        let words = [words, vec![OsString::from(line)]].concat();
        let top = context.worktree().unwrap_or_else(|| Path::new("."));
        let started = Command::start(&words, env, top, input.into_bytes(), KEPT_BYTES_MAX);
        let mut running = Running {
            what,
            command: None,
            end: None,
            is_over_time: false,
        };
        match started {
            Ok(command) => running.command = Some(command),
            Err(error) => running.end = Some(not_judged(&running.what, &error.to_string())),
        }
        self.0.insert(id.clone(), running);
    }

    /// Looks which commands have ended. Returns true if one has since the last look.
    pub(super) fn poll(&mut self) -> bool {
        let mut has_ended = false;
        for running in self.0.values_mut() {
            let end = running.command.as_mut().and_then(Command::ended);
            if let (Some(end), None) = (end, &running.end) {
                running.end = Some(running.judge(&end));
                running.command = None;
                has_ended = true;
            }
        }
        has_ended
    }

    /// Returns what is known of the command of a task.
    pub(super) fn of(&self, id: &TaskId) -> Job {
        let Some(running) = self.0.get(id) else {
            return Job::None;
        };
        match (&running.end, &running.what) {
            (None, _) => Job::Runs,
            (Some(outcome), For::Agent) => Job::AgentEnded(outcome.clone()),
            (Some(outcome), For::Check(_)) => Job::CheckEnded(outcome.clone()),
        }
    }

    /// Ends the command of a task, which took too long, or may not go on.
    pub(super) fn stop(&mut self, id: &TaskId) {
        if let Some(running) = self.0.get_mut(id) {
            running.is_over_time = true;
            if let Some(command) = &mut running.command {
                command.kill();
            }
        }
    }

    /// Forgets a command that has ended: its end is on record.
    pub(super) fn forget(&mut self, id: &TaskId) {
        if self.0.get(id).is_some_and(|running| running.end.is_some()) {
            self.0.remove(id);
        }
    }

    /// Forgets the commands that have ended, of tasks that are over.
    pub(super) fn retain(&mut self, is_left: &dyn Fn(&TaskId) -> bool) {
        self.0
            .retain(|id, running| is_left(id) || running.end.is_none());
    }

    /// Returns how many commands run.
    pub(super) fn running(&self) -> usize {
        self.0
            .values()
            .filter(|running| running.end.is_none())
            .count()
    }

    /// Ends all of them.
    pub(super) fn end_all(&mut self) {
        self.0.clear();
    }
}

impl Running {
    /// Returns what the end of the command says.
    fn judge(&self, end: &JobEnd) -> Outcome {
        if self.is_over_time {
            return not_judged(&self.what, "it took too long, and was ended");
        }
        let tail = String::from_utf8_lossy(&end.tail);
        let head = String::from_utf8_lossy(&end.head);
        let verdict = match &self.what {
            For::Check(Check {
                answers: Answers::ByWord,
                ..
            }) => by_word(&head, end.code),
            // The shell found no such command, or may not run it.
            For::Check(_) if matches!(end.code, Some(126 | 127) | None) => Verdict::DidNotJudge,
            For::Agent | For::Check(_) if end.code == Some(0) => Verdict::Passed,
            For::Agent | For::Check(_) => Verdict::Failed,
        };
        let code = match end.code {
            Some(code) => format!("exit code {code}"),
            None => "ended by a signal".to_owned(),
        };
        let said = last_of(&tail);
        let failure = blake3::hash(format!("{code}\n{tail}").as_bytes()).to_hex();
        Outcome {
            verdict,
            said: Text::parse(&format!("{code}\n{said}"))
                .ok()
                .or(Text::parse(&code).ok()),
            failure: (verdict == Verdict::Failed).then(|| failure[..16].to_owned()),
        }
    }
}

/// Returns what an answer says that has to begin with a word.
fn by_word(head: &str, code: Option<i32>) -> Verdict {
    let head = head.trim_start();
    let first = head.split(|c: char| !c.is_ascii_alphanumeric()).next();
    match (first, code) {
        (Some(PASS), Some(0)) => Verdict::Passed,
        (Some(FAIL), Some(_)) => Verdict::Failed,
        _ => Verdict::DidNotJudge,
    }
}

fn not_judged(what: &For, why: &str) -> Outcome {
    let is_agent = matches!(what, For::Agent);
    Outcome {
        verdict: match is_agent {
            true => Verdict::Failed,
            false => Verdict::DidNotJudge,
        },
        said: Text::parse(why).ok(),
        failure: is_agent.then(|| why.to_owned()),
    }
}

/// Returns the last lines that fit into a record, made harmless.
fn last_of(text: &str) -> String {
    let clean = harmless_lines(text);
    let mut start = clean.len().saturating_sub(SAID_BYTES_MAX);
    while !clean.is_char_boundary(start) {
        start += 1;
    }
    clean[start..].trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_to_begin_with_its_word() {
        for (head, code, verdict) in [
            ("PASS", Some(0), Verdict::Passed),
            ("\n PASS: fine", Some(0), Verdict::Passed),
            ("PASS", Some(1), Verdict::DidNotJudge),
            ("PASS", None, Verdict::DidNotJudge),
            ("FAIL it is wrong", Some(0), Verdict::Failed),
            ("FAIL", Some(1), Verdict::Failed),
            ("PASSED", Some(0), Verdict::DidNotJudge),
            ("pass", Some(0), Verdict::DidNotJudge),
            ("I think PASS", Some(0), Verdict::DidNotJudge),
            ("", Some(0), Verdict::DidNotJudge),
        ] {
            assert_eq!(by_word(head, code), verdict, "{head} {code:?}");
        }
    }

    #[test]
    fn what_was_printed_is_cut_at_its_beginning_and_harmless() {
        let long = "\u{e4}".repeat(SAID_BYTES_MAX);
        assert!(last_of(&long).len() <= SAID_BYTES_MAX);
        assert!(!last_of("a\u{1b}[2Jb\nc").contains('\u{1b}'));
    }
}
