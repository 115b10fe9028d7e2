//! Hooks in the settings of a harness: `install claude|codex|gemini|cursor|copilot`.
//!
//! Owns which files are changed ([`Place`]), and that each is changed as a whole or not at all;
//! `integrations` has what is written. Never changes a file that it does not understand.

use std::path::{Path, PathBuf};

use crate::app::setup::scope::Scope;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::host::{FileState, Host};
use crate::integrations::harness::line_diff::{Change, compare};
use crate::integrations::harness::settings::{self, InstallState, Plan};
use crate::integrations::harness::{Harness, rules};

/// The largest file that is edited.
const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What happened to one file.
#[derive(Debug)]
pub struct Wired {
    /// The file.
    pub file: PathBuf,
    /// What happened to it.
    pub what: What,
    /// All lines, with what happened to each.
    pub lines: Vec<(Change, String)>,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It was as it should be.
    Unchanged,
    /// Lines were added or removed.
    Changed,
    /// It was created.
    Made,
    /// It was removed.
    Removed,
}

/// What happened to all files.
#[derive(Debug)]
pub struct Wiring {
    /// The harness.
    pub agent: &'static str,
    /// Its files.
    pub files: Vec<Wired>,
    /// What the user has to do next.
    pub hints: Vec<String>,
}

/// Returns the settings that an installation writes.
pub fn shown(harness: Harness, tells_tasks: bool) -> String {
    settings::fresh(harness, tells_tasks, "  ", "\n") + "\n"
}

/// What is added to a harness beside its hooks.
#[derive(Clone, Copy, Debug)]
pub struct Extras {
    /// Usage rules.
    pub rules: bool,
    /// That its hooks tell also which tasks are ready.
    pub tasks: bool,
}

/// Adds the hooks of `harness` to its settings, and what is wanted beside them.
pub fn install(
    host: Host,
    harness: Harness,
    place: &Place,
    with: Extras,
) -> Result<Wiring, Failure> {
    for file in [&place.settings, &place.rules] {
        place.stays_inside(host, file)?;
    }
    let mut files = vec![change(host, &place.settings, &|before| {
        let plan = settings::install(harness, with.tasks, before);
        plan.map_err(|refusal| refusal.to_string())
    })?];
    if with.rules {
        files.push(change(host, &place.rules, &|before| {
            Ok(Plan::Write(rules::install(before)))
        })?);
    }
    let is_news = files.iter().any(|file| file.what != What::Unchanged);
    let next = match place.scope {
        Scope::User => {
            "start the agent anew: from its next session on it is told what other sessions claim"
        }
        Scope::Project | Scope::Repository => {
            "commit the file: other work trees and clones have the hooks from then on"
        }
    };
    let remove = "git presence uninstall";
    let undo = match place.scope {
        Scope::User => format!("undo it: {remove} {}", harness.word()),
        Scope::Project | Scope::Repository => {
            format!("undo it: {remove} {} --project", harness.word())
        }
    };
    let check = "see whether it works: git presence doctor";
    let pages = "add the pages of git presence --help: git presence man --install";
    let hint = match harness {
        Harness::Codex => Some("Codex runs a hook once you trust it: call /hooks there"),
        Harness::Gemini if place.scope == Scope::Project => {
            Some("Gemini CLI asks whether you trust new hooks")
        }
        _ => None,
    };
    Ok(Wiring {
        agent: harness.agent(),
        files,
        hints: match is_news {
            true => { hint.map(str::to_owned).into_iter() }
                .chain([next.to_owned(), check.to_owned(), pages.to_owned(), undo])
                .collect(),
            false => Vec::new(),
        },
    })
}

