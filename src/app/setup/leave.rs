//! The use case of `uninstall --everything`: this clone and this user are as before.
//!
//! Owns what goes, and in which order: first the board at the remote, if that is wanted, then the
//! refs here, hooks and files of the user, the folder of the clone last. Refuses while something is
//! held or frozen that would go, or may be. Never removes the program, or settings that the user
//! made.

use std::path::{Path, PathBuf};

use crate::app::setup::agent_hooks::{self, Place};
use crate::app::setup::{git_hooks, man_pages};
use crate::app::sync::{self as syncing, DEADLINE};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::guard::shell::quote;
use crate::integrations::harness::Harness;
use crate::ledger::{LedgerError, RefsToLeave};
use crate::model::board::Board;
use crate::model::holding::Holding;
use crate::model::text::list;
use crate::model::time::Timestamp;
use crate::sync;

/// The prefix of our settings.
const OWN_SETTINGS: &str = "presence.";
/// The setting that `init` makes.
const CHOSEN: &str = "presence.remote";
/// What stands in a completion script of ours.
const OUR_SCRIPT: &str = "git-presence";
/// Where scripts for completion go, below the data and the configuration of the user.
const BASH: &str = "bash-completion/completions/git-presence";
const FISH: &str = "fish/completions/git-presence.fish";

/// What was removed, and what is left.
#[derive(Debug)]
pub struct Departed {
    /// What was removed, each with its place.
    pub removed: Vec<(String, String)>,
    /// The remote whose board was removed.
    pub cleared: Option<String>,
    /// The remote whose board is left as it is.
    pub left_at: Option<String>,
    /// The board of several repositories, which was left alone.
    pub shared_board: Option<String>,
    /// Settings that the user made, as `key (in file)`.
    pub settings: Vec<String>,
}

/// Removes all of ours here; with `remote`, the board there too. `pages` are the manual pages, each
/// a file name and a text; `notify` is told what goes at the remote, before it does.
///
/// # Errors
///
/// [`Kind::Refused`] if a session still holds something; [`Kind::Remote`] if the remote cannot be
/// asked or keeps a ref. Then nothing was removed here.
pub fn execute(
    context: &Context,
    remote: bool,
    pages: &[(String, String)],
    notify: fn(&str),
) -> Result<Departed, Failure> {
    let mut removed = Vec::new();
    if remote && !context.keeps_its_own_board {
        let board = context.ledger_dir.display().to_string();
        let text = "the board is of several repositories, and would be removed for all of them";
        return Err(
            Failure::new(Kind::Refused, anyhow::anyhow!(text)).hint(format!(
                "if that is meant, do it there: git -C {} presence uninstall --everything --remote",
                quote(&board)
            )),
        );
    }
    let cleared = match remote {
        true => Some(clear(context, &mut removed, notify)?),
        false => None,
    };
    // Listed before what they hold is looked at: what moves afterwards stays.
    let refs = context.ledger.refs_to_leave()?;
    nothing_is_held_here(context, &mut removed)?;
    // A board that other repositories use, too, is not of this clone.
    if context.keeps_its_own_board {
        remove_board(context, &refs, &mut removed)?;
    }
    of_the_user(context, pages, &mut removed)?;
    let chosen = of_the_clone(context, &mut removed)?;
    let upstream = context.upstream.name().map(str::to_owned);
    let mut settings: Vec<String> = context
        .settings
        .iter()
        .filter(|set| set.key.starts_with(OWN_SETTINGS) && !(chosen && set.key == CHOSEN))
        .map(|set| format!("{} (in {})", set.key, set.origin))
        .collect();
    settings.dedup();
    Ok(Departed {
        removed,
        left_at: upstream.filter(|_| cleared.is_none()),
        cleared,
        shared_board: (!context.keeps_its_own_board)
            .then(|| context.ledger_dir.display().to_string()),
        settings,
    })
}

