//! What a session hands over, as it is typed: options, or a file; and to whom.
//!
//! Owns the arguments ([`Words`], [`Offering`]), how an artifact is spelled, and the errors for
//! what is not accepted. Never opens a ledger.

use std::path::Path;
use std::time::Duration;

use super::args::{parse_resource, parse_ttl};
use super::env::Env;
use crate::app::turns::pass::To;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::handoff_file::{self, Parts, Typed, TypedArtifact};
use crate::model::handoff::{self, Artifact, HANDOFF_BYTES_MAX, Role, Said, parse_lines};
use crate::model::offer::OFFER_SECS;
use crate::model::text::name;
use crate::model::time::Ttl;

/// The most bytes of a file with a handoff: what is said and how it is spelled.
const FILE_BYTES_MAX: usize = 4 * HANDOFF_BYTES_MAX;
/// How long what comes through a pipe may take.
const PIPE_WITHIN: Duration = Duration::from_secs(30);
const PATH: &str = "path:";

/// What the next holder is told.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "For the next holder")]
pub(crate) struct Words {
    /// Say how things stand
    #[arg(long, value_name = "TEXT")]
    status: Option<String>,
    /// Say what is to be done next
    #[arg(long, value_name = "TEXT")]
    next: Option<String>,
    /// Name a file, lines of it, and what it is for: examine, review, edit, context or output
    #[arg(long = "artifact", value_name = "PATH[:FROM-TO][=ROLE]")]
    artifacts: Vec<String>,
    /// Ask what is open
    #[arg(long = "question", value_name = "TEXT")]
    questions: Vec<String>,
    /// Say what not to do
    #[arg(long, value_name = "TEXT")]
    avoid: Vec<String>,
    /// Read all of it from a file in TOML or JSON; - is standard input
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["status", "next", "artifacts", "questions", "avoid"]
    )]
    handoff: Option<String>,
}

/// To whom a released resource is offered; `release` has it too.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct Offering {
    /// Offer it to one session, which alone can have it for a while [default: the first in line]
    #[arg(long, value_name = "ID")]
    pub(super) to: Option<String>,
    /// With --to: offer it for this long, instead of 20m
    #[arg(long, value_name = "SPAN", requires = "to")]
    offer_for: Option<String>,
    /// With --to: offer it to a session without a recent heartbeat, too
    #[arg(long, requires = "to")]
    anyway: bool,
}

impl Offering {
    /// Returns to whom it is offered, if to anyone.
    pub(super) fn parse(self) -> Result<Option<To>, Failure> {
        let Some(who) = self.to else {
            return Ok(None);
        };
        let lasts = match &self.offer_for {
            Some(text) => parse_ttl(text)?,
            None => Ttl::from_secs(OFFER_SECS).map_err(Failure::usage)?,
        };
        let anyway = self.anyway;
        Ok(Some(To { who, anyway, lasts }))
    }
}

impl Words {
    /// Returns true if nothing is to be handed over.
    pub(crate) fn is_empty(&self) -> bool {
        let has_item = !self.artifacts.is_empty() || !self.questions.is_empty();
        let has_text = self.status.is_some() || self.next.is_some() || self.handoff.is_some();
        !has_item && !has_text && self.avoid.is_empty()
    }

    /// Returns what is handed over; `None` if nothing is.
    pub(crate) fn parse(self, context: &Context, env: &Env) -> Result<Option<Said>, Failure> {
        if self.is_empty() {
            return Ok(None);
        }
        let typed = match &self.handoff {
            Some(file) => read(env, file)?,
            None => Typed {
                status: self.status,
                next: self.next,
                artifacts: self
                    .artifacts
                    .into_iter()
                    .map(TypedArtifact::Word)
                    .collect(),
                questions: self.questions,
                avoid: self.avoid,
            },
        };
        said(typed, context, env).map(Some)
    }
}

fn read(env: &Env, file: &str) -> Result<Typed, Failure> {
    let bytes = match file {
        "-" => env.host.read_stdin(FILE_BYTES_MAX, PIPE_WITHIN).bytes,
        path => {
            let state = env.host.read_bounded(Path::new(path), FILE_BYTES_MAX);
            state.map_err(|error| {
                Failure::usage(format!(
                    "the handoff {} cannot be read: {error}",
                    name(path)
                ))
                .hint("give --handoff a file, or - for standard input")
            })?
        }
    };
    if bytes.len() > FILE_BYTES_MAX {
        return Err(too_long(&format!(
            "it has more than {FILE_BYTES_MAX} bytes"
        )));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(not_accepted("it is not UTF-8"));
    };
    handoff_file::read(&text).map_err(|why| {
        not_accepted(&why).hint(
            "it has status and next, and may have artifacts, questions and avoid, in TOML or JSON",
        )
    })
}

