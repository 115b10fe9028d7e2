//! Words of servers and of git, made harmless: [`harmless`] and [`of_server`].
//!
//! Owns what of them is passed on: printable text, without secrets, up to a limit; and which lines
//! of standard error a server wrote. Never takes them for a reason: that is `failure` and `push`.

use super::masked::masked;

/// The longest text of a server or of git that is passed on.
pub(super) const MESSAGE_BYTES_MAX: usize = 300;
/// The most lines of a server that are passed on: the first ones say why.
const LINES_MAX: usize = 4;
/// What stands between two lines of a server.
const BETWEEN: &str = " / ";
/// Beginnings of lines that explain nothing: the progress of a server, and what the reason says.
const SAYS_NOTHING: [&str; 9] = [
    "error: hook declined to update ",
    "Enumerating objects",
    "Counting objects",
    "Compressing objects",
    "Resolving deltas",
    "Unpacking objects",
    "Checking connectivity",
    "Processing changes",
    "Total ",
];

/// Sanitizes the text of `bytes`.
pub(super) fn shown(bytes: &[u8]) -> String {
    harmless(&String::from_utf8_lossy(bytes))
}

/// Returns `text` as one line that is safe to print: letters, digits and ASCII signs only, so that
/// nothing in it moves the cursor or reorders text; cut to [`MESSAGE_BYTES_MAX`]; without what
/// looks like a secret. Git prints the user part of a URL when it prompts for the password, and it
/// can be a token.
pub(super) fn harmless(text: &str) -> String {
    let mut out = String::new();
    for c in masked(text).chars() {
        let plain = c.is_ascii_graphic() || c.is_alphanumeric() || c == char::REPLACEMENT_CHARACTER;
        let c = if plain { c } else { ' ' };
        if c == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        if out.len() + c.len_utf8() > MESSAGE_BYTES_MAX {
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out
}

/// Returns the first lines that the server wrote, its hooks above all, as one line; empty if there
/// are none. Git marks them with `remote:`, and a push has one stream of them for all its refs.
pub(super) fn of_server(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let mut lines: Vec<&str> = Vec::new();
    for line in text.split(['\n', '\r']) {
        let Some(line) = line.strip_prefix("remote:").map(str::trim) else {
            continue;
        };
        let tells = line.contains(char::is_alphanumeric)
            && !SAYS_NOTHING.iter().any(|start| line.starts_with(start))
            && !lines.contains(&line);
        if tells {
            lines.push(line);
        }
        if lines.len() == LINES_MAX {
            break;
        }
    }
    harmless(&lines.join(BETWEEN))
}

/// Returns `reason` with the words of the server behind it, unless it has them already.
pub(super) fn explained(reason: &str, words: &str) -> String {
    if words.is_empty() || reason.contains(words) {
        return reason.to_owned();
    }
    // A front end that speaks like a hook: its line is the reason, and the words begin with it.
    match words.find(reason).filter(|_| !reason.is_empty()) {
        Some(_) => words.to_owned(),
        None => harmless(&format!("{}: {words}", reason.trim_end_matches(['.', ':']))),
    }
}
