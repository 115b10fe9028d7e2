//! Tasks: what the files of a project run under a name.
//!
//! [`Recipe`] owns what a task runs and what it needs first; the modules below read it out of the
//! formats of the runners. Pure. Never runs or expands anything.

mod indented;
mod json;
pub(super) mod names;
mod recipes;
mod ruby;

pub(super) use recipes::is_for_shell;

/// What a task runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Recipe {
    /// Tasks of the same file that run before it.
    pub(super) needs: Vec<String>,
    /// Scripts for a shell, one after the other, each in a shell of its own.
    pub(super) scripts: Vec<String>,
}

/// A program that runs tasks by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runner {
    Make,
    Just,
    Task,
    Package,
    Deno,
    Composer,
    Rake,
    Mise,
}

impl Runner {
    /// Returns the runner that is called so.
    pub(super) fn of(program: &str) -> Option<Self> {
        Some(match program {
            "make" | "gmake" | "bmake" => Self::Make,
            "just" => Self::Just,
            "task" | "go-task" => Self::Task,
            "npm" | "pnpm" | "yarn" | "bun" => Self::Package,
            "deno" => Self::Deno,
            "composer" => Self::Composer,
            "rake" => Self::Rake,
            "mise" => Self::Mise,
            _ => return None,
        })
    }

    /// Returns the names of its files, the first that is there counts.
    pub(super) const fn files(self) -> &'static [&'static str] {
        match self {
            Self::Make => &["GNUmakefile", "makefile", "Makefile"],
            Self::Just => &["justfile", "Justfile", ".justfile"],
            Self::Task => &[
                "Taskfile.yml",
                "Taskfile.yaml",
                "taskfile.yml",
                "taskfile.yaml",
            ],
            Self::Package => &["package.json"],
            Self::Deno => &["deno.json", "deno.jsonc", "package.json"],
            Self::Composer => &["composer.json"],
            Self::Rake => &["Rakefile", "rakefile", "Rakefile.rb"],
            Self::Mise => &["mise.toml", ".mise.toml"],
        }
    }

    /// Returns the recipe of a task in the text of a file of this runner; that of the first task
    /// where none is named. `given` are variables and arguments of the call.
    pub(super) fn recipe(
        self,
        text: &str,
        task: Option<&str>,
        given: &[(String, String)],
    ) -> Option<Recipe> {
        match self {
            Self::Make => recipes::make(text, task, given),
            Self::Just => recipes::just(text, task, given),
            Self::Task => indented::taskfile(text, task),
            Self::Mise => indented::mise(text, task?),
            Self::Package => json::scripts(text, "scripts", task?, true),
            Self::Composer => json::scripts(text, "scripts", task?, false),
            Self::Deno => json::scripts(text, "tasks", task?, false)
                .or_else(|| json::scripts(text, "scripts", task?, true)),
            Self::Rake => ruby::rake(text, task.unwrap_or("default")),
        }
    }
}
