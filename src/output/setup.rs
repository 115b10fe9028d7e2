//! The answers of the verbs that put things in place: `init`, `install`, `uninstall`, `man`.
//!
//! Owns their words and their JSON. Never puts anything anywhere.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes;
use super::style::{BOLD, DIM, GOOD, clean};
use crate::app::File;
use crate::app::setup::git_hooks::{Installed, Placed, Uninstalled, What};
use crate::app::setup::init::{Ready, Unwired};
use crate::app::setup::leave::Departed;
use crate::app::setup::man_pages::{Pages, RemovedPages};

/// What `init` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct InitAnswer<'a> {
    /// the session of the caller
    session_id: &'a str,
    /// the node id of the clone
    node: &'a str,
    /// the repository that keeps the board
    ledger: &'a str,
    /// whether this call generated the node id
    created: bool,
    /// the remote that the board is shared through; null where there is none
    remote: Option<&'a str>,
    /// the lines that were added to the configuration
    added: &'a [String],
    /// the refspecs of an earlier version that were taken out of the configuration
    removed: &'a [String],
    /// with `--ci`, what the remote lets the job do; null otherwise
    rights: Option<Vec<&'a str>>,
}

impl Present for Ready {
    fn text(&self, _: &Terminal) -> String {
        let mut out = String::new();
        let me = &self.me;
        let _ = writeln!(out, "{GOOD}Ready.{GOOD:#} You are {BOLD}{me}{BOLD:#}.");
        let _ = writeln!(
            out,
            "The board is kept in {} ({}).",
            clean(&self.ledger),
            self.refs
        );
        if let Some(remote) = &self.remote {
            let _ = writeln!(
                out,
                "It is shared through {}: verbs and syncs fetch it by themselves.",
                clean(remote)
            );
        }
        if let Some(rights) = &self.rights {
            out.push_str("The job may create, move and remove refs there:\n");
            for right in rights {
                let _ = writeln!(out, "  {}", clean(&right.what));
            }
            return out;
        }
        if !self.removed.is_empty() {
            out.push_str("Removed from the configuration (git fetch failed beside a sync):\n");
            out.push_str(&config_lines(&self.removed));
        }
        if !self.added.is_empty() {
            out.push_str("Added to the configuration (git presence init --undo removes them):\n");
            out.push_str(&config_lines(&self.added));
        }
        out.push_str("Try it:\n");
        out.push_str(
            "  git presence claim infra:example --purpose \"trying it\"\n  \
             git presence list\n  git presence release --all-mine\n",
        );
        out
    }

    fn json(&self) -> Value {
        let rights = self.rights.as_ref().map(|found| found.iter());
        shapes::value(&InitAnswer {
            session_id: self.me.as_str(),
            node: &self.node,
            ledger: &self.ledger,
            created: self.created,
            remote: self.remote.as_deref(),
            added: &self.added,
            removed: &self.removed,
            rights: rights.map(|found| found.map(|found| found.what.as_str()).collect()),
        })
    }
}

/// What `init --undo` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct UndoneAnswer<'a> {
    /// the repository that keeps the board
    ledger: &'a str,
    /// the lines that were taken out of the configuration
    removed: &'a [String],
}

impl Present for Unwired {
    fn text(&self, _: &Terminal) -> String {
        if self.removed.is_empty() {
            let ledger = clean(&self.ledger);
            return format!("git presence init added nothing to {ledger}/config.\n");
        }
        "Removed from the configuration:\n".to_owned() + &config_lines(&self.removed)
    }

    fn json(&self) -> Value {
        shapes::value(&UndoneAnswer {
            ledger: &self.ledger,
            removed: &self.removed,
        })
    }
}

fn config_lines(lines: &[String]) -> String {
    let line = |line: &String| format!("  {DIM}{}{DIM:#}\n", clean(line.trim()));
    lines.iter().map(line).collect()
}

/// What `install` and `uninstall` answer to programs about the hooks of Git.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct GitHooksAnswer {
    /// one for each hook and place
    hooks: Vec<PlacedHook>,
}

/// What became of a hook at a place.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PlacedHook {
    /// its name
    hook: &'static str,
    /// the file, or the configuration
    path: String,
    /// `made`: a file; `added`: lines in an existing file, or in the configuration; `kept_beside`:
    /// a file, and the existing one is kept and run; `present`: nothing to do; `removed`;
    /// `put_back`: the kept file is in its place again
    what: &'static str,
}

impl GitHooksAnswer {
    fn of(placed: &[Placed]) -> Self {
        let one = |placed: &Placed| PlacedHook {
            hook: placed.hook,
            path: placed.place.display().to_string(),
            what: match placed.what {
                What::Present => "present",
                What::Added => "added",
                What::Made => "made",
                What::KeptBeside => "kept_beside",
                What::Removed => "removed",
                What::PutBack => "put_back",
            },
        };
        Self {
            hooks: placed.iter().map(one).collect(),
        }
    }
}

impl Present for Installed {
    fn text(&self, _: &Terminal) -> String {
        let mut out: String = self.placed.iter().map(hook).collect();
        out.push_str("To remove them: git presence uninstall\n");
        // Git turns this into `man git-presence`, and that fails without the pages.
        out.push_str("To have `git presence --help`, too: git presence man --install\n");
        out
    }

