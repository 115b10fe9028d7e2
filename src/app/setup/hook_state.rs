//! The hooks that are installed, for `doctor`.
//!
//! Owns the state of each hook of Git and of each harness ([`Row`]), the reason for it, and the
//! command that repairs it. Never changes a file.

use std::path::{Path, PathBuf};

use crate::app::setup::agent_hooks;
use crate::app::setup::git_hooks::{
    CONFIG, HOOKS_DIR, config_has, found, hooks_dir, is_off, is_within, seen, turn_on, unasked,
};
use crate::app::setup::scope::Scope;
use crate::context::{Code, Context};
use crate::failure::Failure;
use crate::guard::shell::quote;
use crate::integrations::git_hooks::hook_file::{self, Removal};
use crate::integrations::git_hooks::own_line::{self, OwnLine};
use crate::integrations::git_hooks::{Hook, wanted};
use crate::integrations::harness::Harness;
use crate::integrations::harness::settings::InstallState;
use crate::ledger::raw_settings::HOOKS_PATH;
use crate::model::finding::Finding;

const PROGRAM: &str = "git-presence";
/// The folder with Git's own programs, which Git puts in front of the `PATH`.
const EXEC_FOLDER: &str = "git-core";
const EXEC_PATH: &str = "GIT_EXEC_PATH";
const GIT_FOLDER: &str = ".git";
const INSTALL: &str = "git presence install";

/// How far a hook is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It calls this program.
    Installed,
    /// It calls this program, and differs from what this version writes.
    Partial,
    /// It is not there.
    NotInstalled,
    /// It is there, and is never run.
    NotRun,
    /// It calls this program, and goes on whatever the answer is.
    Unheeded,
    /// The file is not understood.
    Unreadable,
}

/// One hook of Git, or the hooks of a harness in one place.
#[derive(Debug)]
pub struct Row {
    /// `git`, or the harness.
    pub who: &'static str,
    /// The hook of Git.
    pub hook: Option<&'static str>,
    /// Whose settings it is in.
    pub scope: Scope,
    /// How far it is installed.
    pub state: State,
    /// Where it is, or would be.
    pub place: PathBuf,
    /// Why it is in this state.
    pub why: Option<String>,
    /// The command that repairs it.
    pub advice: Option<String>,
}

impl Row {
    /// Returns the problem of a hook that looks installed and does nothing.
    pub fn finding(&self) -> Option<Finding> {
        let why = self
            .why
            .as_deref()
            .filter(|_| matches!(self.state, State::NotRun | State::Unheeded))?;
        let what = match self.hook {
            Some(hook) if self.state == State::Unheeded => format!(
                "the hook {hook} in {} stops nothing: {why}",
                self.place.display()
            ),
            Some(hook) => format!(
                "the hook {hook} in {} is not run: {why}",
                self.place.display()
            ),
            None => {
                let (who, place) = (self.who, self.place.display());
                format!("the hooks of {who} in {place} do nothing: {why}")
            }
        };
        Some(Finding {
            advice: self.advice.clone(),
            ..Finding::problem(what, "")
        })
    }
}

/// Returns all hooks, those of Git first. Git is asked only if files do not say enough.
pub fn examine(context: &Context) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    if let Some(code) = &context.code {
        let git = Git::look(context, code)?;
        for hook in wanted(context.config.required.commit) {
            rows.push(git.row(hook)?);
        }
    }
    // Other programs do not find what Git finds among its own.
    let own = context.host.env(EXEC_PATH).map(PathBuf::from);
    let mut dirs = context.host.search_path();
    dirs.retain(|dir| !dir.ends_with(EXEC_FOLDER) && Some(dir) != own.as_ref());
    let is_found = context.host.has_program(PROGRAM, &dirs);
    for harness in Harness::ALL {
        for (scope, place) in agent_hooks::places(harness, context) {
            if let Some(place) = place {
                rows.push(of_harness(context, harness, scope, place, is_found));
            }
        }
    }
    Ok(rows)
}

