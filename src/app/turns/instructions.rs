//! The team's own rules: `.presence/instructions.md` at the top of the worktree.
//!
//! Owns where they stand and how much of them is read. They are the words of the team, and override
//! nothing that this program says. Never writes the file.

use std::path::PathBuf;

use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::integrations::harness::rules;

/// The path of the file, from the top of the worktree.
pub const FILE: &str = ".presence/instructions.md";
/// The most bytes of it.
const BYTES_MAX: usize = 256 * 1024;

/// The rules of a team.
#[derive(Debug)]
pub struct Instructions {
    /// The file; `None` where there is none, and the text is the one that this program ships.
    pub file: Option<PathBuf>,
    /// The text.
    pub text: String,
}

/// Returns the team's rules, or the shipped ones if it has none.
pub fn execute(context: &Context) -> Result<Instructions, Failure> {
    Ok(match of_the_team(context)? {
        Some(found) => found,
        None => Instructions {
            file: None,
            text: rules::text(),
        },
    })
}

/// Returns the team's rules; `None` if it has none. Fails for a file that cannot be used.
pub fn of_the_team(context: &Context) -> Result<Option<Instructions>, Failure> {
    let Some(top) = context.worktree() else {
        return Ok(None);
    };
    let path = top.join(FILE);
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let refused = |why: String| {
        let error = anyhow::anyhow!("{FILE} cannot be used: {why}");
        Failure::new(Kind::Usage, error).hint(format!("make {FILE} a text of at most 256 KiB"))
    };
    if context.host.link_out_of(top, &path).is_some() {
        return Err(refused("it leads out of the repository".to_owned()));
    }
    let bytes = context.host.read_bounded(&path, BYTES_MAX);
    let bytes = bytes.map_err(|error| refused(error.to_string()))?;
    if bytes.len() > BYTES_MAX {
        return Err(refused(format!("it has more than {BYTES_MAX} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| refused("it is not UTF-8".to_owned()))?;
    Ok(Some(Instructions {
        file: Some(path),
        text,
    }))
}