    fn json(&self) -> Value {
        shapes::value(&GitHooksAnswer::of(&self.placed))
    }
}

impl Present for Uninstalled {
    fn text(&self, _: &Terminal) -> String {
        if self.placed.is_empty() {
            return "No hooks of git presence are installed.\n".to_owned();
        }
        self.placed.iter().map(hook).collect()
    }

    fn json(&self) -> Value {
        shapes::value(&GitHooksAnswer::of(&self.placed))
    }
}

/// Returns one line: what became of a hook, and where.
fn hook(placed: &Placed) -> String {
    let what = match placed.what {
        What::Present => "is already in",
        What::Added => "was added to",
        What::Made => "was written to",
        What::KeptBeside => "runs before the existing hook, in",
        What::Removed => "was removed from",
        What::PutBack => "was removed, and the former hook restored, in",
    };
    let place = placed.place.display().to_string();
    format!("{GOOD}{}{GOOD:#} {what} {}\n", placed.hook, clean(&place))
}

/// What `man --install` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PagesAnswer {
    /// the folder
    dir: String,
    /// how many pages were installed, or removed
    count: usize,
}

impl Present for Pages {
    fn text(&self, _: &Terminal) -> String {
        format!(
            "Installed {} pages in {}\nRead them: git presence --help, man git-presence-claim\n",
            self.count,
            self.dir.display()
        )
    }

    fn json(&self) -> Value {
        shapes::value(&PagesAnswer {
            dir: self.dir.display().to_string(),
            count: self.count,
        })
    }
}

impl Present for RemovedPages {
    fn text(&self, _: &Terminal) -> String {
        let dir = clean(&self.dir.display().to_string());
        match self.count {
            0 => format!("No pages of git presence are in {dir}\n"),
            count => format!("Removed {count} pages from {dir}\n"),
        }
    }

    fn json(&self) -> Value {
        shapes::value(&PagesAnswer {
            dir: self.dir.display().to_string(),
            count: self.count,
        })
    }
}

/// What `uninstall --everything` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct DepartedAnswer<'a> {
    /// what was removed
    removed: Vec<RemovedThing<'a>>,
    /// the remote whose board was removed
    cleared: Option<&'a str>,
    /// the remote whose board is left as it is
    left_at: Option<&'a str>,
    /// the board of several repositories, which was left alone
    shared_board: Option<&'a str>,
    /// settings that the user made, which stay
    settings: &'a [String],
}

/// One thing that was removed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RemovedThing<'a> {
    /// what it was, in words
    what: &'a str,
    /// the file, folder or remote
    place: &'a str,
}

impl Present for Departed {
    fn text(&self, _: &Terminal) -> String {
        let mut out = String::new();
        for (what, place) in &self.removed {
            let _ = writeln!(out, "{GOOD}Removed{GOOD:#} {what}: {}", clean(place));
        }
        if self.removed.is_empty() {
            out.push_str("Nothing was left to remove.\n");
        }
        if let Some(remote) = &self.cleared {
            let _ = writeln!(
                out,
                "Other clones push their sessions to {} again at their next claim or sync: do the \
                 same in each. docs/leaving.md says how to keep the board away from a remote.",
                clean(remote)
            );
        }
        if let Some(remote) = &self.left_at {
            let _ = writeln!(
                out,
                "The board at {} is left to other clones; to remove it, before the last clone \
                 leaves: git presence uninstall --everything --remote",
                clean(remote)
            );
        }
        if let Some(board) = &self.shared_board {
            let board = clean(board);
            let _ = writeln!(
                out,
                "The board in {board} is of several repositories: it stays."
            );
        }
        if !self.settings.is_empty() {
            let all = self.settings.join(", ");
            let _ = writeln!(out, "Settings that you made stay: {}", clean(&all));
        }
        out.push_str("Objects of the board go with the next git gc. The program is left.\n");
        out
    }

    fn json(&self) -> Value {
        let things = self.removed.iter();
        shapes::value(&DepartedAnswer {
            removed: things
                .map(|(what, place)| RemovedThing { what, place })
                .collect(),
            cleared: self.cleared.as_deref(),
            left_at: self.left_at.as_deref(),
            shared_board: self.shared_board.as_deref(),
            settings: &self.settings,
        })
    }
}

/// What `completions`, `man` and `install --print` answer to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct FileAnswer<'a> {
    /// the file
    text: &'a str,
}

impl Present for File {
    fn text(&self, _: &Terminal) -> String {
        self.0.clone()
    }

    fn json(&self) -> Value {
        shapes::value(&FileAnswer { text: &self.0 })
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<FileAnswer<'_>>("file"),
        whole::<InitAnswer<'_>>("init"),
        whole::<UndoneAnswer<'_>>("init --undo"),
        whole::<GitHooksAnswer>("install"),
        whole::<PlacedHook>("install hooks"),
        whole::<PagesAnswer>("man --install"),
        whole::<DepartedAnswer<'_>>("uninstall --everything"),
        whole::<RemovedThing<'_>>("uninstall --everything removed"),
    ]
}
