//! Commands of which it is known what they print.
//!
//! Owns the usual ways to write the working directory, the top of the work tree and the folder of a
//! script. Never runs one.

/// Stands for the top of the work tree among the names of variables.
pub(in crate::guard) const TOP: &str = "the top";
/// Stands for the folder of the script that runs.
pub(in crate::guard) const SCRIPT_FOLDER: &str = "the folder of the script";
/// The variable with the working directory.
pub(in crate::guard) const WORKING_DIR: &str = "PWD";

/// How a script names itself.
const SELF: [&str; 5] = [
    "$0",
    "${0}",
    "$BASH_SOURCE",
    "${BASH_SOURCE}",
    "${BASH_SOURCE[0]}",
];

/// Returns the name under which the state of a shell has what a command prints.
pub(super) fn folder_of(script: &str) -> Option<&'static str> {
    let script = script.replace(['"', '\''], "");
    let words: Vec<&str> = script.split_whitespace().collect();
    let is_quiet = |word: &&&str| matches!(**word, ">/dev/null" | "2>/dev/null" | "2>&1" | "--");
    let words: Vec<&str> = words
        .iter()
        .filter(|word| !is_quiet(word))
        .copied()
        .collect();
    match words.as_slice() {
        ["pwd"] | ["pwd", "-P" | "-L"] => Some(WORKING_DIR),
        ["git", "rev-parse", "--show-toplevel"] => Some(TOP),
        ["dirname", file] if SELF.contains(file) => Some(SCRIPT_FOLDER),
        ["cd", "$(dirname", file, "&&", "pwd"] | ["cd", "$(dirname", file, "&&", "pwd", "-P"]
            if file
                .strip_suffix(')')
                .is_some_and(|file| SELF.contains(&file)) =>
        {
            Some(SCRIPT_FOLDER)
        }
        _ => None,
    }
}
