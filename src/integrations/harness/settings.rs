//! Hooks of ours in the settings of a harness.
//!
//! Owns how they are added to a JSON file with comments, and removed from it. Only our bytes are
//! added, and exactly those are removed: an empty bracket is filled without a space, a bracket that
//! we create is followed by a line end, so that a removal knows what was there before. A file that
//! cannot be parsed is left alone. Never reads or writes a file.

mod edit;
mod hook_entries;

use serde_json::Value;

use super::Harness;
use edit::{Kind, Node, delete, insert};
pub use hook_entries::{TELLS_TASKS, chosen_entries, file_name, folder, hook_entries};

const BOM: &str = "\u{feff}";
/// Blanks between the words of JSON.
const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];
const HOOKS: &str = "hooks";
const VERSION: &str = "version";

/// What to do with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Leave it as it is.
    Nothing,
    /// Write this content.
    Write(String),
    /// Delete it: it holds only what we had created.
    Remove,
}

/// Why settings are left alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The file is not a JSON object. The text says where.
    #[error("it is no JSON: {0}")]
    NotJson(String),
    /// This property does not have the type that harnesses document.
    #[error("{0} is not what a harness understands")]
    Unexpected(String),
}

/// How many of our hooks a file has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstallState {
    /// None.
    Absent,
    /// Some, as an older version or a user left them.
    Partial {
        /// Events that do not call us.
        missing: Vec<&'static str>,
        /// Events that call us in another way than [`hook_entries()`] says.
        changed: Vec<String>,
    },
    /// All, and none besides.
    Complete,
}

/// Plans how to add our hooks to the content of a file. `None` means that there is no file. With
/// `tells_tasks`, those of Claude Code tell also which tasks are ready.
pub fn install(
    harness: Harness,
    tells_tasks: bool,
    before: Option<&str>,
) -> Result<Plan, SettingsError> {
    let wanted = chosen_entries(harness, tells_tasks);
    let made = || format!("{}\n", fresh(harness, tells_tasks, "  ", "\n"));
    let Some(before) = before else {
        return Ok(Plan::Write(made()));
    };
    // The other choice, in a file that we made.
    if is_made(harness, before) && made() != before {
        return Ok(Plan::Write(made()));
    }
    let (bom, text) = split_bom(before);
    let style = Style::of(text);
    if text.trim_matches(BLANK).is_empty() {
        let all = fresh(harness, tells_tasks, &style.unit, style.line_end);
        return Ok(Plan::Write(format!("{bom}{text}{all}")));
    }
    if is_same(&found(harness, text)?, &wanted) {
        return Ok(Plan::Nothing);
    }
    // Entries of an older version are removed first.
    let mut text = take_out(harness, text)?;
    let is_empty = Node::root(&text)?.items.is_empty();
    for (event, entry) in wanted {
        text = add(&text, event, &entry, &style)?;
    }
    if is_empty && has_version(harness) {
        let root = Node::root(&text)?;
        text = insert(
            &text,
            &root,
            &property(VERSION, &1.into(), &style, 1),
            1,
            &style,
        );
    }
    let after = format!("{bom}{text}");
    Ok(if *before == after {
        Plan::Nothing
    } else {
        Plan::Write(after)
    })
}

/// Plans how to remove our hooks from the content of a file.
pub fn uninstall(harness: Harness, before: &str) -> Result<Plan, SettingsError> {
    let (bom, text) = split_bom(before);
    if text.trim_matches(BLANK).is_empty() {
        return Ok(Plan::Nothing);
    }
    if is_made(harness, before) {
        return Ok(Plan::Remove);
    }
    // The leading blanks were all that the style was derived from.
    let (blank, rest) = text.split_at(text.len() - text.trim_start_matches(BLANK).len());
    let style = Style::of(blank);
    let after = if is_fresh(harness, rest, &style) {
        blank.to_owned()
    } else {
        take_out(harness, text)?
    };
    Ok(if after == text {
        Plan::Nothing
    } else {
        Plan::Write(format!("{bom}{after}"))
    })
}

/// Checks whether a file is one that we made, and has nothing else.
fn is_made(harness: Harness, text: &str) -> bool {
    let ours = text.strip_suffix('\n');
    ours.is_some_and(|text| is_fresh(harness, text, &Style::of("")))
}

