//! Failures of a conversation with a remote: [`RemoteFailure`] and its [`FailureKind`].
//!
//! Owns the kinds of failure and the messages of `LC_ALL=C git`, ssh and curl by which they are
//! recognized. Never decides what to do about one.

use super::harmless;
use super::words::{explained, of_server};

/// The kind of a failure, by the reaction that it calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// No connection was made.
    Unreachable,
    /// The connection broke off; a push may have landed.
    Interrupted,
    /// Credentials or trust are missing: a person has to log in or to accept a key.
    NoCredentials,
    /// Git does not read the repository where it is, since it belongs to another user and
    /// `safe.directory` does not list it: here for a path of this machine, else on the server.
    NotTrusted,
    /// The remote is no repository, or there is none at its URL.
    NotARepository,
    /// The server does not support atomic pushes.
    NoAtomic,
    /// One side uses SHA-1 ids and the other one SHA-256.
    HashMismatch,
    /// The server limits the refs of one push to fewer.
    TooManyRefs,
    /// The local git could not be run, is too old, or printed unknown output.
    Local,
    /// A rule of the remote or of this machine forbids it; a retry does not help.
    Refused,
    /// No known message was found.
    Unknown,
}

impl FailureKind {
    /// Returns true if a retry may succeed although no rule and no program changes.
    pub const fn is_transient(self) -> bool {
        match self {
            Self::Unreachable
            | Self::Interrupted
            | Self::NoCredentials
            | Self::NotTrusted
            | Self::NotARepository
            | Self::Unknown => true,
            Self::NoAtomic
            | Self::HashMismatch
            | Self::TooManyRefs
            | Self::Local
            | Self::Refused => false,
        }
    }
}

/// A failure of a command that talks to a remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFailure {
    /// The reaction that it calls for.
    pub kind: FailureKind,
    /// The most telling line of git or ssh, and what the server wrote, sanitized.
    pub message: String,
    /// In how many seconds the host asks to come back, if it does; at most an hour.
    pub come_back_secs: Option<u64>,
    untouched: bool,
    forbids: bool,
}

/// The message at the end of most failures, which explains the least.
const COULD_NOT_READ: &str = "Could not read from remote repository";

/// Messages of git about a connection that ended too early.
const BROKEN_OFF: [&str; 5] = [
    "RPC failed",
    "early EOF",
    "the remote end hung up unexpectedly",
    "unexpected disconnect",
    "expected flush after ref listing",
];

/// Parts of messages by kind. An earlier kind wins: after the line that explains a failure git
/// also reports that the remote hung up or could not be read. Within a kind, too, messages that
/// explain more come first. Quoted text stands here as `''`.
pub(super) const WORDS: [(FailureKind, &[&str]); 9] = [
    (
        FailureKind::HashMismatch,
        &[
            "does not support this repository's hash algorithm",
            "mismatched algorithms: client",
            "the server does not support algorithm",
        ],
    ),
    // A setting of the user: git here asks no remote.
    (FailureKind::Local, &["fatal: transport '' not allowed"]),
    // A setting of the user who runs git there, and no answer of the remote.
    (
        FailureKind::NotTrusted,
        &["fatal: detected dubious ownership in repository at ''"],
    ),
    (FailureKind::NoAtomic, &["does not support --atomic"]),
    (
        FailureKind::NotARepository,
        &[
            "does not appear to be a git repository",
            "fatal: repository '' not found",
            "ERROR: Repository not found",
            "ERROR: The project you were looking for could not be found",
            "remote error: no such repository",
            "info/refs not valid: is this a git repository?",
        ],
    ),
    (
        FailureKind::NoCredentials,
        &[
            "terminal prompts disabled",
            "could not read Username",
            "could not read Password",
            // Of a credential helper, which must not prompt either.
            "unable to get password from user",
            "Authentication failed",
            "Permission denied (",
            "Permission denied, please try again",
            "Too many authentication failures",
            "Host key verification failed",
            "SSL certificate problem",
            "certificate verification failed",
            "returned error: 401",
            "returned error: 403",
        ],
    ),
    (
        FailureKind::Refused,
        &[
            // `git daemon` uses one message for a missing repository and a disabled service.
            "access denied or repository not exported",
            "remote error: access denied",
            "remote error: repository not exported",
            "remote error: service not enabled",
            "ERROR: Permission to ",
            "ERROR: You are not allowed",
            "ERROR: This repository was archived",
            "marked as read only",
        ],
    ),
    (FailureKind::Interrupted, &BROKEN_OFF),
    (
        FailureKind::Unreachable,
        &[
            "Could not resolve",
            "unable to look up",
            "Connection refused",
            "Connection timed out",
            "Operation timed out",
            "Operation too slow",
            "No route to host",
            "Network is unreachable",
            "Failed to connect to",
            "unable to connect to",
            "Empty reply from server",
            "returned error: 429",
            "returned error: 502",
            "returned error: 503",
            "returned error: 504",
            "the remote end hung up upon initial contact",
            COULD_NOT_READ,
        ],
    ),
];