/// Removes what `install` added.
pub fn uninstall(host: Host, harness: Harness, place: &Place) -> Result<Wiring, Failure> {
    for file in [&place.settings, &place.rules] {
        place.stays_inside(host, file)?;
    }
    let settings = change(host, &place.settings, &|before| match before {
        Some(before) => {
            let plan = settings::uninstall(harness, before);
            plan.map_err(|refusal| refusal.to_string())
        }
        None => Ok(Plan::Nothing),
    })?;
    let rules = change(host, &place.rules, &|before| {
        Ok(
            match before.map(|before| (before, rules::uninstall(before))) {
                None => Plan::Nothing,
                Some((_, None)) => Plan::Remove,
                Some((before, Some(after))) if before == after => Plan::Nothing,
                Some((_, Some(after))) => Plan::Write(after),
            },
        )
    })?;
    if settings.what == What::Removed {
        place.remove_empty_folders(host);
    }
    let mut files = vec![settings];
    if rules.what != What::Unchanged {
        files.push(rules);
    }
    Ok(Wiring {
        agent: harness.agent(),
        files,
        hints: Vec::new(),
    })
}

/// The files of a harness, of a user or of a project.
#[derive(Debug)]
pub struct Place {
    scope: Scope,
    /// The folder that no link may lead out of: a link of a project is a commit of others.
    inside: Option<PathBuf>,
    /// The folder of the project or of the user, which was there before; `None` if a variable names
    /// the folder of the settings.
    top: Option<PathBuf>,
    settings: PathBuf,
    rules: PathBuf,
}

impl Place {
    /// Returns the files of the project that `context` stands in.
    pub fn of_project_at(harness: Harness, context: &Context) -> Result<Self, Failure> {
        let Some(top) = context.worktree() else {
            return Err(
                Failure::usage("a bare repository has no settings of a project")
                    .hint("install for yourself: --user"),
            );
        };
        Ok(Self::of_project(harness, top))
    }

    /// Returns the files of the user.
    pub fn of_user_at(harness: Harness, host: Host) -> Result<Self, Failure> {
        Self::of_user(harness, host).ok_or_else(|| {
            Failure::usage("there is no home directory: HOME is not set")
                .hint("set HOME, or install for this repository: --project")
        })
    }

    /// Removes the folders that were made for the settings, from the inside; one with anything else
    /// in it stays, and so does the folder of the user or of the project.
    fn remove_empty_folders(&self, host: Host) {
        let mut folders = self.settings.ancestors().skip(1);
        let Some(first) = folders.next() else { return };
        let is_below = |folder: &&Path| {
            let mut tops = self.top.iter();
            tops.any(|top| folder.starts_with(top) && folder != top)
        };
        let all = std::iter::once(first).chain(folders.take_while(is_below));
        for folder in all {
            if host.remove_empty_dir(folder).is_err() {
                return;
            }
        }
    }

    /// Fails if a link leads `file` of a project out of the work tree, and names the link.
    fn stays_inside(&self, host: Host, file: &Path) -> Result<(), Failure> {
        let link = self.inside.as_deref();
        let link = link.and_then(|top| host.link_out_of(top, file));
        link.map_or(Ok(()), |link| {
            let error = format!(
                "{} is a link that leads out of the work tree",
                link.display()
            );
            Err(Failure::new(Kind::Broken, anyhow::anyhow!(error))
                .hint("put a file in its place, or install for yourself: --user"))
        })
    }

    fn of_project(harness: Harness, top: &Path) -> Self {
        let folder = settings::folder(harness, true);
        Self {
            scope: Scope::Project,
            inside: Some(top.to_owned()),
            top: Some(top.to_owned()),
            settings: top.join(folder).join(settings::file_name(harness)),
            rules: top.join(rules::file_name(harness)),
        }
    }

    /// Returns the files of the user; `None` without a home directory.
    fn of_user(harness: Harness, host: Host) -> Option<Self> {
        let named = match harness {
            Harness::Claude => host.env("CLAUDE_CONFIG_DIR"),
            Harness::Codex => host.env("CODEX_HOME"),
            Harness::Copilot => host.env("COPILOT_HOME"),
            Harness::Gemini | Harness::Cursor => None,
        };
        let home = || Some(host.home()?.join(settings::folder(harness, false)));
        let is_named = named.is_some();
        let folder = named.map(PathBuf::from).or_else(home)?;
        Some(Self {
            scope: Scope::User,
            inside: None,
            top: host.home().filter(|_| !is_named),
            settings: folder.join(settings::file_name(harness)),
            rules: folder.join(rules::file_name(harness)),
        })
    }
}