/// Checks whether settings have only our hooks, of either choice.
fn is_fresh(harness: Harness, text: &str, style: &Style) -> bool {
    let fresh = |tasks| fresh(harness, tasks, &style.unit, style.line_end);
    text == fresh(false) || text == fresh(true)
}

/// Returns settings that have only our hooks.
pub fn fresh(harness: Harness, tells_tasks: bool, unit: &str, line_end: &str) -> String {
    let mut hooks = serde_json::Map::new();
    for (event, entry) in chosen_entries(harness, tells_tasks) {
        hooks.insert(event.to_owned(), Value::Array(vec![entry]));
    }
    let mut root = serde_json::json!({ HOOKS: hooks });
    if has_version(harness) {
        root[VERSION] = 1.into();
    }
    edit::pretty(&root, unit, line_end, 0)
}

/// Returns true if the settings of a harness have a `version`.
const fn has_version(harness: Harness) -> bool {
    matches!(harness, Harness::Cursor | Harness::Copilot)
}

/// Indentation and line ends of a file.
pub struct Style {
    unit: String,
    line_end: &'static str,
}

impl Style {
    /// Derives the style from the content of a file.
    fn of(text: &str) -> Self {
        let indent = |line: &str| {
            let rest = line.trim_start_matches([' ', '\t']);
            let is_code = rest.starts_with(['"', '{', '[']);
            (is_code && rest.len() < line.len()).then(|| line[..line.len() - rest.len()].to_owned())
        };
        Self {
            unit: text
                .lines()
                .find_map(indent)
                .unwrap_or_else(|| "  ".to_owned()),
            line_end: if text.contains("\r\n") { "\r\n" } else { "\n" },
        }
    }
}

fn split_bom(text: &str) -> (&str, &str) {
    match text.strip_prefix(BOM) {
        Some(rest) => (BOM, rest),
        None => ("", text),
    }
}

/// Renders a property with its name.
fn property(name: &str, value: &Value, style: &Style, depth: usize) -> String {
    format!(
        "\"{name}\": {}",
        edit::pretty(value, &style.unit, style.line_end, depth)
    )
}

/// Returns the hooks of all events, if the file has any.
fn hooks_of(root: &Node) -> Result<Option<Node>, SettingsError> {
    let Some(hooks) = root.only(HOOKS)? else {
        return Ok(None);
    };
    match hooks.kind {
        Kind::Object => Ok(Some(hooks.clone())),
        _ => Err(SettingsError::Unexpected(format!("{HOOKS:?}"))),
    }
}

/// Adds an entry for an event.
fn add(text: &str, event: &str, entry: &Value, style: &Style) -> Result<String, SettingsError> {
    let root = Node::root(text)?;
    let list = Value::Array(vec![entry.clone()]);
    let Some(hooks) = hooks_of(&root)? else {
        let hooks = serde_json::json!({ event: list });
        return Ok(insert(
            text,
            &root,
            &property(HOOKS, &hooks, style, 1),
            1,
            style,
        ));
    };
    let Some(entries) = hooks.only(event)? else {
        return Ok(insert(
            text,
            &hooks,
            &property(event, &list, style, 2),
            2,
            style,
        ));
    };
    if entries.kind != Kind::Array {
        return Err(SettingsError::Unexpected(format!("{event:?}")));
    }
    let item = edit::pretty(entry, &style.unit, style.line_end, 3);
    Ok(insert(text, entries, &item, 3, style))
}

