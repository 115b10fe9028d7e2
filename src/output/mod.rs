//! The only code that prints.
//!
//! Owns the streams: stdout is the answer, stderr the story; one report or failure a process, as
//! text or as JSON. A pipe that nobody reads any more is no failure. Never decides anything.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]
#![expect(
    unreachable_pub,
    reason = "wider than it reaches; goes when `pub` here means public"
)]

mod agents;
mod carried;
mod claims;
mod guarded;
mod hooks;
mod json;
mod progress;
mod table;
mod text;
mod when;
mod wiring;

pub use progress::Progress;

use std::io::{ErrorKind, Write};

use crate::commands::Report;
use crate::config::ColorWhen;
use crate::failure::Failure;

/// How the answer is to look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub json: bool,
    pub color: ColorWhen,
    pub width: usize,
}

/// Print a report; the answer is 0, or what the report itself says.
pub fn report(report: &Report, style: Style) -> u8 {
    let rendered = if style.json {
        text::Rendered::answer(json::report(report))
    } else {
        text::report(report, style.width)
    };
    let code = match print_out(&rendered.answer, style.color) {
        Ok(()) => report.exit_code(),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => report.exit_code(),
        // An agent is not stopped because it cannot be told something.
        Err(_) if matches!(report, Report::Told(_)) => report.exit_code(),
        Err(error) => {
            print_err(&text::unanswered(&error), style.color);
            1
        }
    };
    print_err(&rendered.story, style.color);
    if style.json {
        print_err(&text::warnings(report), style.color);
    }
    code
}

/// Print a failure; the answer is its exit code.
pub fn failure(failure: &Failure, style: Style) -> u8 {
    if style.json {
        let _ = print_out(&json::failure(failure), style.color);
    } else {
        print_err(&text::failure(failure), style.color);
    }
    failure.kind.exit_code()
}

/// Print what clap has to say: help and version are answers, the rest is story.
pub fn help(error: &clap::Error, color: ColorWhen) {
    if error.use_stderr() {
        // It repeats what was typed.
        print_err(&text::clean(&error.render().to_string()), color);
    } else {
        let _ = print_out(&error.render().ansi().to_string(), color);
    }
}

/// Print a line of the story while a verb goes on.
pub fn tell(line: &str) {
    print_err(&text::told(line), ColorWhen::Auto);
}

fn choice(color: ColorWhen) -> anstream::ColorChoice {
    match color {
        // `NO_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb` and the kind of stream decide.
        ColorWhen::Auto => anstream::ColorChoice::Auto,
        ColorWhen::Always => anstream::ColorChoice::Always,
        ColorWhen::Never => anstream::ColorChoice::Never,
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that prints")]
fn print_out(text: &str, color: ColorWhen) -> std::io::Result<()> {
    let mut stream = anstream::AutoStream::new(std::io::stdout().lock(), choice(color));
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

#[expect(clippy::disallowed_methods, reason = "the one place that prints")]
fn print_err(text: &str, color: ColorWhen) {
    let mut stream = anstream::AutoStream::new(std::io::stderr().lock(), choice(color));
    let _ = stream.write_all(text.as_bytes());
}