/// Refuses while something is in force that goes with this repository: what stands in it, by
/// whichever clone, and what this clone holds at its remote.
fn nothing_is_held_here(
    context: &Context,
    removed: &mut Vec<(String, String)>,
) -> Result<(), Failure> {
    let now = context.now();
    let node = context.ledger.node();
    let mut mine = context.ledger.board()?.live(now);
    mine.retain(|one| Some(one.node) == node);
    still_held(&mine)?;
    if !context.keeps_its_own_board {
        return Ok(());
    }
    let here = context.ledger.kept_here()?;
    nothing_in_force(&here, now)?;
    removed.extend(unfinished(&here, &context.ledger_dir.display().to_string()));
    Ok(())
}

/// Refuses if something on the board is held or frozen, or cannot be read and may be.
fn nothing_in_force(board: &Board, now: Timestamp) -> Result<(), Failure> {
    if let Some(first) = board.unreadable.first() {
        let text = format!("{first}: what cannot be read may be held");
        return Err(Failure::new(Kind::Refused, anyhow::anyhow!(text))
            .hint("see what can be done about it: git presence doctor"));
    }
    still_held(&board.live(now))?;
    match board.frozen(now).first() {
        None => Ok(()),
        Some(first) => {
            let text = format!(
                "{} is frozen, by {}",
                first.resource,
                first.session.as_str()
            );
            Err(Failure::new(Kind::Refused, anyhow::anyhow!(text))
                .hint("end that: git presence state <resource> --clear")
                .hint("wait until it ends, and see when: git presence state"))
        }
    }
}

/// Returns the line about the tasks that go with the board at `place`, if there are some.
fn unfinished(board: &Board, place: &str) -> Option<(String, String)> {
    let tasks = { board.lists.iter() }.map(|(_, register)| register.tasks.tasks.len());
    let what = match tasks.sum::<usize>() {
        0 => return None,
        1 => "a task that was not over".to_owned(),
        count => format!("{count} tasks that were not over"),
    };
    Some((what, place.to_owned()))
}

/// Refuses if one of `held` is in force.
fn still_held(held: &[Holding]) -> Result<(), Failure> {
    let Some(first) = held.first() else {
        return Ok(());
    };
    let all = list(held.iter().map(|one| &one.resource));
    let text = format!("{all} is still claimed, by {}", first.session.as_str());
    Err(Failure::new(Kind::Refused, anyhow::anyhow!(text))
        .hint("release it: git presence release --all-mine")
        .hint("wait until it expires, and see when: git presence list"))
}

/// Removes the refs of the board here, unless one moved since they were listed.
fn remove_board(
    context: &Context,
    refs: &RefsToLeave,
    removed: &mut Vec<(String, String)>,
) -> Result<(), Failure> {
    let moved = |error: LedgerError| {
        Failure::new(
            Kind::Refused,
            anyhow::anyhow!("{error}, and stays; hooks and files are as they were"),
        )
        .hint("see what is claimed meanwhile: git presence list")
        .hint("try again")
    };
    let count = context.ledger.remove_refs(refs).map_err(moved)?;
    if count > 0 {
        let place = context.ledger_dir.display().to_string();
        removed.push((format!("{count} refs of the board"), place));
    }
    Ok(())
}

