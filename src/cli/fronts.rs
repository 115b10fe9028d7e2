//! The verbs of the front ends: `board`, `serve`, `mcp`.
//!
//! Owns their arguments ([`Verb`]), and what is said by a program that was built without one. Never
//! shows anything itself.

use super::Report;
#[cfg(feature = "mcp")]
use super::agents;
use super::args::As;
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
    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        match self {
            Self::Board(args) => board(&args, globals, env),
            Self::Serve(args) => args.run(globals, env),
            Self::Mcp(args) => args.run(globals, env),
        }
    }
}

/// Returns why a verb does nothing here, and what does something like it.
#[cfg(not(all(feature = "board", feature = "serve", feature = "mcp")))]
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
  git presence board
  git presence board --once")]
pub(crate) struct BoardArgs {
    /// Print one frame and end
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    who: As,
}

#[cfg(feature = "board")]
fn board(args: &BoardArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    use crate::front::board;
    let session = args.who.session.as_deref();
    board::execute(&board::Opened {
        context: globals.context(env, session, false)?,
        to_write: &|| globals.context(env, session, true),
        terminal: env.terminal(),
        once: args.once,
        json: globals.json,
    })
}

#[cfg(not(feature = "board"))]
fn board(args: &BoardArgs, _: &Globals, _: &Env) -> Result<Report, Failure> {
    let _ = (args.once, &args.who);
    Err(not_built("board", "git presence list --watch"))
}

/// Show the board in a browser, to this machine alone
///
/// Listens on the loopback and only shows: no request changes anything. The URL that is printed has
/// a token, without which nothing is told. /status.json has the answer of status, /metrics that of
/// metrics. Ends with Ctrl-C, SIGTERM, or its terminal.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence serve
  git presence serve --open")]
pub(crate) struct ServeArgs {
    /// Listen on this port; 0 is any that is free
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// Start the browser of the user
    #[arg(long)]
    open: bool,
}

impl ServeArgs {
    #[cfg(feature = "serve")]
    fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        use crate::front::serve;
        let options = globals.options(None, false);
        let context = env.open(&options)?;
        let request = serve::Request {
            port: self.port,
            opens: self.open,
        };
        let told = serve::Told {
            serving: &|serving| env.shown(serving),
            notify: env.notify,
        };
        let served = serve::execute(&context, &options, request, &told)?;
        Ok(Box::new(served))
    }

    #[cfg(not(feature = "serve"))]
    fn run(self, _: &Globals, _: &Env) -> Result<Report, Failure> {
        Err(not_built("serve", "git presence list --watch"))
    }
}

/// Serve the board to an agent over stdin and stdout (Model Context Protocol)
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  claude mcp add presence -- git presence mcp")]
pub(crate) struct McpArgs {
    #[command(flatten)]
    who: As,
}

impl McpArgs {
    #[cfg(feature = "mcp")]
    fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        agents::serve(globals, env, self.who)
    }

    #[cfg(not(feature = "mcp"))]
    fn run(self, _: &Globals, _: &Env) -> Result<Report, Failure> {
        let _ = self.who;
        Err(not_built("mcp", "git presence install"))
    }
}