fn said(typed: Typed, context: &Context, env: &Env) -> Result<Said, Failure> {
    let (Some(status), Some(next)) = (&typed.status, &typed.next) else {
        return Err(not_accepted("it needs --status and --next").hint(
            "say how things stand, and what comes next: --status \"<text>\" --next \"<text>\"",
        ));
    };
    let all = |texts: &[String], flag: &str| {
        let words = texts.iter().map(|text| words(flag, text));
        words.collect::<Result<Vec<_>, Failure>>()
    };
    let artifacts = typed.artifacts.into_iter();
    let said = Said {
        status: words("--status", status)?,
        next: words("--next", next)?,
        artifacts: artifacts
            .map(|typed| artifact(typed, context, env))
            .collect::<Result<_, _>>()?,
        questions: all(&typed.questions, "--question")?,
        avoid: all(&typed.avoid, "--avoid")?,
    };
    said.check().map_err(|error| too_long(&error.to_string()))?;
    Ok(said)
}

fn words(flag: &str, text: &str) -> Result<handoff::Words, Failure> {
    handoff::Words::parse(text)
        .map_err(|error| Failure::usage(format!("the text of {flag} is not accepted: {error}")))
}

fn artifact(typed: TypedArtifact, context: &Context, env: &Env) -> Result<Artifact, Failure> {
    let parts = match typed {
        TypedArtifact::Word(word) => split(&word),
        TypedArtifact::Parts(parts) => parts,
    };
    let role = parts.role.as_deref().map(|word| {
        let known = Role::ALL.map(Role::as_str).join(", ");
        Role::parse(word).ok_or_else(|| {
            Failure::usage(format!("there is no role {}", name(word)))
                .hint(format!("the roles are {known}"))
        })
    });
    let lines = parts.lines.as_deref().map(|text| {
        parse_lines(text).ok_or_else(|| {
            Failure::usage(format!("{} are no lines", name(text))).hint("for example 12 or 12-40")
        })
    });
    let typed = match parts.path.starts_with(PATH) {
        true => parts.path,
        false => format!("{PATH}{}", parts.path),
    };
    let path = parse_resource(context, env, &typed)?;
    let path = path.label().strip_prefix(PATH).unwrap_or(path.label());
    Ok(Artifact {
        path: path.to_owned(),
        lines: lines.transpose()?,
        role: role.transpose()?,
        note: parts.note.map(|note| words("note", &note)).transpose()?,
    })
}

/// Splits `path:from-to=role`. What is no lines, or no word of small letters, belongs to the path.
fn split(word: &str) -> Parts {
    let is_role = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase());
    let (rest, role) = match word.rsplit_once('=') {
        Some((rest, role)) if is_role(role) => (rest, Some(role.to_owned())),
        _ => (word, None),
    };
    let (path, lines) = match rest.rsplit_once(':') {
        Some((path, lines)) if parse_lines(lines).is_some() => (path, Some(lines.to_owned())),
        _ => (rest, None),
    };
    Parts {
        path: path.to_owned(),
        lines,
        role,
        note: None,
    }
}

fn not_accepted(why: &str) -> Failure {
    Failure::usage(format!("the handoff is not accepted: {why}"))
}

fn too_long(why: &str) -> Failure {
    not_accepted(why).hint("say less, and name the files that have the rest: --artifact <path>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_artifact_is_a_path_with_lines_and_a_role() {
        for (word, path, lines, role) in [
            ("src/a.rs", "src/a.rs", None, None),
            ("src/a.rs:3-9=edit", "src/a.rs", Some("3-9"), Some("edit")),
            ("src/a.rs:3", "src/a.rs", Some("3"), None),
            ("src/a.rs=review", "src/a.rs", None, Some("review")),
            ("a:b", "a:b", None, None),
            ("a=B", "a=B", None, None),
            ("a:9-3", "a:9-3", None, None),
        ] {
            let parts = split(word);
            let found = (parts.path.as_str(), parts.lines, parts.role);
            let expected = (path, lines.map(str::to_owned), role.map(str::to_owned));
            assert_eq!(found, expected, "{word}");
        }
    }
}
