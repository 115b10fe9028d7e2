//! The verbs.
//!
//! One file a verb: `Args` (what a user types) become a request, `execute` answers it with a
//! typed report that any front end can show, `run` is the door for the command line. Owns the
//! reports and what several verbs ask of a user. Never prints, never touches Git itself.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]
#![expect(
    unreachable_pub,
    reason = "wider than it reaches; goes when `pub` here means public"
)]

mod alone;
pub mod audit;
mod carry;
pub mod claim;
pub mod cli;
pub mod completions;
pub mod doctor;
pub mod env;
mod exclusively;
pub mod fence;
pub mod globals;
pub mod guard;
pub mod heartbeat;
pub mod hook;
pub mod init;
pub mod install;
mod judging;
pub mod keep;
mod keeping;
pub mod list;
pub mod log;
pub mod man;
pub mod peek;
pub mod prompt;
pub mod push;
pub mod release;
pub mod run;
pub mod status;
mod succession;
pub mod sync;
mod wait;
pub mod whoami;
mod wishes;

use clap::Args;

pub use carry::{Guarantee, View};

use crate::failure::Failure;
use crate::model::board::{Board, Unreadable};
use crate::model::resource::{KNOWN_TYPES, Resource, ResourceError};
use crate::model::time::{SpanError, Ttl, parse_span_secs};

/// What a verb answers.
#[derive(Debug)]
pub enum Report {
    Claimed(Box<claim::Claimed>),
    Beat(heartbeat::Beat),
    Released(release::Released),
    Listing(list::Listing),
    Peeked(Box<peek::Peeked>),
    Who(Box<whoami::Who>),
    Log(log::Log),
    Status(Box<status::Status>),
    Synced(sync::Synced),
    Ran(run::Ran),
    Pushed(push::Pushed),
    Fenced(Box<fence::Fenced>),
    Ready(init::Ready),
    Unwired(init::Unwired),
    Hooked(Box<hook::Hooked>),
    Installed(install::Installed),
    Uninstalled(install::Uninstalled),
    Wired(install::harness::Wiring),
    Diagnosis(doctor::Diagnosis),
    Explained(guard::Explained),
    Pages(man::Pages),
    Audited(Box<audit::Audit>),
    Prompt(prompt::Prompt),
    Kept(keep::Kept),
    /// What a harness is told.
    Told(hook::harness::Told),
    /// A file for another program: a completion script, a manual page.
    File(String),
}

impl Report {
    /// 0, except where the answer itself is that something is wrong.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Diagnosis(diagnosis) if diagnosis.open() > 0 => {
                crate::failure::Kind::Broken.exit_code()
            }
            Self::Ran(ran) => ran.code,
            _ => 0,
        }
    }
}

/// Who acts, where that is not what the environment says.
#[derive(Args, Clone, Debug, Default)]
pub struct As {
    /// Act as this session instead of the one that `whoami` shows
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
}

/// Parse the resources that a user typed.
pub fn parse_resources(texts: &[String]) -> Result<Vec<Resource>, Failure> {
    let mut parsed: Vec<Resource> = Vec::with_capacity(texts.len());
    for text in texts {
        let resource = Resource::parse(text).map_err(|error| bad_resource(text, &error))?;
        if !parsed.contains(&resource) {
            parsed.push(resource);
        }
    }
    Ok(parsed)
}

fn bad_resource(text: &str, error: &ResourceError) -> Failure {
    let failure = Failure::usage(format!("the resource {text:?} is not accepted: {error}"));
    let known = KNOWN_TYPES.join(":, ");
    match error {
        ResourceError::NoType => failure.hint(format!(
            "known types: {known}:; for example infra:{}",
            text.trim()
        )),
        ResourceError::BadType { .. } => failure.hint(format!("known types: {known}:")),
        ResourceError::Path(_) => failure.hint(
            "a path is relative to the top of the repository: path:src/a.rs, path:src, path:src/**",
        ),
        ResourceError::Text(_) | ResourceError::NoName => {
            failure.hint("a resource is written <type>:<name>, for example node:k8s-1")
        }
    }
}

fn bad_span(flag: &str, text: &str, error: &SpanError) -> Failure {
    Failure::usage(format!("{flag} {text:?} is not accepted: {error}"))
        .hint(format!("for example {flag} 15m"))
}

fn parse_ttl(text: &str) -> Result<Ttl, Failure> {
    Ttl::parse(text).map_err(|error| bad_span("--ttl", text, &error))
}

fn parse_span(flag: &str, text: &str) -> Result<u64, Failure> {
    parse_span_secs(text).map_err(|error| bad_span(flag, text, &error))
}

/// One line for all records that could not be read; details are the doctor's.
fn warn_unreadable(unreadable: &[Unreadable]) -> Vec<String> {
    let first = match unreadable {
        [] => return Vec::new(),
        [first, ..] => first,
    };
    let rest = match unreadable.len() - 1 {
        0 => String::new(),
        rest => format!(" (and {rest} more)"),
    };
    vec![format!(
        "cannot be read, so not known to be free: {first}{rest}; see git presence doctor"
    )]
}

fn warnings(board: &Board) -> Vec<String> {
    warn_unreadable(&board.unreadable)
}