impl RemoteFailure {
    /// Classifies the failure of a `push`, `fetch` or `ls-remote` by its standard error. `exit` is
    /// the exit code, or `None` if a signal ended the command. The output of hooks is passed on and
    /// classifies nothing: a hook may print anything.
    pub fn read(exit: Option<i32>, stderr: &[u8]) -> Self {
        let said = of_server(stderr);
        let stderr = String::from_utf8_lossy(stderr);
        let lines: Vec<&str> = stderr.lines().filter_map(own_words).collect();
        let bare: Vec<String> = lines.iter().map(|line| unquoted(line)).collect();
        for (kind, words) in WORDS {
            for word in words {
                let Some(at) = bare.iter().position(|line| line.contains(word)) else {
                    continue;
                };
                // The line before is of ssh or the server, and gives the reason.
                let at = at.saturating_sub(usize::from(*word == COULD_NOT_READ));
                let line = lines[at];
                let read_only = kind == FailureKind::NoCredentials && line.ends_with("error: 403");
                return Self {
                    kind,
                    message: explained(&harmless(without_prefix(line)), &said),
                    come_back_secs: None,
                    untouched: is_before_sending(kind, exit, &bare),
                    forbids: read_only || kind == FailureKind::Refused,
                };
            }
        }
        let vague = unclassified(exit, &lines);
        Self {
            untouched: is_before_sending(FailureKind::Unknown, exit, &bare),
            message: explained(&vague.message, &said),
            ..vague
        }
    }

    /// Returns a failure of an unknown kind.
    pub fn unknown(message: &str) -> Self {
        Self::vague(FailureKind::Unknown, message)
    }

    /// Recognizes GitHub's limit for the refs of one push. GitHub reports it like a hook, and each
    /// ref as one that `failed to report status` or broke a rule.
    pub(super) fn too_many_refs(stderr: &[u8]) -> Option<Self> {
        let stderr = String::from_utf8_lossy(stderr);
        let mut hook = stderr
            .lines()
            .filter_map(|line| line.strip_prefix("remote: "));
        let message =
            hook.find(|line| line.contains("update more than ") && line.contains(" or tag"))?;
        Some(Self::vague(FailureKind::TooManyRefs, message))
    }

    /// Returns a failure of the local git, before it sent anything.
    pub fn local(message: &str) -> Self {
        Self {
            untouched: true,
            ..Self::vague(FailureKind::Local, message)
        }
    }

    /// Returns the failure of a command that exceeded its time; a push may have landed.
    pub fn out_of_time() -> Self {
        Self::vague(FailureKind::Unreachable, "no answer in time")
    }

    /// Returns the failure of a command that had no time left to begin.
    pub fn not_begun() -> Self {
        Self {
            untouched: true,
            ..Self::out_of_time()
        }
    }

    /// Returns the failure of a command that was not run, because the host asked to come back in
    /// `secs`.
    pub fn asked_to_wait(secs: u64) -> Self {
        Self {
            untouched: true,
            come_back_secs: Some(secs),
            ..Self::vague(
                FailureKind::Unreachable,
                "the host asked to come back later",
            )
        }
    }

    /// Returns true if a fetch may have failed because of one ref among others.
    pub fn may_be_one_ref(&self) -> bool {
        self.kind == FailureKind::Unknown
    }

    /// Returns true if a fetch may have failed because of an object that the remote cannot read. A
    /// server that dies of one hangs up.
    pub fn may_be_one_object(&self) -> bool {
        matches!(self.kind, FailureKind::Unknown | FailureKind::Interrupted)
    }

