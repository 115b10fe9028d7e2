//! Arguments that several verbs take.
//!
//! Owns [`As`], [`Why`] and [`Turn`], and the parsing of resources and spans with the errors for
//! what is not accepted. Never opens a ledger.

use std::time::Duration;

use clap::Args;

use super::env::Env;
use crate::context::Context;
use crate::context::typed::Misread;
use crate::failure::Failure;
use crate::guard::shell::quote;
use crate::model::meant::type_meant;
use crate::model::resource::{KNOWN_TYPES, Resource, ResourceError};
use crate::model::task::TaskId;
use crate::model::text::{Purpose, list, name};
use crate::model::time::{SpanError, Timestamp, Ttl, parse_span_secs};

/// How long a wait takes that names no span: less than the two minutes after which harnesses end a
/// command.
pub(crate) const WAIT_DEFAULT: &str = "110s";

/// Who acts, where that is not what the environment says.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct As {
    /// Act as this session instead of the one that `whoami` shows
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
}

/// The purpose, as other sessions read it; `run` has it too.
#[derive(Args, Debug)]
pub(crate) struct Why {
    /// State the purpose, in one line of at most 1 KiB
    #[arg(
        long,
        short = 'p',
        short_alias = 'm',
        aliases = ["message", "reason", "why"],
        value_name = "TEXT"
    )]
    purpose: String,
}

/// How long to wait for a claim; `run` has it too.
#[derive(Args, Debug)]
pub(crate) struct Turn {
    /// If other sessions claim it, wait up to SPAN until none does, first in, first out
    #[arg(
        long,
        value_name = "SPAN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = WAIT_DEFAULT
    )]
    wait: Option<String>,
}

impl Why {
    pub(crate) fn parse(&self) -> Result<Purpose, Failure> {
        parse_purpose(&self.purpose)
    }
}

/// Reads a purpose.
pub(crate) fn parse_purpose(text: &str) -> Result<Purpose, Failure> {
    Purpose::parse(text).map_err(|error| {
        Failure::usage(format!("the purpose is not accepted: {error}"))
            .hint("give --purpose one line that tells others what you are doing")
    })
}

impl Turn {
    pub(crate) fn parse(&self) -> Result<Duration, Failure> {
        let wait = self.wait.as_deref();
        let secs = wait.map(|text| parse_span("--wait", text)).transpose()?;
        Ok(Duration::from_secs(secs.unwrap_or_default()))
    }
}

/// Reads the one resource that a user typed, where the user stands.
pub(crate) fn parse_resource(
    context: &Context,
    env: &Env,
    text: &str,
) -> Result<Resource, Failure> {
    let typed = context.typed(text).map_err(|why| misread(text, why))?;
    if let Some(note) = &typed.note {
        (env.notify)(note);
    }
    Ok(typed.resource)
}

/// Reads the resources that a user typed, each of them once.
pub(crate) fn parse_resources(
    context: &Context,
    env: &Env,
    texts: &[String],
) -> Result<Vec<Resource>, Failure> {
    let mut parsed: Vec<Resource> = Vec::with_capacity(texts.len());
    for text in texts {
        let resource = parse_resource(context, env, text)?;
        if !parsed.contains(&resource) {
            parsed.push(resource);
        }
    }
    Ok(parsed)
}

/// Reads resources that are to be released, as [`parse_resources`] does. An older version may have
/// recorded a label that is not accepted any more.
pub(crate) fn parse_recorded(
    context: &Context,
    env: &Env,
    texts: &[String],
) -> Result<Vec<Resource>, Failure> {
    let mut parsed: Vec<Resource> = Vec::with_capacity(texts.len());
    for text in texts {
        let resource = match context.typed(text) {
            Ok(_) => parse_resource(context, env, text)?,
            Err(why) => Resource::from_record(text).map_err(|_| misread(text, why))?,
        };
        if !parsed.contains(&resource) {
            parsed.push(resource);
        }
    }
    Ok(parsed)
}

/// Returns the failure for a text that is no resource, with what was meant.
fn misread(text: &str, why: Misread) -> Failure {
    let shown = name(text);
    match why {
        Misread::Not(error) => bad_resource(text, &error),
        Misread::Slip(meant) => {
            let kind = text.split(':').next().unwrap_or_default();
            if kind.chars().any(char::is_uppercase) {
                let kind = kind.to_owned();
                return bad_resource(text, &ResourceError::BadType { kind });
            }
            Failure::usage(format!(
                "the resource {shown} is not accepted: there is no type {kind:?}"
            ))
            .hint(format!("write {}", quote(&meant)))
        }
        Misread::List(parts) => {
            let words: Vec<String> = parts.iter().map(|part| quote(part)).collect();
            let failure = Failure::usage(format!(
                "the resource {shown} is not accepted: a comma does not separate resources"
            ));
            let failure = failure.hint(format!("give each a word of its own: {}", words.join(" ")));
            match text.starts_with("path:") {
                true => {
                    failure.hint(r"for a file with a comma in its name, write it as \, in quotes")
                }
                false => failure,
            }
        }
        Misread::Url(place) => {
            let failure = Failure::usage(format!(
                "the resource {shown} is not accepted: a URL is no label"
            ));
            match place.is_empty() {
                true => failure.hint("write <type>:<name>, for example service:web"),
                false => failure.hint(format!(
                    "write what it is and its name, for example {}",
                    quote(&format!("service:{place}"))
                )),
            }
        }
        Misread::Outside { top: Some(top) } => Failure::usage(format!(
            "the path {shown} is not accepted: it is outside of {}",
            top.display()
        ))
        .hint("for a file of another repository, name that: git presence -C <dir> …"),
        Misread::NoBranch { .. }
        | Misread::TooLong
        | Misread::Unnamed(_)
        | Misread::Twofold { .. } => misnamed(&shown.to_string(), why),
        Misread::Outside { top: None } => Failure::usage(format!(
            "the path {shown} is not accepted: there is no work tree here"
        ))
        .hint("write it from the top of its repository, or name that: git presence -C <dir> …"),
    }
}

