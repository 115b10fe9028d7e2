//! The `git-presence` executable.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(git_presence::run(git_presence::host::Host))
}
