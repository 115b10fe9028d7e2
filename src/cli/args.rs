//! Arguments that several verbs take.
//!
//! Owns [`As`], [`Why`] and [`Turn`], and the parsing of resources and spans with the errors for
//! what is not accepted. Never opens a ledger.

use std::time::Duration;

use clap::Args;

use crate::failure::Failure;
use crate::model::resource::{KNOWN_TYPES, Resource, ResourceError};
use crate::model::text::Purpose;
use crate::model::time::{SpanError, Ttl, parse_span_secs};

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
    #[arg(long, short = 'p', value_name = "TEXT")]
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
        Purpose::parse(&self.purpose).map_err(|error| {
            Failure::usage(format!("the purpose is not accepted: {error}"))
                .hint("give --purpose one line that tells others what you are doing")
        })
    }
}

impl Turn {
    pub(crate) fn parse(&self) -> Result<Duration, Failure> {
        let wait = self.wait.as_deref();
        let secs = wait.map(|text| parse_span("--wait", text)).transpose()?;
        Ok(Duration::from_secs(secs.unwrap_or_default()))
    }
}

/// Parses the one resource that a user typed.
pub(crate) fn parse_resource(text: &str) -> Result<Resource, Failure> {
    Resource::parse(text).map_err(|error| bad_resource(text, &error))
}

/// Parses the resources that a user typed, each of them once.
pub(crate) fn parse_resources(texts: &[String]) -> Result<Vec<Resource>, Failure> {
    each_once(texts, &parse_resource)
}

/// Parses resources that are to be released, as [`parse_resources`] does: an older version may have
/// recorded a label that is not accepted any more.
pub(crate) fn parse_recorded(texts: &[String]) -> Result<Vec<Resource>, Failure> {
    each_once(texts, &|text| {
        Resource::from_record(text).map_err(|error| bad_resource(text, &error))
    })
}

fn each_once(
    texts: &[String],
    parse: &dyn Fn(&str) -> Result<Resource, Failure>,
) -> Result<Vec<Resource>, Failure> {
    let mut parsed: Vec<Resource> = Vec::with_capacity(texts.len());
    for text in texts {
        let resource = parse(text)?;
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

pub(crate) fn parse_ttl(text: &str) -> Result<Ttl, Failure> {
    Ttl::parse(text).map_err(|error| bad_span("--ttl", text, &error))
}

pub(crate) fn parse_span(flag: &str, text: &str) -> Result<u64, Failure> {
    parse_span_secs(text).map_err(|error| bad_span(flag, text, &error))
}
