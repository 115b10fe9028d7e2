//! Recipes of Makefiles and justfiles.
//!
//! Owns how their rules, variables and continued lines are read. What only the runner can know
//! becomes an expansion of the shell. Names what a Makefile includes, and never reads it.

use std::collections::BTreeMap;

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

/// A Makefile or a justfile, read.
pub(super) struct Recipes<'t> {
    rules: Vec<Rule<'t>>,
    /// Variables with certain values.
    variables: BTreeMap<String, String>,
}

/// Values that the call of a runner gives to names; `None` for one that has no certain value.
type Given = Vec<(String, Option<String>)>;

/// Returns the recipe of a target of a Makefile.
pub(super) fn make(
    file: &Recipes<'_>,
    task: Option<&str>,
    given: &[(String, String)],
) -> Option<Recipe> {
    let given = given
        .iter()
        .map(|(name, value)| (name.clone(), Some(value.clone())));
    let given: Given = given.collect();
    let is_special = |name: &&str| name.starts_with('.') || name.contains('%');
    let task = match task {
        Some(task) => task,
        None => file
            .rules
            .iter()
            .flat_map(|rule| &rule.names)
            .find(|name| !is_special(name))?,
    };
    let mut mine = file
        .rules
        .iter()
        .filter(|rule| rule.names.contains(&task))
        .peekable();
    mine.peek()?;
    let mut recipe = Recipe::default();
    let mut left = EXPANDED_BYTES_MAX;
    for rule in mine {
        recipe.needs.extend(rule.needs.iter().cloned());
        let first = rule.needs.first().map_or("", String::as_str);
        for line in logical(&rule.body) {
            let line = line.trim_start_matches(['@', '-', '+', ' ', '\t']);
            let script = file.expand_make(line, &given, (task, first));
            left = left.checked_sub(script.len())?;
            recipe.scripts.push(script);
        }
    }
    Some(recipe)
}

/// Returns the files that a Makefile includes, as far as their names are certain.
pub(in crate::guard) fn included(text: &str) -> impl Iterator<Item = &str> {
    let lines = text
        .lines()
        .filter(|line| line.starts_with(['i', '-', 's']));
    let names = lines
        .filter_map(names_included)
        .flat_map(str::split_whitespace);
    names.filter(|name| !name.contains(['$', '*', '?']))
}

/// Returns what stands behind `include`, `-include` or `sinclude`.
fn names_included(line: &str) -> Option<&str> {
    let names = line
        .trim_start_matches(['-', 's'])
        .strip_prefix("include")?;
    let names = names.split('#').next().unwrap_or_default();
    names.starts_with([' ', '\t']).then_some(names)
}

/// Returns the recipe of a justfile.
pub(super) fn just(
    file: &Recipes<'_>,
    task: Option<&str>,
    given: &[(String, String)],
) -> Option<Recipe> {
    let rule = match task {
        Some(task) => file.rules.iter().find(|rule| rule.names.contains(&task))?,
        None => file.rules.first()?,
    };
    let mut own = Given::new();
    for (at, parameter) in rule.parameters.iter().enumerate() {
        let (name, default) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = name.trim_start_matches(['+', '*', '$']);
        let value = given.iter().find(|(number, _)| *number == at.to_string());
        let default = unquoted(default).filter(|text| !text.is_empty());
        let value = value.map(|(_, value)| value.clone()).or(default);
        own.push((name.to_owned(), value));
    }
    let is_script = rule
        .body
        .first()
        .is_some_and(|line| line.trim_start().starts_with("#!"));
    let lines = logical(&rule.body);
    let lines = lines.iter().map(|line| file.expand_just(line, &own));
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

/// Reads a Makefile or a justfile.
pub(super) fn read(text: &str, is_make: bool) -> Recipes<'_> {
    let mut rules: Vec<Rule<'_>> = Vec::new();
    // The first value of a name counts.
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
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
            if let Some(value) = value {
                variables.entry(name.to_owned()).or_insert(value);
            }
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
    Recipes { rules, variables }
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

impl Recipes<'_> {
    /// Returns the certain value of a name: what the call gives it wins.
    fn value<'v>(&'v self, name: &str, given: &'v Given) -> Option<&'v str> {
        match given.iter().find(|(known, _)| known == name) {
            Some((_, value)) => value.as_deref(),
            None => self.variables.get(name).map(String::as_str),
        }
    }

    /// Replaces the variables of a Makefile in a line.
    fn expand_make(&self, line: &str, given: &Given, here: (&str, &str)) -> String {
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
                    (self.make_value(&after[1..end], given), end + 1)
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
    fn make_value(&self, inside: &str, given: &Given) -> Option<String> {
        if let Some(script) = inside.strip_prefix("shell ") {
            return Some(format!("$$({script})"));
        }
        match inside {
            "MAKE" => Some("make".to_owned()),
            "CURDIR" => Some(".".to_owned()),
            name => {
                // A variable that is set from itself has no end.
                let value = self.value(name, given);
                let value = value.filter(|value| !value.contains(&format!("({name})")));
                value.map(str::to_owned)
            }
        }
    }

    /// Replaces `{{…}}` of a justfile in a line.
    fn expand_just(&self, line: &str, given: &Given) -> String {
        let mut out = String::with_capacity(line.len());
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("{{") {
            out.push_str(before);
            let (inside, behind) = after.split_once("}}").unwrap_or((after, ""));
            out.push_str(self.value(inside.trim(), given).unwrap_or("$_"));
            rest = behind;
        }
        out.push_str(rest);
        out
    }
}
