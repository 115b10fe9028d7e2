//! Tasks: what the files of a project run under a name.
//!
//! [`Recipe`] owns what a task runs and what it needs first; the modules below read it out of the
//! formats of the runners. Pure. Never runs or expands anything.

mod indented;
mod json;
pub(super) mod names;
mod recipes;
mod ruby;

use recipes::Recipes;
pub(super) use recipes::{included, is_for_shell};

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
}

/// The file of a runner. Those that have long lists of tasks are read once.
pub(super) struct TaskFile<'t> {
    runner: Runner,
    text: &'t str,
    recipes: Option<Recipes<'t>>,
}

impl<'t> TaskFile<'t> {
    /// Takes the text of a file of this runner.
    pub(super) fn of(runner: Runner, text: &'t str) -> Self {
        let is_list = matches!(runner, Runner::Make | Runner::Just);
        let recipes = is_list.then(|| recipes::read(text, runner == Runner::Make));
        Self {
            runner,
            text,
            recipes,
        }
    }

    /// Returns how many bytes are read to find a task.
    pub(super) const fn bytes_a_task(&self) -> usize {
        match self.recipes {
            Some(_) => 0,
            None => self.text.len(),
        }
    }

    /// Returns the recipe of a task; that of the first task where none is named. `given` are
    /// variables and arguments of the call.
    pub(super) fn recipe(&self, task: Option<&str>, given: &[(String, String)]) -> Option<Recipe> {
        let text = self.text;
        match self.runner {
            Runner::Make => recipes::make(self.recipes.as_ref()?, task, given),
            Runner::Just => recipes::just(self.recipes.as_ref()?, task, given),
            Runner::Task => indented::taskfile(text, task),
            Runner::Mise => indented::mise(text, task?),
            Runner::Package => json::scripts(text, "scripts", task?, true),
            Runner::Composer => json::scripts(text, "scripts", task?, false),
            Runner::Deno => json::scripts(text, "tasks", task?, false)
                .or_else(|| json::scripts(text, "scripts", task?, true)),
            Runner::Rake => ruby::rake(text, task.unwrap_or("default")),
        }
    }
}
