//! Hooks of Git: `install` and `uninstall`.
//!
//! Owns where they go (settings, if this Git runs hooks from there; else the hooks folder of this
//! repository) and that nothing of the user is overwritten or lost; `integrations` has what is
//! written. Never touches a folder that other repositories share.

use std::path::{Path, PathBuf};

use crate::context::{Code, Context};
use crate::failure::{Failure, Kind};
use crate::guard::shell::quote;
use crate::host::FileState;
use crate::integrations::git_hooks::hook_file::{self, Found, Plan, Removal};
use crate::integrations::git_hooks::{HOOKS, Hook, ON_COMMIT, config_lines, wanted};
use crate::ledger::raw_settings::HOOKS_PATH;

/// The settings of a repository, below its directory.
pub const CONFIG: &str = "config";
/// The default hooks folder of a repository.
pub const HOOKS_DIR: &str = "hooks";

/// What happened to one hook in one place.
#[derive(Debug)]
pub struct Placed {
    /// The name of the hook.
    pub hook: &'static str,
    /// Where it is.
    pub place: PathBuf,
    /// What happened.
    pub what: What,
}

/// What happened to a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It was there already.
    Present,
    /// Lines were added to a file of the user, or to the settings.
    Added,
    /// A file was created.
    Made,
    /// A file was created, and the one that was there is kept beside it.
    KeptBeside,
    /// What this program had added is gone.
    Removed,
    /// The file that was kept beside is in its place again.
    PutBack,
}

/// The hooks that are in place.
#[derive(Debug)]
pub struct Installed {
    /// One row a hook.
    pub placed: Vec<Placed>,
}

/// The hooks that were removed.
#[derive(Debug)]
pub struct Uninstalled {
    /// One row a hook and place.
    pub placed: Vec<Placed>,
}

/// Installs the hooks of Git in the repository of `context`.
pub fn install(context: &Context) -> Result<Vec<Placed>, Failure> {
    let code = code(context)?;
    let git = &code.git;
    let takes_settings = git.takes_hooks_from_config().map_err(unasked)?;
    let dir = hooks_dir(code)?;
    let config = code.common_dir.join(CONFIG);
    let mut placed = Vec::new();
    for hook in wanted(context.config.required.commit) {
        let file = dir.join(hook.name);
        let in_settings = seen(context, &config)?.is_some_and(|s| config_has(&s, hook));
        let in_file = is_ours(hook, seen(context, &file)?);
        let (place, what) = if in_settings && takes_settings {
            (config.clone(), What::Present)
        } else if in_file {
            (file, What::Present)
        } else if takes_settings {
            edit_config(context, &config, |text| config_lines::with(text, hook))?;
            (config.clone(), What::Added)
        } else {
            let what = put(context, code, hook, &dir)?;
            (file, what)
        };
        placed.push(Placed {
            hook: hook.name,
            place,
            what,
        });
    }
    Ok(placed)
}

/// Writes a file, or lines into one, in the hooks folder.
fn put(context: &Context, code: &Code, hook: &Hook, dir: &Path) -> Result<What, Failure> {
    if is_off(dir) {
        return Err(off(context, dir));
    }
    if !is_within(dir, &code.common_dir) {
        return Err(elsewhere(context, dir));
    }
    let path = dir.join(hook.name);
    let failed = |error| cannot_write(&path, &error);
    let before = seen(context, &path)?;
    let plan = hook_file::install(hook, before.clone().map(found).as_ref());
    let (bytes, what) = match plan {
        Plan::Nothing => return Ok(What::Present),
        Plan::NotRun => return Err(asleep(hook, &path)),
        Plan::Write(bytes) if before.is_none() => (bytes, What::Made),
        Plan::Write(bytes) => (bytes, What::Added),
        Plan::KeepBeside(bytes) => {
            let kept = dir.join(hook.kept_name());
            context.host.keep_as(&path, &kept).map_err(failed)?;
            (bytes, What::KeptBeside)
        }
    };
    if what == What::KeptBeside {
        // The new file replaces the name; a link there is not followed.
        context.host.replace_name(&path, &bytes).map_err(failed)?;
        return Ok(what);
    }
    let mut is_same = true;
    let mut edit = |now: Option<FileState>| {
        is_same = now == before;
        is_same.then(|| bytes.clone())
    };
    context
        .host
        .replace(&path, true, &mut edit)
        .map_err(failed)?;
    if is_same {
        Ok(what)
    } else {
        Err(meanwhile(&path))
    }
}

