//! Recipes of Makefiles and justfiles.
//!
//! Owns how their rules, variables and continued lines are read. What only the runner can know
//! becomes an expansion of the shell. Never follows an include.

use super::Recipe;

/// At most this many variables are replaced in one line.
const REPLACED_MAX: usize = 64;

/// A line does not become longer by the values of variables.
const LINE_BYTES_MAX: usize = 8 << 10;
/// A longer recipe is not examined.
const EXPANDED_BYTES_MAX: usize = 128 << 10;

/// A rule of a file.
struct Rule<'t> {
    names: Vec<&'t str>,
    /// The words behind the name of a recipe of a justfile: its parameters.
    parameters: Vec<&'t str>,
    needs: Vec<String>,
    body: Vec<&'t str>,
}

/// Returns the recipe of a target of a Makefile.
pub(super) fn make(text: &str, task: Option<&str>, given: &[(String, String)]) -> Option<Recipe> {
    let (rules, mut variables) = read(text, true);
    // What the call says wins.
    variables.splice(..0, given.iter().cloned());
    let is_special = |name: &&str| name.starts_with('.') || name.contains('%');
    let task = match task {
        Some(task) => task,
        None => rules
            .iter()
            .flat_map(|rule| &rule.names)
            .find(|name| !is_special(name))?,
    };
    let mine: Vec<&Rule<'_>> = rules
        .iter()
        .filter(|rule| rule.names.contains(&task))
        .collect();
    if mine.is_empty() {
        return None;
    }
    let mut recipe = Recipe::default();
    let mut left = EXPANDED_BYTES_MAX;
    for rule in mine {
        recipe.needs.extend(rule.needs.iter().cloned());
        let first = rule.needs.first().map_or("", String::as_str);
        for line in logical(&rule.body) {
            let line = line.trim_start_matches(['@', '-', '+', ' ', '\t']);
            let script = expand_make(line, &variables, (task, first));
            left = left.checked_sub(script.len())?;
            recipe.scripts.push(script);
        }
    }
    Some(recipe)
}

/// Returns the recipe of a justfile.
pub(super) fn just(text: &str, task: Option<&str>, given: &[(String, String)]) -> Option<Recipe> {
    let (rules, mut variables) = read(text, false);
    let rule = match task {
        Some(task) => rules.iter().find(|rule| rule.names.contains(&task))?,
        None => rules.first()?,
    };
    for (at, parameter) in rule.parameters.iter().enumerate() {
        let (name, default) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = name.trim_start_matches(['+', '*', '$']);
        let value = given.iter().find(|(number, _)| *number == at.to_string());
        let default = unquoted(default).filter(|text| !text.is_empty());
        let value = value.map(|(_, value)| value.clone()).or(default);
        variables.retain(|(known, _)| known != name);
        variables.extend(value.map(|value| (name.to_owned(), value)));
    }
    let is_script = rule
        .body
        .first()
        .is_some_and(|line| line.trim_start().starts_with("#!"));
    let lines = logical(&rule.body);
    let lines = lines.iter().map(|line| expand_just(line, &variables));
    let scripts = match is_script {
        true if is_for_shell(rule.body.first().copied().unwrap_or_default()) => {
            vec![lines.collect::<Vec<_>>().join("\n")]
        }
        true => return None,
        false => lines
            .map(|line| line.trim_start_matches(['@', '-', ' ']).to_owned())
            .collect(),
    };
    let needs = rule.needs.clone();
    Some(Recipe { needs, scripts })
}

/// Checks whether the first line of a script names a shell.
pub(in crate::guard) fn is_for_shell(line: &str) -> bool {
    let mut words = line.trim().trim_start_matches("#!").split_whitespace();
    let is_env = |word: &&str| word.ends_with("/env") || word.starts_with('-');
    let program = words.find(|word| !is_env(word)).unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    ["sh", "bash", "zsh", "dash", "ksh", "ash"].contains(&name)
}

