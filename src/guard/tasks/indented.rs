//! Tasks of Taskfiles and of `mise.toml`.
//!
//! Owns as much of YAML and TOML as is needed to find their commands. Never builds a whole
//! document.

use super::Recipe;

/// Returns the recipe of a task of a Taskfile.
pub(super) fn taskfile(text: &str, task: Option<&str>) -> Option<Recipe> {
    let task = task.unwrap_or("default");
    let mut recipe = None;
    // The keys above a line, with their columns.
    let mut path: Vec<(usize, &str)> = Vec::new();
    let mut block: Option<(usize, String)> = None;
    for line in text.lines() {
        let column = line.len() - line.trim_start().len();
        if let Some((outer, script)) = &mut block {
            if line.trim().is_empty() || column > *outer {
                script.push_str(line.trim_start());
                script.push('\n');
                continue;
            }
            let (_, script) = block.take()?;
            add(&mut recipe, script);
        }
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        path.retain(|(known, _)| *known < column);
        let is_mine = path.first().is_some_and(|(_, key)| *key == "tasks")
            && path.get(1).is_some_and(|(_, key)| *key == task);
        let item = content.strip_prefix("- ").map(str::trim);
        let (key, value) = pair(item.unwrap_or(content));
        if is_mine {
            let within = path.get(2).map(|(_, key)| *key);
            let is_command =
                matches!(within, Some("cmds")) || matches!(key, "cmd" | "cmds") && path.len() == 2;
            let is_need = matches!(within, Some("deps"));
            match (item.is_some(), key) {
                _ if is_command && matches!(value, "|" | ">" | "|-" | ">-") => {
                    block = Some((column, String::new()));
                }
                (true, "task") => need(&mut recipe, value),
                (true, "cmd") => add(&mut recipe, plain(value)),
                (true, _) if is_need => need(&mut recipe, item.unwrap_or_default()),
                (true, _) if is_command => add(&mut recipe, plain(item.unwrap_or_default())),
                (false, "deps") if value.starts_with('[') => {
                    let names = value.trim_matches(['[', ']']).split(',');
                    names.for_each(|name| need(&mut recipe, name));
                }
                (false, "cmd" | "cmds") if !value.is_empty() => add(&mut recipe, plain(value)),
                _ => {}
            }
        }
        if item.is_none() {
            let is_task = path.len() == 1 && path.first().is_some_and(|(_, key)| *key == "tasks");
            if is_task && key == task {
                recipe.get_or_insert_with(Recipe::default);
                if !value.is_empty() {
                    add(&mut recipe, plain(value));
                }
            }
            path.push((column, key));
        }
    }
    if let Some((_, script)) = block {
        add(&mut recipe, script);
    }
    recipe
}

fn add(recipe: &mut Option<Recipe>, script: String) {
    let recipe = recipe.get_or_insert_with(Recipe::default);
    recipe.scripts.push(without_templates(&script));
}

fn need(recipe: &mut Option<Recipe>, name: &str) {
    let name = name.trim().trim_matches(['"', '\'']).to_owned();
    if !name.is_empty() {
        recipe.get_or_insert_with(Recipe::default).needs.push(name);
    }
}

/// Splits `key: value`; a text without a key has an empty one.
fn pair(text: &str) -> (&str, &str) {
    match text.split_once(':') {
        Some((key, value)) if value.is_empty() || value.starts_with(' ') => {
            (key.trim().trim_matches(['"', '\'']), value.trim())
        }
        _ => ("", text),
    }
}

/// Returns a scalar without its quotes.
fn plain(text: &str) -> String {
    let text = text.trim();
    for quote in ['"', '\''] {
        let inside = text
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inside) = inside {
            return inside.replace("\\\"", "\"");
        }
    }
    text.to_owned()
}

/// Replaces `{{…}}` by an expansion.
fn without_templates(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        out.push_str("$_");
        rest = after.split_once("}}").map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    out
}

/// Returns the recipe of a task of `mise.toml`.
pub(super) fn mise(text: &str, task: &str) -> Option<Recipe> {
    let mut recipe: Option<Recipe> = None;
    let mut section = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            section = name.trim_matches(['[', ']']).replace(['"', '\''], "");
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let (key, value) = (key.trim().trim_matches('"'), value.trim());
        let is_mine = section == format!("tasks.{task}");
        let is_run = is_mine && key == "run" || section == "tasks" && key == task;
        if is_mine && key == "depends" {
            let names = value.trim_matches(['[', ']']).split(',');
            names.for_each(|name| need(&mut recipe, name));
        }
        if !is_run {
            continue;
        }
        let mark = ["\"\"\"", "'''"]
            .into_iter()
            .find(|mark| value.starts_with(*mark));
        match mark {
            Some(mark) => {
                let mut script = value[mark.len()..].to_owned();
                while !script.contains(mark) {
                    let Some(next) = lines.next() else { break };
                    script.push('\n');
                    script.push_str(next);
                }
                let script = script.split(mark).next().unwrap_or_default();
                add(&mut recipe, script.to_owned());
            }
            None if value.starts_with('[') => {
                let texts = value.trim_matches(['[', ']']).split("\",");
                texts.for_each(|text| {
                    add(
                        &mut recipe,
                        plain(&format!("{}\"", text.trim_end_matches('"'))),
                    );
                });
            }
            None => add(&mut recipe, plain(value)),
        }
    }
    recipe
}
