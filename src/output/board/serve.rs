//! The answer of `serve`: where the board is.
//!
//! Owns its words and its JSON. Never listens.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use crate::output::present::{Present, Terminal};
use crate::output::shapes;
use crate::output::style::{BOLD, DIM};

/// Where a board is served.
#[derive(Debug)]
pub struct Serving {
    /// The URL, with the token that opens the board.
    pub url: String,
    /// The port.
    pub port: u16,
}

/// How it ended: all was shown before.
#[derive(Debug)]
pub struct Served;

/// What `serve` answers to programs, once it can be asked.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct ServeAnswer<'a> {
    /// the URL of the board, with a token that opens it until the process ends
    url: &'a str,
    /// the port at which it listens, on the loopback
    port: u16,
}

impl Present for Serving {
    fn text(&self, terminal: &Terminal) -> String {
        let mut out = format!("{BOLD}{}{BOLD:#}\n", self.url);
        if terminal.is_watched {
            let _ = writeln!(out, "{DIM}for this machine only; Ctrl-C ends it{DIM:#}");
        }
        out
    }

    fn json(&self) -> Value {
        shapes::value(&ServeAnswer {
            url: &self.url,
            port: self.port,
        })
    }
}

impl Present for Served {
    fn text(&self, _: &Terminal) -> String {
        String::new()
    }

    fn json(&self) -> Value {
        Value::Null
    }

    fn line(&self) -> String {
        String::new()
    }
}