/// Removes the hooks that `install` put in place.
pub fn uninstall(context: &Context) -> Result<Vec<Placed>, Failure> {
    let code = code(context)?;
    // core.hooksPath may have been set since, to a folder that is shared.
    let usual = code.common_dir.join(HOOKS_DIR);
    let now = hooks_dir(code)?;
    let mut dirs = vec![usual];
    if is_within(&now, &code.common_dir) && !dirs.contains(&now) {
        dirs.push(now);
    }
    let config = code.common_dir.join(CONFIG);
    let mut placed = Vec::new();
    for hook in [&ON_COMMIT].into_iter().chain(HOOKS.iter().rev()) {
        if seen(context, &config)?.is_some_and(|seen| config_has(&seen, hook)) {
            edit_config(context, &config, |text| config_lines::without(text, hook))?;
            placed.push(Placed {
                hook: hook.name,
                place: config.clone(),
                what: What::Removed,
            });
        }
        for dir in &dirs {
            if let Some(what) = take_away(context, hook, dir)? {
                placed.push(Placed {
                    hook: hook.name,
                    place: dir.join(hook.name),
                    what,
                });
            }
        }
    }
    Ok(placed)
}

fn take_away(context: &Context, hook: &Hook, dir: &Path) -> Result<Option<What>, Failure> {
    let path = dir.join(hook.name);
    let failed = |error| cannot_write(&path, &error);
    let host = &context.host;
    let found = seen(context, &path)?.map(found);
    match hook_file::removal(hook, found.as_ref()) {
        Removal::Nothing => return Ok(None),
        Removal::Remove => host.remove_file(&path).map_err(failed)?,
        Removal::PutBack => {
            let kept = dir.join(hook.kept_name());
            host.put_back(&kept, &path).map_err(failed)?;
            return Ok(Some(What::PutBack));
        }
        Removal::Write(_) => {
            let mut edit = |now: Option<FileState>| match hook_file::removal(
                hook,
                now.map(self::found).as_ref(),
            ) {
                Removal::Write(bytes) => Some(bytes),
                _ => None,
            };
            host.replace(&path, true, &mut edit).map_err(failed)?;
        }
    }
    Ok(Some(What::Removed))
}

fn code(context: &Context) -> Result<&Code, Failure> {
    context.code.as_ref().ok_or_else(|| {
        Failure::new(
            Kind::NoRepository,
            anyhow::anyhow!("hooks belong to a repository, and there is none here"),
        )
        .hint("run it inside a repository, or name one: git presence -C <dir> …")
    })
}

/// Returns the folder from which Git runs the hooks of this repository.
pub fn hooks_dir(code: &Code) -> Result<PathBuf, Failure> {
    let dir = code.git.hooks_dir().map_err(unasked)?;
    Ok(code.top.join(dir))
}

fn edit_config(
    context: &Context,
    path: &Path,
    edit: impl Fn(&str) -> (String, Vec<String>),
) -> Result<(), Failure> {
    let failed = |error| cannot_write(path, &error);
    let mut is_text = true;
    let mut change = |now: Option<FileState>| {
        let bytes = now.map(|seen| seen.bytes).unwrap_or_default();
        let text = String::from_utf8(bytes);
        is_text = text.is_ok();
        Some(edit(&text.ok()?).0.into_bytes())
    };
    let replaced = context.host.replace(path, false, &mut change);
    replaced.map_err(failed)?;
    if is_text {
        Ok(())
    } else {
        Err(cannot_write(path, &"it is not UTF-8"))
    }
}