/// Removes the board at the remote, and returns the name of that. It is fetched first, so that what
/// other clones hold is known.
fn clear(
    context: &Context,
    removed: &mut Vec<(String, String)>,
    notify: fn(&str),
) -> Result<String, Failure> {
    let request = syncing::Request {
        pushes: false,
        fetches: true,
        deadline: DEADLINE,
        first_look: syncing::FIRST_LOOK_DEADLINE,
        in_background: false,
        retry: true,
    };
    let Some(remote) = context.remote() else {
        return Err(Failure::usage("there is no remote"));
    };
    let until = context.host.elapsed() + DEADLINE;
    let left = || until.saturating_sub(context.host.elapsed());
    let failed = |why: String| {
        let text = format!("the board at {} is not removed: {why}", remote.name());
        Failure::new(Kind::Remote, anyhow::anyhow!(text)).hint(
            "see what the remote allows: git presence doctor --remote; nothing was removed here",
        )
    };
    // What moves after this list stays, by its lease; what is fetched is as new or newer.
    let refs = sync::on_remote(&remote, &left).map_err(failed)?;
    let name = syncing::execute(context, &request)?.remote;
    let board = context.ledger.board()?;
    nothing_in_force(&board, context.now())?;
    notify(&format!("{} refs of the board go at {name}", refs.len()));
    let count = sync::clear(&remote, &refs, &left).map_err(failed)?;
    removed.extend(unfinished(&board, &name));
    removed.push((format!("{count} refs of the board"), name.clone()));
    Ok(name)
}

/// Removes what was installed for the user, and for the project: hooks of agents, manual pages,
/// scripts for completion.
fn of_the_user(
    context: &Context,
    pages: &[(String, String)],
    removed: &mut Vec<(String, String)>,
) -> Result<(), Failure> {
    let host = context.host;
    for harness in Harness::ALL {
        let user = Place::of_user_at(harness, host).ok();
        let project = Place::of_project_at(harness, context).ok();
        for place in user.into_iter().chain(project) {
            let wiring = agent_hooks::uninstall(host, harness, &place)?;
            for file in wiring.files {
                if file.what != agent_hooks::What::Unchanged {
                    let what = format!("hooks and rules of {}", harness.word());
                    removed.push((what, file.file.display().to_string()));
                }
            }
        }
    }
    let Some(home) = host.home() else {
        return Ok(());
    };
    let gone = man_pages::uninstall(host, None, pages)?;
    if gone.count > 0 {
        // Folders that were made for them go as well.
        for folder in gone.dir.ancestors().take(2) {
            let _ = host.remove_empty_dir(folder);
        }
        let what = format!("{} manual pages", gone.count);
        removed.push((what, gone.dir.display().to_string()));
    }
    let below = |variable: &str, usual: &str| {
        let named = host.env(variable).map(PathBuf::from);
        // Relative ones are to be ignored, by the rules for these variables.
        let named = named.filter(|path| path.is_absolute());
        named.unwrap_or_else(|| home.join(usual))
    };
    let scripts = [
        below("XDG_DATA_HOME", ".local/share").join(BASH),
        below("XDG_CONFIG_HOME", ".config").join(FISH),
    ];
    for script in scripts {
        if host.file_contains(&script, OUR_SCRIPT) {
            remove(context, &script)?;
            let what = "a script for completion".to_owned();
            removed.push((what, script.display().to_string()));
        }
    }
    Ok(())
}

/// Removes hooks, lines and the folder of this clone. Returns true if the choice of the
/// remote was among the lines.
fn of_the_clone(context: &Context, removed: &mut Vec<(String, String)>) -> Result<bool, Failure> {
    if context.code.is_some() {
        for placed in git_hooks::uninstall(context)? {
            let what = format!("the hook {}", placed.hook);
            removed.push((what, placed.place.display().to_string()));
        }
    }
    if !context.keeps_its_own_board {
        return Ok(false);
    }
    let lines = context.ledger.config_lines().remove()?;
    if !lines.is_empty() {
        let what = "lines of git presence init".to_owned();
        removed.push((
            what,
            context.ledger_dir.join("config").display().to_string(),
        ));
    }
    if context.ledger.remove_folder()? {
        let what = "the id of this clone, caches and locks".to_owned();
        removed.push((what, context.ledger.folder().display().to_string()));
    }
    Ok(!lines.is_empty())
}

fn remove(context: &Context, path: &Path) -> Result<(), Failure> {
    context.host.remove_file(path).map_err(|error| {
        let text = format!("cannot remove {}: {error}", path.display());
        Failure::new(Kind::Broken, anyhow::anyhow!(text)).hint("remove it by hand, and try again")
    })
}
