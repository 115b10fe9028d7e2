//! The verbs of the front ends: `board`, `serve`, `mcp`.
//!
//! Owns their arguments ([`Verb`]), and what is said by a program that was built without one. Never
//! shows anything itself.

use super::Report;
use super::env::Env;
use super::globals::Globals;
use crate::failure::Failure;

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Verb {
    Board(BoardArgs),
    Serve(ServeArgs),
    Mcp(McpArgs),
}

impl Verb {
    pub(crate) fn run(self, _globals: &Globals, _env: &Env) -> Result<Report, Failure> {
        match self {
            Self::Board(_) => Err(not_built("board", "git presence list --watch")),
            Self::Serve(_) => Err(not_built("serve", "git presence list --watch")),
            Self::Mcp(_) => Err(not_built("mcp", "git presence install")),
        }
    }
}

/// Returns why a verb does nothing here, and what does something like it.
fn not_built(verb: &str, instead: &str) -> Failure {
    Failure::usage(format!("this git-presence was built without `{verb}`"))
        .hint(format!(
            "install one with it: cargo install git-presence --features {verb}"
        ))
        .hint(format!("or use: {instead}"))
}

/// Show the board in the terminal until you leave it
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence board")]
pub(crate) struct BoardArgs {}

/// Show the board in a browser, to this machine alone
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence serve")]
pub(crate) struct ServeArgs {}

/// Serve the board to an agent over stdin and stdout (Model Context Protocol)
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence mcp")]
pub(crate) struct McpArgs {}