/// Returns the failure for a name that no claim of this repository can have on the board.
fn misnamed(shown: &str, why: Misread) -> Failure {
    match why {
        Misread::NoBranch { may_be, meant } => {
            let why = match may_be {
                true => "there is no branch of that name here",
                false => "no branch can have that name",
            };
            let failure = Failure::usage(format!("{shown} is not accepted: {why}"));
            match meant {
                Some(meant) => failure.hint(format!("write {}", quote(&meant))),
                None => failure.hint("name one branch, as git branch shows it: branch:<name>"),
            }
        }
        Misread::TooLong => Failure::usage(format!(
            "{shown} is not accepted: with the name of this repository in front, it is too long \
             for the board"
        ))
        .hint("claim a folder above it, or set a shorter name: git config presence.project <name>"),
        Misread::Unnamed(names) => {
            let names = list(names.iter().map(|one| name(one)));
            Failure::usage(format!(
                "{shown} is not accepted: the name of this repository on the board is not known; \
                 it has several remotes ({names})"
            ))
            .hint("choose the name that the other clones have: git config presence.project <name>")
        }
        Misread::Twofold { board, file } => Failure::usage(format!(
            "{shown} is not accepted: it can be a name on the board, and a file in a folder of \
             that name"
        ))
        .hint(format!(
            "for the file in that folder, write {}",
            quote(&file)
        ))
        .hint(format!(
            "for what stands on the board, write {}",
            quote(&board)
        )),
        _ => Failure::usage(format!("the resource {shown} is not accepted")),
    }
}

/// How long an id of a message is, and how short and how long one of an event that is shown.
const MESSAGE_ID_CHARS: usize = 12;
pub(super) const EVENT_ID_CHARS: usize = 10;
const COMMIT_ID_CHARS: usize = 40;

/// Returns what is done with an id that is no resource: of an event, a message or a task.
pub(super) fn id_meant(text: &str) -> Option<String> {
    let is_hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let has_digit = text.bytes().any(|b| b.is_ascii_digit());
    match text.len() {
        MESSAGE_ID_CHARS if is_hex => Some(format!(
            "answer the message of this id: git presence tell --reply {text} -m \"<answer>\""
        )),
        EVENT_ID_CHARS..=COMMIT_ID_CHARS if is_hex => Some(format!(
            "see what came after the event of this id: git presence log --after {text}"
        )),
        _ if has_digit && TaskId::parse(text).is_some() => Some(format!(
            "see the task of this id: git presence task show {text}"
        )),
        _ => None,
    }
}

fn bad_resource(text: &str, error: &ResourceError) -> Failure {
    let failure = Failure::usage(format!("the resource {text:?} is not accepted: {error}"));
    if let (ResourceError::NoType, Some(way)) = (error, id_meant(text)) {
        return failure.hint(way);
    }
    let known = KNOWN_TYPES.join(":, ");
    match error {
        ResourceError::NoType if parse_span_secs(text).is_ok() => {
            failure.hint(format!("write a span behind a =: --wait={text}"))
        }
        ResourceError::NoType => failure.hint(format!(
            "known types: {known}:; for example infra:{}, or path:{} for a file",
            text.trim(),
            text.trim()
        )),
        ResourceError::BadType { kind } => match type_meant(kind) {
            Some(meant) => failure.hint(format!("write {}", quote(&meant_label(text, meant)))),
            None => failure.hint(format!("known types: {known}:")),
        },
        ResourceError::Path(_) => failure.hint(
            "a path is written from the top of the repository, or from here with ./: path:src/a.rs, \
             path:src, path:src/**, path:./a.rs",
        ),
        ResourceError::Text(_) | ResourceError::NoName => {
            failure.hint("a resource is written <type>:<name>, for example node:k8s-1")
        }
    }
}

fn meant_label(text: &str, kind: &str) -> String {
    let (_, name) = text.split_once(':').unwrap_or(("", text));
    format!("{kind}:{name}")
}

fn bad_span(flag: &str, text: &str, error: &SpanError) -> Failure {
    Failure::usage(format!("{flag} {text:?} is not accepted: {error}"))
        .hint(format!("for example {flag} 15m"))
}

pub(crate) fn parse_ttl(text: &str) -> Result<Ttl, Failure> {
    Ttl::parse(text).map_err(|error| bad_span("--ttl", text, &error))
}

pub(crate) fn parse_span(flag: &str, text: &str) -> Result<u64, Failure> {
    parse_span_secs(text).map_err(|error| bad_span(flag, text, &error))
}

/// Parses the value of `--since`: a time span before `now`, or an instant.
pub(crate) fn parse_when(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    match Timestamp::parse(text) {
        Some(at) => Ok(at),
        None => parse_span("--since", text).map(|secs| now.minus_secs(secs)),
    }
}
