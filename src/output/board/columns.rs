//! The columns of `list`.
//!
//! Owns which there are, and which give way in a narrow terminal. Never fills a cell but that of
//! the place.

use crate::model::holding::Holding;
use crate::model::text::name;

/// What is cut last: the resource, the session and the state.
pub(super) const KEPT: [usize; 3] = [1, 3, 2];
/// How wide a label, a session and a folder are at least, unless they are shorter.
const RESOURCE_MIN: usize = 28;
const SESSION_MIN: usize = 16;
const FOLDER_MIN: usize = 16;

/// The columns of a list that are not in every one: a column without a word says nothing.
pub(super) struct Columns {
    /// Whether a claim has an agent.
    pub agent: bool,
    /// Whether a claim has a folder or a branch.
    pub folder: bool,
}

impl Columns {
    /// Takes the claims that are shown.
    pub(super) fn of(holdings: &[Holding]) -> Self {
        let has = |what: &dyn Fn(&Holding) -> bool| holdings.iter().any(what);
        Self {
            agent: has(&|h| h.agent.is_some()),
            folder: has(&|h| !place(h).is_empty()),
        }
    }

    /// Returns the names of all columns, the places of those that are cut in the middle, and those
    /// that are left out where there is no room.
    pub(super) fn header(&self) -> (Vec<&'static str>, Vec<(usize, usize)>, Vec<usize>) {
        let mut header = vec!["", "RESOURCE", "STATE", "SESSION"];
        let mut middles = vec![(1, RESOURCE_MIN), (3, SESSION_MIN)];
        let mut dropped = Vec::new();
        if self.agent {
            dropped.push(header.len());
            header.push("AGENT");
        }
        if self.folder {
            dropped.push(header.len());
            middles.push((header.len(), FOLDER_MIN));
            header.push("FOLDER");
        }
        header.push("PURPOSE");
        dropped.push(header.len());
        header.extend(["SEEN", "EXPIRES"]);
        // What was seen when matters least, then where, then by what.
        dropped.reverse();
        (header, middles, dropped)
    }

    /// Returns what stands in a second line where there is no room: why, then how, then who.
    pub(super) fn below(&self) -> [usize; 3] {
        [4 + usize::from(self.agent) + usize::from(self.folder), 2, 3]
    }
}

/// Returns the name of the folder of a session, and its branch.
pub(super) fn place(h: &Holding) -> String {
    let at = &h.whereabouts;
    let folder = at.folder.as_deref().unwrap_or_default();
    let folder = folder
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    match (folder, &at.branch) {
        ("", None) => String::new(),
        ("", Some(branch)) => name(branch).to_string(),
        (folder, None) => name(folder).to_string(),
        (folder, Some(branch)) => format!("{} ({})", name(folder), name(branch)),
    }
}
