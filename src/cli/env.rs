//! The surroundings of one run of a verb.
//!
//! Owns [`Env`]: the host, where notices and parts of the answer go while a verb works, and the
//! colour that the settings ask for, which is known once a context was opened. Never holds a flag.

use std::cell::OnceCell;

use crate::app::board::follow::Heard;
use crate::config::ColorWhen;
use crate::context::{Context, OpenOptions};
use crate::failure::{Failure, Kind};
use crate::host::Host;
#[cfg(feature = "board")]
use crate::output::Terminal;
use crate::output::{Present, Printer, Written};

/// What a verb runs in.
#[derive(Debug)]
pub(crate) struct Env {
    pub host: Host,
    /// Shows one line to the user while the verb goes on.
    pub notify: fn(&str),
    printer: Printer,
    color: OnceCell<ColorWhen>,
}

impl Env {
    /// Returns surroundings in which no context was opened yet.
    pub(crate) fn new(host: Host, notify: fn(&str), printer: Printer) -> Self {
        Self {
            host,
            notify,
            printer,
            color: OnceCell::new(),
        }
    }

    /// Returns what prints, for answers that are handed over instead.
    #[cfg(feature = "mcp")]
    pub(crate) fn printer(&self) -> Printer {
        self.printer
    }

    /// Opens a context, and remembers what its settings say about colour.
    pub(crate) fn open(&self, options: &OpenOptions) -> Result<Context, Failure> {
        let context = Context::open(self.host, options)?;
        let _ = self.color.set(context.config.color);
        Ok(context)
    }

    /// Prints a part of the answer while the verb goes on. Fails if it cannot be written.
    fn show(&self, part: &dyn Present) -> std::io::Result<Written> {
        self.printer.part(part, self.color())
    }

    /// Shows a part of the answer, and tells whether a process still reads.
    pub(crate) fn shown(&self, part: &dyn Present) -> Result<Heard, Failure> {
        match self.show(part) {
            Ok(Written::Done) => Ok(Heard::Written),
            Ok(Written::Closed) => Ok(Heard::Gone),
            Err(error) => Err(Failure::new(
                Kind::Broken,
                anyhow::anyhow!("the line cannot be written: {error}"),
            )
            .hint("run it again where its output can be written; a cursor repeats the line")),
        }
    }

    /// Returns what texts are fitted to, in the colours that the settings ask for.
    #[cfg(feature = "board")]
    pub(crate) fn terminal(&self) -> Terminal {
        Terminal {
            color: self.color().unwrap_or(self.printer.terminal.color),
            ..self.printer.terminal
        }
    }

    /// Returns the colour that the settings ask for; `None` where no context could be opened.
    pub(crate) fn color(&self) -> Option<ColorWhen> {
        self.color.get().copied()
    }
}
