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

mod agent_hooks;
mod agents;
mod claims;
mod guard;
mod hooks;
mod json;
mod progress;
mod remote;
mod shapes;
mod stream;
mod style;
mod table;
mod text;
mod when;

pub use progress::Progress;

use std::io::ErrorKind;

use crate::app::Report;
use crate::config::ColorWhen;
use crate::failure::Failure;
use stream::{print_err, print_out};

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
        print_err(&style::clean(&error.render().to_string()), color);
    } else {
        let _ = print_out(&error.render().ansi().to_string(), color);
    }
}

/// Print a line of the story while a verb goes on.
pub fn tell(line: &str) {
    print_err(&style::told(line), ColorWhen::Auto);
}
