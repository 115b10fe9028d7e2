//! The only code that prints: [`Printer`].
//!
//! Owns what goes where: the answer to stdout, warnings and notices to stderr; one report or
//! failure a process, as text or as JSON. A closed pipe is no failure. Never decides.

mod agent_hooks;
mod answer;
mod audit;
mod board;
mod claimed;
mod claims;
pub mod cut;
mod doctor;
mod failure;
mod gc;
mod glance;
mod guard;
mod handoff;
mod holding;
mod hooks;
mod inbox;
mod instructions;
mod learned;
mod measured;
mod messages;
mod news;
mod offers;
mod present;
mod progress;
mod reconciled;
mod registry;
mod remote;
mod rules_in_use;
mod sessions;
mod setup;
mod shapes;
mod states;
mod stream;
mod style;
mod supervisor;
mod table;
mod task_shapes;
mod tasks;
mod turns;
mod when;

pub use answer::Answer;
pub use board::serve::{Served, Serving};
pub use present::{Present, Terminal};
pub use progress::Progress;
pub use supervisor::Headless;
pub use when::When;

use std::io::ErrorKind;

use crate::config::ColorWhen;
use crate::failure::Failure;
use crate::model::time::Timestamp;
use stream::{print_err, print_out};

/// What came of a part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The stream took it.
    Done,
    /// No process reads the stream any more.
    Closed,
}

/// What prints the one answer of a process.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// Whether the answer is JSON; text otherwise.
    pub json: bool,
    /// What a text is fitted to.
    pub terminal: Terminal,
    /// The clock of the reader.
    pub clock: fn() -> Timestamp,
}

impl Printer {
    /// Prints the report of a verb, and returns the exit code.
    pub fn report(&self, report: &dyn Present) -> u8 {
        let color = self.terminal.color;
        let answer = if self.json {
            report.line()
        } else {
            report.text(&self.terminal)
        };
        let code = match print_out(&answer, color) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe && !report.is_optional() => {
                print_err(&failure::unanswered(&error), color);
                1
            }
            Err(_) => report.exit_code(),
            Ok(()) => {
                report.written();
                report.exit_code()
            }
        };
        let mut beside = self.warnings(report.warnings());
        if !self.json {
            beside.push_str(&report.notices(&self.terminal));
        }
        print_err(&beside, color);
        code
    }

    /// Returns a line for each warning. Without one, the zone of the reader is not looked up.
    fn warnings(&self, warnings: &[String]) -> String {
        if warnings.is_empty() {
            return String::new();
        }
        let when = self.when();
        let lines = warnings.iter();
        lines
            .map(|line| style::warning(&when.spelled(line)))
            .collect()
    }

    /// Prints a part of the answer while the verb goes on, at once, in the colours of `color`.
    ///
    /// Fails if it cannot be written; a closed pipe is data.
    pub fn part(&self, part: &dyn Present, color: Option<ColorWhen>) -> std::io::Result<Written> {
        let color = color.unwrap_or(self.terminal.color);
        let text = match self.json {
            true => part.line(),
            false => part.text(&Terminal {
                color,
                ..self.terminal
            }),
        };
        let written = match print_out(&text, color) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Written::Closed),
            written => written,
        };
        print_err(&self.warnings(part.warnings()), color);
        written.map(|()| Written::Done)
    }

    /// Prints a failure, and returns its exit code. As JSON it is the answer.
    pub fn failure(&self, failure: &Failure) -> u8 {
        if self.json {
            let line = shapes::line(&failure::json(failure));
            let _ = print_out(&line, self.terminal.color);
        } else {
            let text = failure::text(failure, &self.when());
            print_err(&text, self.terminal.color);
        }
        failure.kind.exit_code()
    }

    fn when(&self) -> When {
        self.terminal.when((self.clock)())
    }

    /// Prints one line to stderr while a verb works.
    pub fn notice(&self, line: &str) {
        let line = self.when().spelled(line);
        print_err(&style::notice(&line), ColorWhen::Auto);
    }

    /// Prints the help or the version, as clap renders them.
    pub fn help(&self, help: &clap::Error) {
        let _ = print_out(&help.render().ansi().to_string(), self.terminal.color);
    }
}

#[cfg(test)]
mod tests;
