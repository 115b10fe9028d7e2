//! Tasks of Rakefiles.
//!
//! Owns which lines of a task hand a text to a shell. Never reads other Ruby.

use super::Recipe;

/// Methods that run a text.
const RUNS: [&str; 6] = ["sh ", "sh(", "system ", "system(", "exec ", "exec("];

/// Returns the recipe of a task, which may stand in a namespace.
pub(super) fn rake(text: &str, task: &str) -> Option<Recipe> {
    let name = task.split('[').next().unwrap_or(task);
    let name = name.rsplit(':').next().unwrap_or(name);
    let mut lines = text.lines();
    let head = lines.find(|line| declares(line, name))?;
    let column = head.len() - head.trim_start().len();
    let needs = head.split_once("=>").or_else(|| head.split_once(": "));
    let needs = needs.map_or("", |(_, needs)| {
        needs.split(" do").next().unwrap_or_default()
    });
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let needs = needs
        .split(|c: char| !is_part(c))
        .filter(|word| !word.is_empty() && *word != name);
    let mut recipe = Recipe {
        needs: needs.map(str::to_owned).collect(),
        scripts: Vec::new(),
    };
    if !head.trim_end().contains(" do") {
        return Some(recipe);
    }
    for line in lines {
        if line.trim() == "end" && line.len() - line.trim_start().len() == column {
            break;
        }
        recipe.scripts.extend(run(line.trim()));
    }
    Some(recipe)
}

/// Checks whether a line declares a task of this name.
fn declares(line: &str, name: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("task") else {
        return false;
    };
    let rest = rest.trim_start_matches(['(', ' ', ':', '"', '\'']);
    let behind = rest.strip_prefix(name);
    behind.is_some_and(|behind| !behind.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Returns the text that a line hands to a shell.
fn run(line: &str) -> Option<String> {
    let call = RUNS.iter().find_map(|run| line.strip_prefix(run));
    let inside = match call {
        Some(rest) => {
            let quote = rest.trim_start().chars().next()?;
            let rest = rest.trim_start().strip_prefix(quote)?;
            matches!(quote, '"' | '\'').then_some(())?;
            &rest[..rest.rfind(quote)?]
        }
        None => line.strip_prefix('`')?.strip_suffix('`')?,
    };
    let mut out = String::new();
    let mut rest = inside;
    while let Some((before, after)) = rest.split_once("#{") {
        out.push_str(before);
        out.push_str("$_");
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    Some(out)
}
