//! git presence: who is changing what right now.
//!
//! In one breath: **model** decides, **ledger** remembers, **sync** carries, **app** asks, **cli**
//! and **output** talk. The model never touches the world; the world is touched in three places
//! only (`ledger`, `git`, `host`); the answer to every verb is a typed report that any front end
//! can show.
//!
//! In reading order:

pub mod clock;
pub mod model;

pub mod git;
pub mod ledger;
pub mod sync;

pub mod config;
pub mod host;
pub mod identity;

pub mod context;
pub mod failure;

pub mod guard;
pub mod integrations;

pub mod app;
pub mod cli;
pub mod front;
pub mod output;

use clock::Clock as _;

use cli::env::Env;
use cli::{Cli, understood};
use config::ColorWhen;
use host::Host;
use output::{Printer, Terminal};

fn printer(json: bool, width: usize) -> Printer {
    Printer {
        json,
        terminal: Terminal {
            color: ColorWhen::Auto,
            width,
            is_watched: Host.stdout_is_terminal(),
            local: Host::local,
        },
        clock: || Host.now(),
    }
}

/// Returns the help that a line asks for, with examples: they are made only then.
fn with_examples(arguments: &[std::ffi::OsString]) -> Option<clap::Error> {
    cli::command().try_get_matches_from(arguments).err()
}

/// Shows one line while a verb works.
fn notice(line: &str) {
    printer(false, 0).notice(line);
}

/// Runs one command line, and returns the exit code.
pub fn run(host: Host) -> u8 {
    let arguments = understood(host.arguments());
    // What follows the dashes belongs to another program.
    let mut ours = arguments.iter().take_while(|argument| *argument != "--");
    let asks_json = ours.any(|argument| argument == "--json");
    let mut printer = printer(asks_json, host.width());
    let parsed = Cli::read(&arguments);
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) if !error.use_stderr() => {
            printer.help(&with_examples(&arguments).unwrap_or(error));
            return 0;
        }
        Err(error) => {
            let words = arguments.iter().map(|word| word.to_string_lossy());
            let words: Vec<String> = words.map(std::borrow::Cow::into_owned).collect();
            return printer.failure(&cli::misuse(&error, &words));
        }
    };
    let env = Env::new(host, notice, printer);
    let is_watched = !asks_json && host.stderr_is_terminal() && cli.verb.talks_to_the_remote();
    let progress = is_watched.then(|| output::Progress::begin("talking to the remote"));
    let result = cli.verb.run(&cli.globals, &env);
    drop(progress);
    if let Some(color) = env.color() {
        printer.terminal.color = color;
    }
    match result {
        Ok(report) => {
            let code = printer.report(&*report);
            // The process ends; to free a report of thousands of claims first takes its time.
            std::mem::forget(report);
            code
        }
        Err(failure) => printer.failure(&failure),
    }
}