/// Returns true if settings have the hook.
pub fn config_has(seen: &FileState, hook: &Hook) -> bool {
    config_lines::has(&String::from_utf8_lossy(&seen.bytes), hook)
}

/// Reads a file, if there is one.
pub fn seen(context: &Context, path: &Path) -> Result<Option<FileState>, Failure> {
    let seen = context.host.read_file(path);
    seen.map_err(|error| {
        let error = format!("cannot read {}: {error}", path.display());
        Failure::new(Kind::Broken, anyhow::anyhow!(error)).hint("see what it is: ls -l")
    })
}

/// Returns a file as `integrations` examines it.
pub fn found(seen: FileState) -> Found {
    Found {
        bytes: seen.bytes,
        is_link: seen.is_link,
        is_executable: seen.is_executable,
    }
}

fn is_ours(hook: &Hook, seen: Option<FileState>) -> bool {
    let found = seen.map(found);
    hook_file::removal(hook, found.as_ref()) != Removal::Nothing
}

/// Returns true if a folder, existing or not, is within another one.
pub fn is_within(dir: &Path, above: &Path) -> bool {
    let real = dir.ancestors().find_map(|part| {
        let rest = dir.strip_prefix(part).ok()?;
        Some(part.canonicalize().ok()?.join(rest))
    });
    real.is_some_and(|real| real.starts_with(above))
}

/// Returns true if Git finds no hook files in `dir`, because it is something else than a folder.
pub fn is_off(dir: &Path) -> bool {
    let first = dir.ancestors().find_map(|part| part.metadata().ok());
    first.is_some_and(|meta| !meta.is_dir())
}

/// Returns the command that makes Git look in the usual folder again.
pub fn turn_on(context: &Context) -> String {
    let mut set = context.settings.iter().filter(|s| s.key == HOOKS_PATH);
    let origin = set.next_back().map(|set| set.origin.as_str());
    match origin {
        Some(file) if Path::new(file).is_absolute() => {
            let file = quote(file);
            format!("git config --file {file} --unset-all core.hooksPath")
        }
        _ => "git config --unset-all core.hooksPath".to_owned(),
    }
}

/// Returns the failure for hooks that are turned off.
fn off(context: &Context, dir: &Path) -> Failure {
    let error = format!(
        "core.hooksPath is {}, so Git runs no hook files; nothing was written",
        dir.display()
    );
    Failure::usage(error)
        .hint(format!(
            "let Git look for hooks again: {}",
            turn_on(context)
        ))
        .hint("then: git presence install")
}

/// Returns the failure for a folder that other repositories share, or that is committed.
fn elsewhere(context: &Context, dir: &Path) -> Failure {
    let error = format!(
        "core.hooksPath points to {}, which may be shared; nothing was written",
        dir.display()
    );
    let mut failure = Failure::usage(error);
    for hook in wanted(context.config.required.commit) {
        let line = format!("add this line to its {}: {}", hook.name, hook.line);
        failure = failure.hint(line);
    }
    failure
        .hint(
            "where the rest of such a hook reads standard input, take the lines in docs/hooks.md \
             instead",
        )
        .hint("with husky, to the file of that name in .husky; or use git 2.54, and install again")
}

fn asleep(hook: &Hook, path: &Path) -> Failure {
    let error = format!(
        "{} is not executable, so Git does not run it",
        path.display()
    );
    Failure::usage(error)
        .hint("make it executable, or remove it; then install again")
        .hint(format!("or add this line to it: {}", hook.line))
}

fn meanwhile(path: &Path) -> Failure {
    let error = format!("{} changed meanwhile", path.display());
    Failure::new(Kind::Contended, anyhow::anyhow!(error)).hint("try again")
}

/// Returns the failure for a Git that could not be asked.
pub fn unasked(error: crate::git::GitError) -> Failure {
    Failure::new(Kind::Broken, error).hint("see which git runs here: git --version")
}

fn cannot_write(path: &Path, error: &impl std::fmt::Display) -> Failure {
    let error = format!("cannot write {}: {error}", path.display());
    Failure::new(Kind::Broken, anyhow::anyhow!(error)).hint("nothing was changed there")
}
