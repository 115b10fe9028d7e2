//! The verb `state`: what is true of a resource.
//!
//! Owns its arguments ([`Verb`]), and how they become requests. Never decides which statement
//! counts.

use super::Report;
use super::args::{As, parse_resource, parse_span};
use super::env::Env;
use super::globals::Globals;
use super::release::reason;
use crate::app::states::list::{self, Query, Selector};
use crate::app::states::say::{self, Clearing, Said};
use crate::failure::Failure;
use crate::guard::shell;
use crate::model::meant::is_slip;
use crate::model::resource::LabelGlob;
use crate::model::state::{KNOWN_WORDS, LASTS_SECS, LASTS_SECS_MAX, Version, Word};
use crate::model::text::{Purpose, name};

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Verb {
    #[command(alias = "states")]
    State(Box<StateArgs>),
}

impl Verb {
    /// Returns true if a person may have to wait for the remote.
    pub(crate) fn talks_to_the_remote(&self) -> bool {
        let Self::State(args) = self;
        args.clear || args.word().is_some()
    }

    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        let Self::State(args) = self;
        state(&args, globals, env)
    }
}

/// Say what is true of a resource, or show what is said
///
/// With a word (building, built, deploying, deployed, degraded, frozen, unknown, or one of your
/// own) it says so until it ends. The newest word counts, also when its session is over. What is
/// frozen is left as it is by other sessions: pushes, applies and exclusive claims stop.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence state
  git presence state service:web deploying --version 1.4.0
  git presence state branch:main frozen --until 2h -m \"the release is cut\"
  git presence state branch:main --clear
  git presence state branch:main --clear --force --reason \"the release is out\"")]
pub(crate) struct StateArgs {
    #[arg(
        value_name = "RESOURCE",
        help = "A resource and a word; or resources to show, * is any run of characters"
    )]
    words: Vec<String>,
    /// Say why, or what else there is to say
    #[arg(short = 'm', long = "message", value_name = "TEXT")]
    notes: Option<String>,
    /// Say which version is meant
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Let it last this long; 366d at most [default: 30d]
    #[arg(long, value_name = "SPAN")]
    until: Option<String>,
    /// Say nothing of the resource any more
    #[arg(long, conflicts_with_all = ["notes", "version", "until", "all"])]
    clear: bool,
    /// Lift what another session has frozen, too
    #[arg(long, requires = "clear", requires = "reason")]
    force: bool,
    /// Say why it is lifted; other sessions read it
    #[arg(long, value_name = "TEXT", requires = "force")]
    reason: Option<String>,
    /// Also show what is said and does not count
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    act: As,
}

impl StateArgs {
    /// Returns the word that is said, if one is; a resource has a colon.
    fn word(&self) -> Option<Result<Word, Failure>> {
        match self.words.as_slice() {
            [_, word] if !word.contains([':', '*', '?']) => {
                let parsed = Word::parse(word).ok_or_else(|| bad_word(word));
                // Any other word is one of the user's own, and stops no session.
                let frozen = Word::frozen();
                Some(match is_slip(word, frozen.as_str()) {
                    true => Err(meant(&self.words[0], frozen.as_str())),
                    false => parsed,
                })
            }
            _ => None,
        }
    }
}

fn meant(resource: &str, word: &str) -> Failure {
    Failure::usage(format!("did you mean {word}?")).hint(format!(
        "write it like this: git presence state {} {word}",
        shell::quote(resource)
    ))
}

fn bad_word(word: &str) -> Failure {
    Failure::usage(format!("{} is no word for a state", name(word))).hint(format!(
        "write 1 to 32 of a-z, 0-9 and -, for example {}",
        KNOWN_WORDS.join(", ")
    ))
}

fn state(args: &StateArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let session = args.act.session.as_deref();
    if args.clear {
        let [resource] = args.words.as_slice() else {
            return Err(Failure::usage("one resource is cleared at a time")
                .hint("for example git presence state branch:main --clear"));
        };
        let by_force = reason(args.reason.as_deref())?;
        let context = globals.context(env, session, true)?;
        let resource = parse_resource(&context, env, resource)?;
        let cleared = say::clear(&context, &Clearing { resource, by_force })?;
        return Ok(Box::new(cleared));
    }
    let Some(word) = args.word() else {
        return list(args, globals, env);
    };
    let word = word?;
    if word.is_cleared() {
        let failure = Failure::usage("cleared is said with --clear");
        return Err(failure.hint("for example git presence state branch:main --clear"));
    }
    let (notes, version) = (notes(args)?, version(args.version.as_deref())?);
    let lasts_secs = match args.until.as_deref() {
        Some(span) => lasts(span)?,
        None => LASTS_SECS,
    };
    let context = globals.context(env, session, true)?;
    let resource = args.words.first().map(String::as_str).unwrap_or_default();
    let said = Said {
        resources: vec![parse_resource(&context, env, resource)?],
        word,
        version,
        notes,
        lasts_secs,
    };
    Ok(Box::new(say::execute(&context, &said)?))
}

fn list(args: &StateArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    if args.notes.is_some() || args.version.is_some() || args.until.is_some() {
        return Err(Failure::usage("no word is given")
            .hint("for example git presence state service:web deploying --version 1.4.0"));
    }
    let context = globals.context(env, args.act.session.as_deref(), false)?;
    let wanted = args
        .words
        .iter()
        .map(|word| match word.contains(['*', '?']) {
            true => Ok(Selector::Labels(LabelGlob::new(word))),
            false => parse_resource(&context, env, word).map(Selector::Resource),
        });
    let query = Query {
        wanted: wanted.collect::<Result<_, Failure>>()?,
        all: args.all,
    };
    Ok(Box::new(list::execute(&context, &query)?))
}

fn lasts(span: &str) -> Result<u64, Failure> {
    let secs = parse_span("--until", span)?;
    match (1..=LASTS_SECS_MAX).contains(&secs) {
        true => Ok(secs),
        false => Err(Failure::usage("a state lasts from 1 second to 366 days")
            .hint("for example --until 2h")),
    }
}

fn notes(args: &StateArgs) -> Result<Option<Purpose>, Failure> {
    let notes = args.notes.as_deref().map(Purpose::parse).transpose();
    notes.map_err(|error| {
        Failure::usage(format!("the text is not accepted: {error}"))
            .hint("say it in one line of plain text: -m \"<text>\"")
    })
}

/// Parses the value of `--version`.
pub(super) fn version(text: Option<&str>) -> Result<Option<Version>, Failure> {
    text.map(Version::parse).transpose().map_err(|error| {
        Failure::usage(format!("the version is not accepted: {error}"))
            .hint("for example --version 1.4.0")
    })
}