/// Returns the settings of a harness, of the user and of this project, if they can exist.
pub(super) fn places(harness: Harness, context: &Context) -> [(Scope, Option<PathBuf>); 2] {
    let user = Place::of_user(harness, context.host);
    let project = context.worktree();
    let project = project.map(|top| Place::of_project(harness, top));
    [
        (Scope::User, user.map(|place| place.settings)),
        (Scope::Project, project.map(|place| place.settings)),
    ]
}

/// Returns how far the hooks are installed; the error says why that cannot be determined.
pub(super) fn standing(harness: Harness, host: Host, path: &Path) -> Result<InstallState, String> {
    let seen = host.read_file(path).map_err(|error| error.to_string())?;
    let Some(seen) = seen else {
        return Ok(InstallState::Absent);
    };
    settings::state(harness, &text(&seen)?).map_err(|refusal| refusal.to_string())
}

/// Changes a file as planned, unless another process changes it meanwhile.
fn change(
    host: Host,
    path: &Path,
    plan: &dyn Fn(Option<&str>) -> Result<Plan, String>,
) -> Result<Wired, Failure> {
    let seen = host
        .read_file(path)
        .map_err(|error| cannot(path, "read", &error))?;
    let before = seen.as_ref().map(text).transpose();
    let before = before.map_err(|error| odd(path, &error))?;
    let planned = plan(before.as_deref()).map_err(|error| odd(path, &error))?;
    let old = before.as_deref().unwrap_or_default();
    let wired = |what: What, after: &str| Wired {
        file: path.to_owned(),
        what,
        lines: compare(old, after),
    };
    match planned {
        Plan::Nothing => Ok(wired(What::Unchanged, old)),
        Plan::Write(after) if before.as_deref() == Some(&after) => Ok(wired(What::Unchanged, old)),
        Plan::Write(after) => {
            let mut is_same = true;
            let mut edit = |now: Option<FileState>| {
                is_same = now.map(|now| now.bytes) == seen.as_ref().map(|seen| seen.bytes.clone());
                is_same.then(|| after.clone().into_bytes())
            };
            let done = host.replace(path, false, &mut edit);
            done.map_err(|error| cannot(path, "write", &error))?;
            if !is_same {
                let error = format!("{} changed meanwhile", path.display());
                let failure = Failure::new(Kind::Contended, anyhow::anyhow!(error));
                return Err(failure.hint("try again"));
            }
            Ok(match before {
                Some(_) => wired(What::Changed, &after),
                None => wired(What::Made, &after),
            })
        }
        Plan::Remove => {
            let done = host.remove_file(path);
            done.map_err(|error| cannot(path, "remove", &error))?;
            Ok(wired(What::Removed, ""))
        }
    }
}

fn text(seen: &FileState) -> Result<String, String> {
    if seen.bytes.len() > FILE_BYTES_MAX {
        return Err(format!("it is larger than {FILE_BYTES_MAX} bytes"));
    }
    String::from_utf8(seen.bytes.clone()).map_err(|_| "it is not UTF-8".to_owned())
}

fn odd(path: &Path, what: &str) -> Failure {
    let error = format!("{} is left as it is: {what}", path.display());
    Failure::new(Kind::Broken, anyhow::anyhow!(error))
        .hint("repair it, or add by hand what --print shows")
}

fn cannot(path: &Path, do_what: &str, error: &std::io::Error) -> Failure {
    let error = format!("cannot {do_what} {}: {error}", path.display());
    Failure::new(Kind::Broken, anyhow::anyhow!(error))
        .hint("nothing was changed there; --print shows what to add by hand")
}
