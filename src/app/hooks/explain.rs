//! The use case of `guard explain`: what a command line would change, and why.
//!
//! Owns how what it changes in several repositories becomes one answer. Never writes, never runs
//! the line.

use crate::app::hooks::elsewhere;
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::{Class, Part, Verdict};

/// How much of a line is shown of which a part is judged by no board, in characters.
const SHOWN_MAX: usize = 60;

/// The verdict on a command line.
#[derive(Debug)]
pub struct Explained {
    /// What it changes, part by part.
    pub verdict: Verdict,
}

/// Judges a command. One word is parsed as a shell line.
pub fn execute(context: &Context, command: &[String]) -> Result<Explained, Failure> {
    if let [line] = command {
        let judged = elsewhere::judge(context, line)?;
        let mut verdict = judged.here;
        for there in judged.there {
            let top = there
                .context
                .worktree()
                .map(|top| top.display().to_string());
            let mut parts = there.verdict.parts;
            for part in &mut parts {
                part.why = format!("{}, in {}", part.why, top.as_deref().unwrap_or_default());
            }
            verdict.parts.extend(parts);
        }
        verdict
            .parts
            .extend(judged.left_out.map(|why| unjudged(line, why)));
        return Ok(Explained { verdict });
    }
    let verdict = elsewhere::judge_call(context, command)?.here;
    Ok(Explained { verdict })
}

/// Returns the part of a line that no board judges.
fn unjudged(line: &str, why: String) -> Part {
    Part {
        command: line.chars().take(SHOWN_MAX).collect(),
        program: String::new(),
        verb: String::new(),
        class: Class::Unknown(why.clone()),
        is_local: false,
        resources: Vec::new(),
        within: Vec::new(),
        kinds: Vec::new(),
        unnamed: Vec::new(),
        places: Vec::new(),
        why,
        rule: None,
        through: Vec::new(),
        is_from_file: false,
        covered: false,
    }
}
