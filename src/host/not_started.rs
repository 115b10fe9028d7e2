//! Why a command of the user did not start.
//!
//! Owns [`NotStarted`]: what is wrong with the program, and what to do about it, in the words of a
//! reader. Never starts anything.

use std::io::ErrorKind;
use std::path::Path;

use crate::model::text::{is_word, name, without_codes};

/// Exit code of shells for a command that cannot be run.
pub(super) const NOT_RUN: u8 = 126;
/// Exit code of shells for a command that does not exist.
const NOT_FOUND: u8 = 127;

/// Why a command did not start.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct NotStarted {
    why: String,
    /// Exit code with which a shell would report it.
    pub code: u8,
}

impl NotStarted {
    /// Returns why the system did not start `program`.
    pub(super) fn of(program: &str, error: &std::io::Error) -> Self {
        let shown = match is_word(program.trim_start_matches(['.', '/'])) {
            true => program.to_owned(),
            false => name(program).to_string(),
        };
        let path = Path::new(program);
        let is_path = program.contains('/');
        let (why, code) = match error.kind() {
            ErrorKind::NotFound if is_path && path.is_file() => (
                format!(
                    "{shown} cannot be run: the program that its first line names is missing; \
                     install that, or name it yourself: <program> {shown}"
                ),
                NOT_FOUND,
            ),
            ErrorKind::NotFound if is_path => (
                format!("{shown} does not exist; check the path of the command after --"),
                NOT_FOUND,
            ),
            ErrorKind::NotFound => (
                format!(
                    "there is no program {shown} in the PATH; check its name, or give its path: \
                     ./{shown}"
                ),
                NOT_FOUND,
            ),
            ErrorKind::PermissionDenied if path.is_dir() => (
                format!("{shown} is a folder; name a program after --"),
                NOT_RUN,
            ),
            ErrorKind::PermissionDenied => (
                format!("{shown} may not be run by you; make it executable: chmod +x {shown}"),
                NOT_RUN,
            ),
            ErrorKind::InvalidInput => (
                "no program is named; write it after --".to_owned(),
                NOT_FOUND,
            ),
            _ => {
                let said = error.to_string();
                let said = without_codes(&said);
                (format!("{shown} cannot be run: {said}"), NOT_RUN)
            }
        };
        Self { why, code }
    }

    /// Returns a failure before the command was reached.
    pub(super) const fn because(why: String, code: u8) -> Self {
        Self { why, code }
    }
}
