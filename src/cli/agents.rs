//! How a call of the server for agents becomes a verb.
//!
//! Owns what stands around each call: the words are read as a command line is, and the session is
//! the one that the harness runs now. Never knows the protocol.

use std::ffi::OsString;
use std::sync::Arc;

use super::args::As;
use super::env::Env;
use super::globals::Globals;
use super::{Cli, Report, misuse};
use crate::app::sessions::followed;
use crate::context::{OpenOptions, TakesPart};
use crate::failure::{Failure, Kind};
use crate::front::mcp;
use crate::host::Host;
use crate::output::Printer;

/// Serves until the client is gone.
pub(super) fn serve(globals: &Globals, env: &Env, who: As) -> Result<Report, Failure> {
    let calls = Calls {
        host: env.host,
        printer: env.printer(),
        notify: env.notify,
        globals: Globals {
            start: Vec::new(),
            ledger: globals.ledger.clone(),
            json: true,
        },
        session: who.session,
    };
    let run = move |words| calls.printer.answer(calls.run(words));
    let served = mcp::serve(Arc::new(run)).map_err(|error| {
        Failure::new(
            Kind::Broken,
            anyhow::anyhow!("the client was not served: {error}"),
        )
        .hint("let a harness start it: claude mcp add presence -- git presence mcp")
    })?;
    Ok(Box::new(served))
}

/// What all calls have in common.
struct Calls {
    host: Host,
    printer: Printer,
    notify: fn(&str),
    globals: Globals,
    session: Option<String>,
}

impl Calls {
    fn run(&self, words: Vec<String>) -> Result<Report, Failure> {
        let env = Env::new(self.host, self.notify, self.printer);
        let line = self.line(words, self.session(&env));
        let arguments: Vec<OsString> = line.iter().map(OsString::from).collect();
        let mut cli = Cli::read(&arguments).map_err(|error| misuse(&error, &line))?;
        cli.globals.ledger.clone_from(&self.globals.ledger);
        cli.verb.run(&cli.globals, &env)
    }

    /// Returns the session to name; `None` if that of the environment is right. Where no repository
    /// is found, the verb says so.
    fn session(&self, env: &Env) -> Option<String> {
        if self.session.is_some() {
            return self.session.clone();
        }
        let options = OpenOptions {
            takes_part: TakesPart::AsBefore,
            ..self.globals.options(None, true)
        };
        let context = env.open(&options).ok()?;
        Some(followed::execute(&context)?.as_str().to_owned())
    }

    /// Returns the whole command line. What follows two dashes is no option.
    fn line(&self, mut words: Vec<String>, session: Option<String>) -> Vec<String> {
        if let Some(session) = session {
            let names = words.iter().position(|word| word == "--");
            words.insert(names.unwrap_or(words.len()), format!("--session={session}"));
        }
        words.insert(0, "git-presence".to_owned());
        words
    }
}
