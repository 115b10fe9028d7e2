//! The board at a remote, removed as a whole: [`clear`].
//!
//! Owns which refs of a remote are the board's, and the pushes that remove them, each ref under its
//! lease. Never decides whether that is wanted.

use crate::git::porcelain::Outcome;
use crate::git::remote::{Left, Move, Remote};
use crate::ledger::layout;
use crate::model::text::{WORDS_BYTES_MAX, quote};

/// How many refs one push removes: a command line has an end.
const REFS_A_PUSH: usize = 100;

/// Returns name and object id of each ref of the board that the remote has, archives too.
///
/// # Errors
///
/// Why the remote cannot be asked, as its words.
pub fn on_remote(remote: &Remote, left: Left<'_>) -> Result<Vec<(String, String)>, String> {
    let listing = remote.list(left);
    let listing =
        listing.map_err(|failure| quote(&failure.message, WORDS_BYTES_MAX).to_string())?;
    let is_ours = |name: &str| name.starts_with(layout::ROOT) || name.starts_with(layout::ARCHIVE);
    let refs = listing.refs.into_iter();
    let ours = refs.filter(|(_, name)| is_ours(name));
    Ok(ours
        .map(|(id, name)| (name, id.as_str().to_owned()))
        .collect())
}

/// Removes these refs from the remote, if they still are at their object ids. Returns how many are
/// gone.
///
/// # Errors
///
/// The reason of the first ref that stays.
pub fn clear(remote: &Remote, refs: &[(String, String)], left: Left<'_>) -> Result<usize, String> {
    let mut gone = 0;
    for part in refs.chunks(REFS_A_PUSH) {
        let moves: Vec<Move> = part
            .iter()
            .map(|(name, id)| Move {
                name: name.clone(),
                expect: Some(id.clone()),
                to: None,
            })
            .collect();
        let answer = remote.push_untracked(&moves, false, left);
        let outcomes = answer.reports.iter().flat_map(|report| &report.refs);
        for one in outcomes {
            match &one.outcome {
                Outcome::Landed | Outcome::UpToDate => gone += 1,
                Outcome::Lost { reason }
                | Outcome::Refused { reason }
                | Outcome::Unknown { reason } => {
                    let reason = quote(reason, WORDS_BYTES_MAX);
                    return Err(format!("{} stays: {reason}", one.name));
                }
                Outcome::ForwardOnly | Outcome::HeldBack => {
                    return Err(format!("{} stays", one.name));
                }
            }
        }
        if let Some(failure) = answer.failure {
            return Err(quote(&failure.message, WORDS_BYTES_MAX).to_string());
        }
    }
    Ok(gone)
}