    fn vague(kind: FailureKind, message: &str) -> Self {
        Self {
            kind,
            message: harmless(message),
            come_back_secs: None,
            untouched: false,
            forbids: false,
        }
    }

    /// Returns true if the remote takes nothing from this user: a refusal that holds for all refs.
    pub fn is_forbidden(&self) -> bool {
        self.forbids
    }

    /// Returns true if the command surely changed nothing at the URL that failed. After a push to
    /// several URLs, those with a report of their own may have changed.
    pub fn is_untouched(&self) -> bool {
        self.untouched
    }
}

/// Returns true if git failed before it sent an update. A server that breaks off can leave any
/// message, whether or not it moved a ref; the failure is only git's own if git closed the
/// connection. Git exits with 128 if no connection was made, and with 1 after one.
fn is_before_sending(kind: FailureKind, exit: Option<i32>, lines: &[String]) -> bool {
    let broken = |line: &String| BROKEN_OFF.iter().any(|word| line.contains(word));
    let died = exit == Some(128) && !lines.iter().any(broken);
    // Git's message for the first request over http, whatever the answer was.
    let first = |line: &String| line.starts_with("fatal: unable to access ");
    match kind {
        FailureKind::NoAtomic | FailureKind::HashMismatch => exit.is_some(),
        FailureKind::Unreachable
        | FailureKind::NoCredentials
        | FailureKind::NotTrusted
        | FailureKind::NotARepository
        | FailureKind::Local => died,
        _ => died && lines.iter().any(first),
    }
}

/// Beginnings of lines that explain no failure: git's advice, and the messages of ssh about a
/// shared connection that was gone (`Control socket connect(…): Connection refused`) before it made
/// a new one.
const UNRELATED: [&str; 3] = ["hint:", "Control socket ", "mux_client_"];

/// Returns a line of git, of ssh (which ends lines with a carriage return), or of the front end of
/// a server; `None` for output of hooks. GitLab's front end reports like a hook, with `ERROR:`.
fn own_words(line: &str) -> Option<&str> {
    let line = line.trim_end();
    match line.strip_prefix("remote:") {
        Some(hook) => Some(hook.trim_start()).filter(|hook| hook.starts_with("ERROR: ")),
        None if UNRELATED.iter().any(|start| line.starts_with(start)) => None,
        None => Some(line).filter(|line| !line.is_empty()),
    }
}

fn without_prefix(line: &str) -> &str {
    let prefixes = ["fatal: ", "error: ", "ERROR: "];
    let rest = prefixes.iter().find_map(|prefix| line.strip_prefix(prefix));
    rest.unwrap_or(line)
}

/// Returns the failure for output without a known message: its first line that git marks as an
/// error.
fn unclassified(exit: Option<i32>, lines: &[&str]) -> RemoteFailure {
    let vague = |line: &&&str| !line.starts_with("error: failed to push some refs to ");
    let with = |prefix: &str| {
        lines
            .iter()
            .filter(vague)
            .find(|line| line.starts_with(prefix))
    };
    if let Some(line) = with("fatal: ").or_else(|| with("error: ")) {
        return RemoteFailure::unknown(without_prefix(line));
    }
    match (exit, lines.first()) {
        (None, _) => RemoteFailure::vague(
            FailureKind::Interrupted,
            "a signal ended git before it reported a result",
        ),
        (Some(_), Some(line)) => RemoteFailure::unknown(line),
        (Some(code), None) => {
            RemoteFailure::unknown(&format!("git exited with {code} and printed no message"))
        }
    }
}

/// Returns `text` with each `'quoted'` part written as `''`: a name or a path in a message must not
/// be taken for a reason. An apostrophe within a word quotes nothing.
pub(super) fn unquoted(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\'') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        out.push_str(before);
        out.push('\'');
        rest = after;
        if before.ends_with(char::is_alphanumeric) {
            continue;
        }
        // If this quote is never closed, no later one is.
        let Some(end) = closing_quote(after) else {
            break;
        };
        out.push('\'');
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    out
}

fn closing_quote(text: &str) -> Option<usize> {
    let followed = |at: usize| text[at + 1..].starts_with(char::is_alphanumeric);
    text.match_indices('\'')
        .map(|(at, _)| at)
        .find(|at| !followed(*at))
}