/// What all hooks of Git here have in common.
struct Git<'c> {
    context: &'c Context,
    code: &'c Code,
    dir: PathBuf,
    usual: PathBuf,
    /// The same folder in the main work tree, if `core.hooksPath` is relative and this is a linked
    /// one.
    of_main: Option<PathBuf>,
    is_outside: bool,
    /// Whether `core.hooksPath` leads to something that is no folder, such as `/dev/null`.
    is_off: bool,
}

impl<'c> Git<'c> {
    fn look(context: &'c Context, code: &'c Code) -> Result<Self, Failure> {
        let usual = code.common_dir.join(HOOKS_DIR);
        let is_led_away = context.settings.iter().any(|s| s.key == HOOKS_PATH);
        let dir = match is_led_away {
            true => hooks_dir(code)?,
            false => usual.clone(),
        };
        let main = main_top(code).filter(|main| is_led_away && *main != code.top);
        let of_main = main.zip(dir.strip_prefix(&code.top).ok());
        Ok(Self {
            is_outside: is_led_away && !is_within(&dir, &code.common_dir),
            is_off: is_off(&dir),
            of_main: of_main.map(|(main, below)| main.join(below)),
            context,
            code,
            dir,
            usual,
        })
    }

    fn takes_settings(&self) -> Result<bool, Failure> {
        self.code.git.takes_hooks_from_config().map_err(unasked)
    }

    fn row(&self, hook: &Hook) -> Result<Row, Failure> {
        let config = self.code.common_dir.join(CONFIG);
        let in_settings = seen(self.context, &config)?.is_some_and(|seen| config_has(&seen, hook));
        let file = self.dir.join(hook.name);
        let row = |place: &Path, state: State| Row {
            who: "git",
            hook: Some(hook.name),
            scope: Scope::Repository,
            state,
            place: place.to_owned(),
            why: None,
            advice: None,
        };
        if in_settings && self.takes_settings()? {
            return self.if_found(row(&config, State::Installed));
        }
        let here = seen(self.context, &file)?.map(found);
        let is_asleep = here.as_ref().is_some_and(|found| !found.is_executable);
        if let Some(state) = here.as_ref().and_then(|found| calls_us(hook, found)) {
            let row = row(&file, state);
            return match (is_asleep, state) {
                (true, _) => Ok(row.not_run(
                    "it is not executable",
                    format!("chmod +x {}", quote(&file.display().to_string())),
                )),
                (_, State::Installed) => self.if_found(row),
                (_, State::Unheeded) => self.if_found(Row {
                    why: Some("it goes on after the line that calls git presence".to_owned()),
                    advice: Some(format!("put this in place of that line: {}", hook.line)),
                    ..row
                }),
                _ => self.if_found(Row {
                    why: Some("its lines are not those of this version".to_owned()),
                    advice: Some(format!("git presence uninstall && {INSTALL}")),
                    ..row
                }),
            };
        }
        if in_settings {
            let why = "this Git runs no hooks that stand in its settings; 2.54 does";
            return Ok(row(&config, State::Installed).not_run(why, INSTALL));
        }
        for dir in self.of_main.iter().chain([&self.usual]) {
            let place = dir.join(hook.name);
            let there = seen(self.context, &place)?.map(found);
            if place != file && there.is_some_and(|found| calls_us(hook, &found).is_some()) {
                let advice = self.repair(hook, &file, false)?.1;
                return Ok(row(&place, State::Installed).not_run(&self.looked(), advice));
            }
        }
        let (why, advice) = self.repair(hook, &file, is_asleep)?;
        Ok(Row {
            why: why.map(str::to_owned),
            advice: Some(advice),
            ..row(&file, State::NotInstalled)
        })
    }

    /// Returns where Git looks instead, in this work tree.
    fn looked(&self) -> String {
        let dir = self.dir.display();
        match (self.is_off, &self.of_main) {
            (true, None) => format!("core.hooksPath is {dir}, so Git runs no hook files"),
            (_, Some(_)) => {
                format!("in this work tree Git looks in {dir}, since core.hooksPath is relative")
            }
            (false, None) => format!("Git looks in {dir}, by core.hooksPath"),
        }
    }