/// Checks whether these are exactly our entries, and no other that calls us.
fn is_same(found: &[(String, Value)], wanted: &[(&'static str, Value)]) -> bool {
    let found = { found.iter() }.map(|(event, entry)| (&**event, entry.to_string()));
    let wanted = { wanted.iter() }.map(|(event, entry)| (*event, entry.to_string()));
    let (mut found, mut wanted): (Vec<_>, Vec<_>) = (found.collect(), wanted.collect());
    found.sort();
    wanted.sort();
    found == wanted
}

/// Returns every entry that calls us, with its event.
fn found(harness: Harness, text: &str) -> Result<Vec<(String, Value)>, SettingsError> {
    let root = Node::root(text)?;
    let mut found = Vec::new();
    for event in hooks_of(&root)?.iter().flat_map(|hooks| &hooks.items) {
        let ours = event.items.iter().filter(|entry| is_ours(harness, entry));
        found.extend(ours.map(|entry| (event.name.clone(), entry.value.clone())));
    }
    Ok(found)
}

/// Returns how many of our hooks the content of a file has.
pub fn state(harness: Harness, text: &str) -> Result<InstallState, SettingsError> {
    let (_, text) = split_bom(text);
    if text.trim_matches(BLANK).is_empty() {
        return Ok(InstallState::Absent);
    }
    let found = found(harness, text)?;
    if found.is_empty() {
        return Ok(InstallState::Absent);
    }
    let tells_tasks = { found.iter() }.any(|(_, entry)| entry.to_string().contains(TELLS_TASKS));
    let wanted = chosen_entries(harness, tells_tasks);
    if is_same(&found, &wanted) {
        return Ok(InstallState::Complete);
    }
    let is_there = |event: &&str| found.iter().any(|(name, _)| name == event);
    let events = wanted.iter().map(|(event, _)| *event);
    let missing = events.filter(|event| !is_there(event)).collect();
    let mut left = wanted.clone();
    let mut changed: Vec<String> = Vec::new();
    for (event, entry) in found {
        let at = left.iter().position(|one| one.0 == event && one.1 == entry);
        match at {
            Some(at) => drop(left.swap_remove(at)),
            None if changed.contains(&event) => {}
            None => changed.push(event),
        }
    }
    Ok(InstallState::Partial { missing, changed })
}

/// Removes every entry that calls us, the last one first.
fn take_out(harness: Harness, text: &str) -> Result<String, SettingsError> {
    let mut text = text.to_owned();
    while let Some(shorter) = take_one(harness, &text)? {
        text = shorter;
    }
    Ok(text)
}

/// Removes one entry that calls us, with what we created around it.
fn take_one(harness: Harness, text: &str) -> Result<Option<String>, SettingsError> {
    let root = Node::root(text)?;
    let Some(hooks) = hooks_of(&root)? else {
        return Ok(None);
    };
    for (at, event) in hooks.items.iter().enumerate().rev() {
        let mut entries = event.items.iter().enumerate().rev();
        let Some((index, _)) = entries.find(|(_, entry)| is_ours(harness, entry)) else {
            continue;
        };
        let made = |node: &Node| node.items.len() == 1 && node.is_spread(text);
        if !made(event) {
            return Ok(Some(delete(text, event, index)));
        }
        if !made(&hooks) {
            return Ok(Some(delete(text, &hooks, at)));
        }
        let Some(place) = root.items.iter().position(|item| item.name == HOOKS) else {
            return Ok(None);
        };
        let version = root.items.get(1);
        let is_version = version.is_some_and(|v| v.name == VERSION && v.value == 1);
        let filled = place == 0 && root.items.len() == 2 && root.is_filled();
        if has_version(harness) && is_version && filled {
            let text = delete(text, &root, 1);
            let root = Node::root(&text)?;
            return Ok(Some(delete(&text, &root, 0)));
        }
        return Ok(Some(delete(text, &root, place)));
    }
    Ok(None)
}

/// Checks whether an entry only calls us.
fn is_ours(harness: Harness, entry: &Node) -> bool {
    let handlers = entry.value.get(HOOKS).and_then(Value::as_array);
    match handlers {
        Some(handlers) => !handlers.is_empty() && handlers.iter().all(|h| calls_us(harness, h)),
        None => calls_us(harness, &entry.value),
    }
}

/// Checks whether a handler calls us.
fn calls_us(harness: Harness, handler: &Value) -> bool {
    let text = |key: &str| handler[key].as_str().unwrap_or_default();
    let word = harness.word();
    let is_program = |name: &str| name == "git-presence" || name.ends_with("/git-presence");
    let args = &handler["args"];
    let line = format!("git-presence hook {word} ");
    let mut lines = ["command", "bash"].into_iter();
    is_program(text("command")) && args[0] == "hook" && args[1] == word
        || lines.any(|key| text(key).starts_with(&line))
}

#[cfg(test)]
mod tests;