/// Reads rules, and variables with certain values.
fn read(text: &str, is_make: bool) -> (Vec<Rule<'_>>, Vec<(String, String)>) {
    let mut rules: Vec<Rule<'_>> = Vec::new();
    let mut variables = Vec::new();
    let mut in_rule = false;
    let mut is_continued = false;
    for line in text.lines() {
        let was_continued = std::mem::replace(&mut is_continued, line.ends_with('\\'));
        let is_body = match is_make {
            true => line.starts_with('\t') || was_continued && in_rule,
            false => line.starts_with([' ', '\t']) || line.is_empty(),
        };
        if is_body && in_rule {
            if let Some(rule) = rules.last_mut() {
                rule.body.push(line);
            }
            continue;
        }
        let line = line.trim_end();
        if line.is_empty() || line.starts_with(['#', '[']) || was_continued {
            continue;
        }
        if let Some((name, value)) = assignment(line) {
            in_rule = false;
            let value = match is_make {
                true => Some(value.to_owned()),
                false => unquoted(value),
            };
            variables.extend(value.map(|value| (name.to_owned(), value)));
            continue;
        }
        let Some((head, needs)) = line.split_once(':') else {
            in_rule = false;
            continue;
        };
        let head = head.trim_start_matches('@');
        let mut names: Vec<&str> = head.split_whitespace().collect();
        let parameters = match is_make {
            true => Vec::new(),
            false => names.split_off(1.min(names.len())),
        };
        let (needs, here) = needs.split_once(';').unwrap_or((needs, ""));
        let needs = needs.trim_start_matches(':').replace("&&", " ");
        let needs = needs.split_whitespace().filter(|word| *word != "|");
        let needs = needs.map(|word| word.trim_matches(['(', ')']).to_owned());
        in_rule = true;
        rules.push(Rule {
            names,
            parameters,
            needs: needs.collect(),
            body: Some(here)
                .filter(|here| !here.is_empty())
                .into_iter()
                .collect(),
        });
    }
    (rules, variables)
}

/// Splits `NAME := value` and its like.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end_matches([':', '?', '+', '!']).trim();
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    is_name.then(|| (name, value.trim()))
}

/// Returns the text in quotes.
fn unquoted(text: &str) -> Option<String> {
    let text = text.trim();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inside = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inside.contains([quote, '\\'])).then(|| inside.to_owned())
}

/// Joins lines that end with a backslash to the next.
fn logical(lines: &[&str]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in lines {
        let text = line.trim_start_matches('\t').trim_start_matches("    ");
        match joined.last_mut() {
            Some(last) if goes_on => {
                last.push('\n');
                last.push_str(text);
            }
            _ => joined.push(text.to_owned()),
        }
        goes_on = line.ends_with('\\');
    }
    joined.retain(|line| !line.trim().is_empty());
    joined
}

/// Replaces the variables of a Makefile in a line.
fn expand_make(line: &str, variables: &[(String, String)], here: (&str, &str)) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line.to_owned();
    for _ in 0..REPLACED_MAX {
        let Some(at) = rest.find('$') else { break };
        out.push_str(&rest[..at]);
        let after = rest[at + 1..].to_owned();
        let Some(first) = after.chars().next() else {
            break;
        };
        let (value, end) = match first {
            '$' => {
                out.push('$');
                rest = after[1..].to_owned();
                continue;
            }
            '(' | '{' => {
                let end = closing(&after, first);
                (make_value(&after[1..end], variables), end + 1)
            }
            '@' => (Some(here.0.to_owned()), 1),
            '<' => (Some(here.1.to_owned()), 1),
            _ => (None, first.len_utf8()),
        };
        let behind = after.get(end.min(after.len())..).unwrap_or_default();
        let fits = |value: &String| out.len() + value.len() + behind.len() <= LINE_BYTES_MAX;
        rest = match value.filter(fits) {
            Some(value) => format!("{value}{behind}"),
            None => {
                out.push_str("$_");
                behind.to_owned()
            }
        };
    }
    out.push_str(&rest);
    out
}

/// Returns what stands for `$(…)`.
fn make_value(inside: &str, variables: &[(String, String)]) -> Option<String> {
    if let Some(script) = inside.strip_prefix("shell ") {
        return Some(format!("$$({script})"));
    }
    match inside {
        "MAKE" => Some("make".to_owned()),
        "CURDIR" => Some(".".to_owned()),
        name => {
            let set = variables.iter().find(|(known, _)| known == name);
            // A variable that is set from itself has no end.
            let value = set.map(|(_, value)| value.clone());
            value.filter(|value| !value.contains(&format!("({name})")))
        }
    }
}

/// Returns where the bracket that `text` begins with is closed.
fn closing(text: &str, open: char) -> usize {
    let close = if open == '(' { ')' } else { '}' };
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        if character == open {
            depth += 1;
        } else if character == close {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    text.len()
}

/// Replaces `{{…}}` of a justfile in a line.
fn expand_just(line: &str, variables: &[(String, String)]) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let (inside, behind) = after.split_once("}}").unwrap_or((after, ""));
        let set = variables.iter().find(|(known, _)| known == inside.trim());
        out.push_str(set.map_or("$_", |(_, value)| value.as_str()));
        rest = behind;
    }
    out.push_str(rest);
    out
}
