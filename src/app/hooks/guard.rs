//! What the guard is given, and how its verdicts stand on the board.
//!
//! Owns where a line would run and which rules apply; `guard` judges. Never writes, never runs the
//! line.

use std::path::Path;

use crate::context::Context;
use crate::failure::Failure;
use crate::guard::{self, FILE_BYTES_MAX, Files, Place, RuleError, Rules, Verdict};
use crate::ledger::raw_settings::RawSetting;

/// The setting that switches families of rules off.
const OFF: &str = "presence.guardOff";

/// Why a command names nothing on the board.
const TOO_LONG: &str = "a name on the line is too long for the board";

/// Returns a verdict with paths and branches as they stand on the board.
pub(crate) fn on_board(context: &Context, mut verdict: Verdict) -> Verdict {
    for part in &mut verdict.parts {
        for all in [&mut part.resources, &mut part.within] {
            let named: Vec<_> = all.iter().map(|one| context.on_board(one)).collect();
            if named.iter().any(Vec::is_empty) {
                part.unnamed.push(TOO_LONG.to_owned());
            }
            *all = named.into_iter().flatten().collect();
        }
    }
    verdict
}

/// Returns the rules that apply: those that come with the program, and those of the settings.
pub(crate) fn rules(context: &Context) -> Result<Rules, Failure> {
    let own = own_rules(context);
    let rules = Rules::with(own.iter().map(|setting| setting.value.as_str()));
    let rules = rules.map_err(|error| bad_rule(&error, &own))?;
    Ok(rules.without(&off(context)?))
}

/// Returns the families of shipped rules that are switched off.
pub(crate) fn off(context: &Context) -> Result<Vec<String>, Failure> {
    let mut off: Vec<String> = Vec::new();
    let set = context.settings.iter();
    for setting in set.filter(|setting| setting.key.eq_ignore_ascii_case(OFF)) {
        if setting.value.trim().is_empty() {
            off.clear();
        }
        let names = setting.value.split([',', ' ']).map(str::trim);
        for name in names.filter(|name| !name.is_empty()) {
            if !guard::families().contains(&name) {
                let what = format!("{OFF}, in {}: no rules are called {name}", setting.origin);
                let hint = format!("the rules are: {}", guard::families().join(", "));
                return Err(Failure::usage(what).hint(hint));
            }
            off.push(name.to_owned());
        }
    }
    Ok(off)
}

/// Returns what reads files of a work tree: no link that leads out of it, no pipe, and nothing that
/// is longer than is examined.
fn files_below(context: &Context, root: &Path) -> Files {
    let (host, root) = (context.host, root.to_owned());
    Files::new(move |path| {
        let path = Path::new(path);
        let is_inside = path.starts_with(&root) && host.link_out_of(&root, path).is_none();
        let bytes = is_inside.then(|| host.read_bounded(path, FILE_BYTES_MAX).ok())??;
        String::from_utf8(bytes).ok()
    })
}

fn own_rules(context: &Context) -> Vec<&RawSetting> {
    let own = context.settings.iter();
    own.filter(|setting| setting.key == "presence.guard")
        .collect()
}

/// Returns the rules of the user that count, each with the setting it comes from.
pub(crate) fn own_in_use(context: &Context) -> Vec<(String, String)> {
    let own = own_rules(context);
    let reset = own
        .iter()
        .rposition(|setting| setting.value.trim().is_empty());
    let counted = own.into_iter().skip(reset.map_or(0, |at| at + 1));
    let row = |setting: &RawSetting| (setting.value.trim().to_owned(), setting.origin.clone());
    counted.map(row).collect()
}

/// Returns the invalid rules of the user, each with the setting it comes from.
pub fn unreadable(context: &Context) -> Vec<(String, RuleError)> {
    let own = own_rules(context);
    // Rules before an empty one are dropped.
    let reset = own
        .iter()
        .rposition(|setting| setting.value.trim().is_empty());
    let counted = own.into_iter().skip(reset.map_or(0, |at| at + 1));
    let error =
        |setting: &RawSetting| Some((setting.origin.clone(), guard::check(&setting.value).err()?));
    counted.filter_map(error).collect()
}

fn bad_rule(error: &RuleError, own: &[&RawSetting]) -> Failure {
    // A rule that was dropped may be the same.
    let setting = own.iter().rfind(|s| s.value.trim() == error.entry);
    let origin = setting.map_or("the rules that come with the program", |s| &s.origin);
    let what = format!("presence.guard, in {origin}: {error}");
    Failure::usage(what).hint("see what a rule may say: docs/guard.md")
}

/// Returns where a line would run.
pub(crate) fn place(context: &Context, rules: &Rules) -> Place {
    let root = context.worktree();
    let here = context.host.current_dir().ok();
    let dir = root.zip(here.as_deref());
    let dir = dir.and_then(|(root, here)| here.strip_prefix(root).ok());
    let names: Vec<&str> = rules.variables().into_iter().collect();
    Place {
        root: root.and_then(slashed),
        dir: dir.and_then(slashed),
        cwd: here.as_deref().and_then(slashed),
        home: context.host.home().as_deref().and_then(slashed),
        siblings: Vec::new(),
        foreign: Vec::new(),
        links: Vec::new(),
        branch: context.branch().map(str::to_owned),
        host: Some(context.host.hostname()),
        files: root.map(|root| files_below(context, root)),
        variables: context.host.env_of(&names),
    }
}

/// Returns a path with `/`, as labels have it.
pub(crate) fn slashed(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    Some(match std::path::MAIN_SEPARATOR {
        '/' => text.to_owned(),
        separator => text.replace(separator, "/"),
    })
}
