//! Which hooks are in place, for `doctor`.
//!
//! Owns the state of each hook of Git and of each harness, why it is so, and the command that mends
//! it. Looks at files and settings; never changes one.

use std::path::{Path, PathBuf};

use super::{
    CONFIG, HOOKS_DIR, code, config_has, found, harness, hooks_dir, is_within, seen, unasked,
};
use crate::context::{Code, Context};
use crate::failure::Failure;
use crate::integrations::git_hooks::block::{self, Removal};
use crate::integrations::git_hooks::{HOOKS, Hook};
use crate::integrations::harness::Harness;
use crate::integrations::harness::settings::Standing;
use crate::ledger::health::Finding;

const PROGRAM: &str = "git-presence";
const INSTALL: &str = "git presence install";

/// Whose settings call us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Repository,
    User,
    Project,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Installed,
    /// It calls us, and not as this version wants it.
    Partial,
    NotInstalled,
    /// It is there, and nobody runs it.
    NotRun,
    /// What stands there is not understood.
    Unreadable,
}

/// One hook, or those of a harness in one place.
#[derive(Debug)]
pub struct Row {
    /// `git`, or the harness.
    pub who: &'static str,
    /// The hook of Git.
    pub hook: Option<&'static str>,
    pub scope: Scope,
    pub state: State,
    /// Where it stands, or would.
    pub place: PathBuf,
    pub why: Option<String>,
    /// What to do about it.
    pub advice: Option<String>,
}

impl Scope {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::User => "user",
            Self::Project => "project",
        }
    }
}

impl Row {
    /// A hook that somebody relies on, and that does nothing.
    pub fn finding(&self) -> Option<Finding> {
        let why = self
            .why
            .as_deref()
            .filter(|_| self.state == State::NotRun)?;
        let what = match self.hook {
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

/// What is there, hooks of Git first.
pub fn examine(context: &Context) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    let mut dirs = context.host.search_path();
    if context.code.is_some() {
        let code = code(context)?;
        let git = Git::look(context, code)?;
        for hook in &HOOKS {
            rows.push(git.row(context, code, hook)?);
        }
        // What Git finds first, others do not find.
        dirs.retain(|dir| *dir != git.exec_path);
    }
    let is_found = context.host.finds(PROGRAM, &dirs);
    for harness in Harness::ALL {
        for (scope, place) in harness::places(harness, context) {
            if let Some(place) = place {
                rows.push(of_harness(context, harness, scope, place, is_found));
            }
        }
    }
    Ok(rows)
}

/// What is the same for every hook of Git here.
struct Git {
    takes_settings: bool,
    exec_path: PathBuf,
    dir: PathBuf,
    usual: PathBuf,
    is_outside: bool,
    finds_us: bool,
}

impl Git {
    fn look(context: &Context, code: &Code) -> Result<Self, Failure> {
        let dir = hooks_dir(code)?;
        let exec_path = code.git.exec_path().map_err(unasked)?;
        let mut dirs = vec![exec_path.clone()];
        dirs.extend(context.host.search_path());
        Ok(Self {
            takes_settings: code.git.takes_hooks_from_config().map_err(unasked)?,
            is_outside: !is_within(&dir, &code.common_dir),
            usual: code.common_dir.join(HOOKS_DIR),
            finds_us: context.host.finds(PROGRAM, &dirs),
            exec_path,
            dir,
        })
    }

    fn row(&self, context: &Context, code: &Code, hook: &Hook) -> Result<Row, Failure> {
        let config = code.common_dir.join(CONFIG);
        let in_settings = seen(context, &config)?.is_some_and(|seen| config_has(&seen, hook));
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
        if in_settings && self.takes_settings {
            return Ok(self.if_found(row(&config, State::Installed)));
        }
        let here = seen(context, &file)?.map(found);
        let is_asleep = here.as_ref().is_some_and(|found| !found.is_executable);
        if let Some(state) = here.as_ref().and_then(|found| calls_us(hook, found)) {
            let row = row(&file, state);
            return Ok(match (is_asleep, state) {
                (true, _) => row.not_run(
                    "it is not executable",
                    format!("chmod +x '{}'", file.display()),
                ),
                (_, State::Installed) => self.if_found(row),
                _ => self.if_found(Row {
                    why: Some("its lines are not those of this version".to_owned()),
                    advice: Some(format!("git presence uninstall && {INSTALL}")),
                    ..row
                }),
            });
        }
        if in_settings {
            let why = "this Git runs no hooks that stand in its settings; 2.54 does";
            return Ok(row(&config, State::Installed).not_run(why, INSTALL));
        }
        let usual = self.usual.join(hook.name);
        let in_usual = seen(context, &usual)?.map(found);
        if usual != file && in_usual.is_some_and(|found| calls_us(hook, &found).is_some()) {
            let why = format!("Git looks in {}, by core.hooksPath", self.dir.display());
            return Ok(row(&usual, State::Installed).not_run(&why, self.mend(hook, &file)));
        }
        let why = match (self.takes_settings, self.is_outside, is_asleep) {
            (true, ..) | (_, false, false) => None,
            (_, true, _) => {
                Some("core.hooksPath leads to a folder that is not this repository's alone")
            }
            (_, _, true) => {
                Some("another one is there that is not executable, so Git does not run it")
            }
        };
        let advice = match is_asleep && !self.takes_settings && !self.is_outside {
            true => format!("make it executable, or remove it; then {INSTALL}"),
            false => self.mend(hook, &file),
        };
        Ok(Row {
            why: why.map(str::to_owned),
            advice: Some(advice),
            ..row(&file, State::NotInstalled)
        })
    }

    /// What puts a hook in place.
    fn mend(&self, hook: &Hook, file: &Path) -> String {
        match self.is_outside && !self.takes_settings {
            true => format!("add this line to {}: {}", file.display(), hook.line),
            false => INSTALL.to_owned(),
        }
    }

    fn if_found(&self, row: Row) -> Row {
        match self.finds_us {
            true => row,
            false => row.not_found(),
        }
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

/// Whether a hook calls us: as we wrote it, otherwise, or by a line that the user added.
fn calls_us(hook: &Hook, found: &block::Found) -> Option<State> {
    let text = String::from_utf8_lossy(&found.bytes);
    let call = format!("presence hook {}", hook.name);
    let calls = text
        .lines()
        .any(|line| !line.trim_start().starts_with('#') && line.contains(&call));
    let is_ours = match block::removal(hook, Some(found)) {
        Removal::Nothing => return calls.then_some(State::Installed),
        Removal::Remove | Removal::PutBack => true,
        Removal::Write(_) => text.contains(hook.block.trim_end()),
    };
    Some(match is_ours && calls {
        true => State::Installed,
        false => State::Partial,
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
    let standing = harness::standing(harness, context.host, &place);
    let (state, why) = match standing {
        Ok(Standing::Full) => (State::Installed, None),
        Ok(Standing::Absent) => (State::NotInstalled, None),
        Ok(Standing::Part { missing, changed }) => {
            (State::Partial, Some(difference(&missing, &changed)))
        }
        Err(why) => (State::Unreadable, Some(why)),
    };
    let advice = match state {
        State::Installed => None,
        State::Unreadable => Some(format!("mend it; then {install}")),
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

/// What is otherwise than this version wants it.
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
