//! Why git could not talk to a remote.
//!
//! Owns the classes of failure and the words of `LC_ALL=C git`, ssh and curl that tell them apart.
//! Never decides what to do about one.

use super::harmless;

/// The reaction that a failure calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// No conversation came about.
    Unreachable,
    /// The conversation broke off; what was sent may have landed.
    Interrupted,
    /// Credentials or trust are missing: a person has to log in or to accept a key.
    NoCredentials,
    NotARepository,
    /// The server cannot take several refs together or not at all.
    NoAtomic,
    /// One side has SHA-1 ids and the other SHA-256.
    HashMismatch,
    /// The server takes fewer refs in one push.
    TooManyRefs,
    /// Git could not be run here, is too old, or was not understood.
    Local,
    /// A rule of the remote or of this machine forbids it; trying again does not help.
    Refused,
    Unknown,
}

impl FailureKind {
    /// Whether the same may go well later, without anybody changing a rule or a program.
    pub const fn is_of_the_moment(self) -> bool {
        match self {
            Self::Unreachable
            | Self::Interrupted
            | Self::NoCredentials
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFailure {
    pub kind: FailureKind,
    /// The line that tells, made harmless.
    pub said: String,
    untouched: bool,
}

/// What is said at the end of most failures and tells the least.
const COULD_NOT_READ: &str = "Could not read from remote repository";

/// What git says of a conversation that ended too early.
const BROKEN_OFF: [&str; 5] = [
    "RPC failed",
    "early EOF",
    "the remote end hung up unexpectedly",
    "unexpected disconnect",
    "expected flush after ref listing",
];

/// Words by kind. An earlier kind wins: git goes on complaining after the line that tells, about a
/// remote that hung up or could not be read. Within a kind, too, what tells more comes first.
/// Quoted text stands here as `''`.
const WORDS: [(FailureKind, &[&str]); 7] = [
    (
        FailureKind::HashMismatch,
        &[
            "does not support this repository's hash algorithm",
            "mismatched algorithms: client",
            "the server does not support algorithm",
        ],
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
            // What a credential helper is not asked for either.
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
            // `git daemon` says no more, be the repository missing or the service off.
            "access denied or repository not exported",
            "remote error: access denied",
            "remote error: repository not exported",
            "remote error: service not enabled",
            "dubious ownership",
            "fatal: transport '' not allowed",
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
            "returned error: 502",
            "returned error: 503",
            "returned error: 504",
            "the remote end hung up upon initial contact",
            COULD_NOT_READ,
        ],
    ),
];

impl RemoteFailure {
    /// Classify a `push`, `fetch` or `ls-remote` that did not end with 0 (none: a signal ended
    /// it). What hooks print is not looked at: a hook may say anything.
    pub fn read(exit: Option<i32>, stderr: &[u8]) -> Self {
        let stderr = String::from_utf8_lossy(stderr);
        let lines: Vec<&str> = stderr.lines().filter_map(own_words).collect();
        let bare: Vec<String> = lines.iter().map(|line| unquoted(line)).collect();
        for (kind, words) in WORDS {
            for word in words {
                let Some(at) = bare.iter().position(|line| line.contains(word)) else {
                    continue;
                };
                // The line before is ssh's or the server's, and says why.
                let at = at.saturating_sub(usize::from(*word == COULD_NOT_READ));
                return Self {
                    kind,
                    said: harmless(without_prefix(lines[at])),
                    untouched: is_before_sending(kind, exit, &bare),
                };
            }
        }
        Self {
            untouched: is_before_sending(FailureKind::Unknown, exit, &bare),
            ..unclassified(exit, &lines)
        }
    }

    pub(super) fn unknown(said: &str) -> Self {
        Self::vague(FailureKind::Unknown, said)
    }

    /// Where GitHub limits the refs of a push it says so in the hook's place, and of each ref that
    /// it `failed to report status` or broke a rule.
    pub(super) fn too_many_refs(stderr: &[u8]) -> Option<Self> {
        let stderr = String::from_utf8_lossy(stderr);
        let mut hook = stderr
            .lines()
            .filter_map(|line| line.strip_prefix("remote: "));
        let said =
            hook.find(|line| line.contains("update more than ") && line.contains(" or tag"))?;
        Some(Self::vague(FailureKind::TooManyRefs, said))
    }

    /// Our own git could not do its part.
    pub fn local(said: &str) -> Self {
        Self {
            untouched: true,
            ..Self::vague(FailureKind::Local, said)
        }
    }

    /// Stopped by us; what was sent may have landed.
    pub fn out_of_time() -> Self {
        Self::vague(FailureKind::Unreachable, "no answer in time")
    }

    /// There was no time left to begin.
    pub fn not_begun() -> Self {
        Self {
            untouched: true,
            ..Self::out_of_time()
        }
    }

    /// Whether a fetch may have failed on one ref among others.
    pub fn may_be_one_ref(&self) -> bool {
        self.kind == FailureKind::Unknown
    }

    fn vague(kind: FailureKind, said: &str) -> Self {
        Self {
            kind,
            said: harmless(said),
            untouched: false,
        }
    }

    /// Whether the remote that failed is surely as it was. After a push, another URL that has a
    /// report of its own is another matter.
    pub fn is_untouched(&self) -> bool {
        self.untouched
    }
}

/// Whether nothing was sent yet. A server that breaks off can leave any words on the way out, its
/// ref moved or not; only where our own git walked away is the hang-up its own. Where no
/// conversation came about git dies, which is 128; it ends with 1 after one.
fn is_before_sending(kind: FailureKind, exit: Option<i32>, lines: &[String]) -> bool {
    let broken = |line: &String| BROKEN_OFF.iter().any(|word| line.contains(word));
    let died = exit == Some(128) && !lines.iter().any(broken);
    // What git says of the first request over http, whatever the answer was.
    let first = |line: &String| line.starts_with("fatal: unable to access ");
    match kind {
        FailureKind::NoAtomic | FailureKind::HashMismatch => exit.is_some(),
        FailureKind::Unreachable | FailureKind::NoCredentials | FailureKind::NotARepository => died,
        _ => died && lines.iter().any(first),
    }
}

/// Beginnings of lines that are about something else: git's advice, and a shared connection of
/// ssh that was gone (`Control socket connect(…): Connection refused`), before it made a new one.
const BESIDE: [&str; 3] = ["hint:", "Control socket ", "mux_client_"];

/// A line of git, of ssh (which ends lines with a carriage return), or of the server's front door.
/// GitLab's speaks like a hook and says `ERROR:`.
fn own_words(line: &str) -> Option<&str> {
    let line = line.trim_end();
    match line.strip_prefix("remote:") {
        Some(hook) => Some(hook.trim_start()).filter(|hook| hook.starts_with("ERROR: ")),
        None if BESIDE.iter().any(|start| line.starts_with(start)) => None,
        None => Some(line).filter(|line| !line.is_empty()),
    }
}

fn without_prefix(line: &str) -> &str {
    let prefixes = ["fatal: ", "error: ", "ERROR: "];
    let rest = prefixes.iter().find_map(|prefix| line.strip_prefix(prefix));
    rest.unwrap_or(line)
}

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
            "git was stopped before it answered",
        ),
        (Some(_), Some(line)) => RemoteFailure::unknown(line),
        (Some(code), None) => {
            RemoteFailure::unknown(&format!("git ended with {code} and said nothing"))
        }
    }
}

/// `text` with each `'quoted'` part written as `''`: a name or a path in a message says nothing
/// about what went wrong. An apostrophe within a word quotes nothing.
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
        // Where this quote is never closed no later one is.
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