    /// Returns why a hook is not run, and the command that repairs it.
    fn repair(
        &self,
        hook: &Hook,
        file: &Path,
        is_asleep: bool,
    ) -> Result<(Option<&'static str>, String), Failure> {
        let is_blocked = (self.is_outside || is_asleep) && !self.takes_settings()?;
        Ok(match (is_blocked, self.is_outside) {
            (false, _) => (None, INSTALL.to_owned()),
            (true, true) if self.is_off => (
                Some("core.hooksPath leads to no folder, so Git runs no hook files"),
                format!("{}, then {INSTALL}", turn_on(self.context)),
            ),
            (true, true) => (
                Some("core.hooksPath points to a folder that may be shared"),
                format!("add this line to {}: {}", file.display(), hook.line),
            ),
            (true, false) => (
                Some("another one is there that is not executable, so Git does not run it"),
                format!("make it executable, or remove it; then {INSTALL}"),
            ),
        })
    }

    /// Returns why a hook does not find this program, if it does not.
    fn if_found(&self, row: Row) -> Result<Row, Failure> {
        let host = self.context.host;
        if host.has_program(PROGRAM, &host.search_path()) {
            return Ok(row);
        }
        let own = self.code.git.exec_path().map_err(unasked)?;
        Ok(if host.has_program(PROGRAM, &[own]) {
            row
        } else {
            row.not_found()
        })
    }
}

impl Row {
    fn not_run(self, why: &str, advice: impl Into<String>) -> Self {
        Self {
            state: State::NotRun,
            why: Some(why.to_owned()),
            advice: Some(advice.into()),
            ..self
        }
    }

    fn not_found(self) -> Self {
        let why = format!("{PROGRAM} is not in the PATH");
        self.not_run(&why, format!("put the folder of {PROGRAM} into your PATH"))
    }
}

/// Returns the top of the main work tree; `None` if there is none.
fn main_top(code: &Code) -> Option<PathBuf> {
    let is_inside = code.common_dir.ends_with(GIT_FOLDER);
    let top = code.common_dir.parent().filter(|_| is_inside);
    top.map(Path::to_owned)
}

/// Returns how a hook calls this program: as written by `install`, otherwise, or by a line of the
/// user.
fn calls_us(hook: &Hook, found: &hook_file::Found) -> Option<State> {
    let text = String::from_utf8_lossy(&found.bytes);
    let line = own_line::of(&text, hook.name);
    let calls = line != OwnLine::Absent;
    let is_ours = match hook_file::removal(hook, Some(found)) {
        Removal::Nothing => {
            return match line {
                OwnLine::Absent => None,
                OwnLine::Heeded => Some(State::Installed),
                OwnLine::Unheeded => Some(State::Unheeded),
            };
        }
        Removal::Remove | Removal::PutBack => true,
        Removal::Write(_) => text.contains(hook.block.trim_end()),
    };
    Some(if is_ours && calls {
        State::Installed
    } else {
        State::Partial
    })
}

fn of_harness(
    context: &Context,
    harness: Harness,
    scope: Scope,
    place: PathBuf,
    is_found: bool,
) -> Row {
    let install = match scope {
        Scope::Project => format!("{INSTALL} {} --project", harness.word()),
        _ => format!("{INSTALL} {}", harness.word()),
    };
    let standing = agent_hooks::standing(harness, context.host, &place);
    let (state, why) = match standing {
        Ok(InstallState::Complete) => (State::Installed, None),
        Ok(InstallState::Absent) => (State::NotInstalled, None),
        Ok(InstallState::Partial { missing, changed }) => {
            (State::Partial, Some(difference(&missing, &changed)))
        }
        Err(why) => (State::Unreadable, Some(why)),
    };
    let advice = match state {
        State::Installed => None,
        State::Unreadable => Some(format!("repair it; then {install}")),
        _ => Some(install),
    };
    let row = Row {
        who: harness.word(),
        hook: None,
        scope,
        state,
        place,
        why,
        advice,
    };
    match (state, is_found) {
        (State::Installed | State::Partial, false) => row.not_found(),
        _ => row,
    }
}

/// Returns how the hooks differ from what this version writes.
fn difference(missing: &[&str], changed: &[String]) -> String {
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("{} missing", missing.join(", ")));
    }
    if !changed.is_empty() {
        parts.push(format!("{} of another version", changed.join(", ")));
    }
    parts.join("; ")
}
