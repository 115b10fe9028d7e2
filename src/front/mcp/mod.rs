//! The server for agents, over stdin and stdout: the Model Context Protocol.
//!
//! Owns the life of the server: it answers the handshake before any repository is opened, runs one
//! call at a time, and ends no later than its client. Never writes anything else to stdout.

mod arguments;
#[cfg(test)]
mod tests;
mod tools;

use std::io::{Error, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorCode, ErrorData,
    Implementation, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
};
use rmcp::service::{QuitReason, RequestContext, ServerInitializeError};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::stdio;
use rmcp::{RoleServer, ServerHandler, serve_server};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::failure::Kind;
use crate::front::signals::Ending;
use crate::output::{Answer, Present, Terminal};
use tools::{TOOLS, Wrong};

/// The longest that a call takes; harnesses give up on one after a minute.
const CALL_MAX: Duration = Duration::from_secs(50);
/// How long a call that is under way may go on after its client is gone.
const REST_MAX: Duration = Duration::from_secs(2);
/// The longest message that is read.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// What a model is told of all tools.
const ABOUT: &str = "\
Other agents and people change the same repositories and infrastructure at the same time. Look at \
the board and claim what you are about to change before you change it; release it when you are \
done. If another session holds it, wait, do something else, or tell that session. Claims expire \
unless you work on.";

/// What is left to say at the end: all was answered already.
#[derive(Debug)]
pub struct Served;

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

/// What runs a command line, without the name of the program, for the session of the agent.
pub type Run = Arc<dyn Fn(Vec<String>) -> Answer + Send + Sync>;

/// Serves until the client closes stdin, or a signal arrives. Fails if there is no runtime, or the
/// client does not speak the protocol.
pub fn serve(run: Run) -> std::io::Result<Served> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .build()?;
    let served = runtime.block_on(until_a_signal(Server::new(run)));
    // A call that waits for another session does not keep the process.
    runtime.shutdown_timeout(REST_MAX);
    served.map(|()| Served)
}

async fn until_a_signal(server: Server) -> std::io::Result<()> {
    let ending = Ending::watch()?;
    tokio::select! {
        served = session(server) => served,
        () = ending.asked() => Ok(()),
    }
}

async fn session(server: Server) -> std::io::Result<()> {
    let (input, output) = stdio();
    let transport = AsyncRwTransport::<RoleServer, _, _>::new(input, output)
        .with_max_line_length(MESSAGE_BYTES_MAX);
    match serve_server(server, transport).await {
        Ok(running) => match running.waiting().await {
            Ok(QuitReason::JoinError(error)) | Err(error) => Err(Error::other(error)),
            Ok(_) => Ok(()),
        },
        // A client that only looked whether it starts.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(Error::new(ErrorKind::InvalidData, error.to_string())),
    }
}

/// What answers a client.
struct Server {
    run: Run,
    /// One call runs at a time: verbs wait for signals, and for the locks of this process.
    turn: Arc<Mutex<()>>,
}

impl Server {
    fn new(run: Run) -> Self {
        Self {
            run,
            turn: Arc::default(),
        }
    }

    /// Runs a command line beside the protocol.
    async fn answer(&self, words: Vec<String>) -> Answer {
        let (run, turn) = (self.run.clone(), self.turn.clone());
        let has_begun = AtomicBool::new(false);
        let answer = async {
            let turn = turn.lock_owned().await;
            has_begun.store(true, Ordering::Relaxed);
            let answer = tokio::task::spawn_blocking(move || {
                let answer = run(words);
                drop(turn);
                answer
            });
            answer.await
        };
        match timeout(CALL_MAX, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => not_answered(Kind::Broken, &format!("the call ended early: {error}")),
            Err(_) if has_begun.load(Ordering::Relaxed) => not_answered(
                Kind::Contended,
                "no answer within 50 s; it may still come to an end: look at the board before you \
                 call again",
            ),
            Err(_) => not_answered(
                Kind::Contended,
                "an earlier call of this server still runs, and this one was not begun: call again",
            ),
        }
    }
}

fn not_answered(kind: Kind, why: &str) -> Answer {
    Answer {
        text: format!("error: {why}\n"),
        json: json!({ "error": { "kind": kind.as_str(), "message": why, "hints": [] } }),
        is_failure: true,
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let program = Implementation::new("git-presence", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(program)
            .with_instructions(ABOUT)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = TOOLS.iter().map(tools::ToolOf::described);
        Ok(ListToolsResult::with_all_items(tools.collect()))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = call.arguments.unwrap_or_default();
        let answer = match tools::words(&call.name, arguments) {
            Ok(words) => self.answer(words).await,
            Err(Wrong::NoTool) => {
                let known: Vec<_> = TOOLS.iter().map(|tool| tool.described().name).collect();
                let message = format!("there is no such tool; there are: {}", known.join(", "));
                return Err(ErrorData::new(ErrorCode::INVALID_PARAMS, message, None));
            }
            // A model reads the answer of a tool, and can do better; a fault of the protocol is
            // shown to a person, if at all.
            Err(Wrong::Arguments(error)) => not_answered(
                Kind::Usage,
                &format!("the arguments of {} are wrong: {error}", call.name),
            ),
        };
        Ok(result(&call.name, answer).into())
    }
}

/// Returns the result of a call: the words of the verb for the model, its JSON as structure.
fn result(tool: &str, answer: Answer) -> CallToolResult {
    let content = vec![ContentBlock::text(answer.text)];
    let mut result = match answer.is_failure {
        true => CallToolResult::error(content),
        false => CallToolResult::success(content),
    };
    // Structure is an object in most versions of the protocol.
    result.structured_content = Some(match answer.json {
        rows @ Value::Array(_) => json!({ tool: rows }),
        other => other,
    });
    result
}
