//! Files that a tool of an agent writes.
//!
//! Owns the names of writing tools under every harness, and where their input names the files.
//! Never checks whether a file exists.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::guard::shell::texts_for;
use crate::guard::{PATCHERS, Place, Rules, classify_line};

/// Tools that write the file or notebook that their input names. Those of Copilot CLI are plain
/// verbs; their fields tell them from other tools of that name.
const EDITORS: [&str; 12] = [
    "edit",
    "write",
    "multiedit",
    "notebookedit",
    "write_file",
    "replace",
    "create",
    "strreplace",
    "str_replace",
    "insert",
    "delete",
    "str_replace_editor",
];
const FILES: [&str; 4] = ["file_path", "notebook_path", "path", "filePath"];

/// A tool that is handed a patch, which names its files. Codex treats a command line that calls it
/// as a use of the tool, but reports a command to hooks.
pub(super) const PATCHER: &str = "apply_patch";
const PATCH_BEGIN: &str = "*** Begin Patch";
const PATCHES: [&str; 3] = ["command", "input", "patch"];
const MARKERS: [&str; 4] = [
    "*** Update File: ",
    "*** Add File: ",
    "*** Delete File: ",
    "*** Move to: ",
];

/// Each file has to be looked up on disk, so only the first ones of a patch are checked.
const FILES_MAX: usize = 4096;

/// The files that a tool writes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// Each file once, as the input names it.
    pub(super) files: Vec<String>,
    /// Whether more files are named than are checked.
    pub(super) is_cut: bool,
    /// Why it is not certain which files are written.
    pub(super) doubt: Option<&'static str>,
}

/// Checks whether a tool has the name of one that writes files.
pub fn writes_files(tool: &str) -> bool {
    let mut names = EDITORS.iter().chain([&PATCHER]);
    names.any(|name| name.eq_ignore_ascii_case(tool))
}

/// Returns the files that a tool writes, as its input names them; none for a tool that writes no
/// file.
pub(super) fn files(tool: &str, input: &Value) -> Named {
    let is = |name: &&str| name.eq_ignore_ascii_case(tool);
    // Copilot CLI sends JSON in a string, and a patch as plain text.
    let inner = input
        .as_str()
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    let fields = inner.as_ref().filter(|value| value.is_object());
    let fields = fields.unwrap_or(input);
    let text = |names: &[&str]| names.iter().find_map(|name| fields[*name].as_str());
    if is(&PATCHER) {
        let patch = text(&PATCHES).or_else(|| fields.as_str());
        return named_by(patch.unwrap_or_default());
    }
    // `view` is the one use of this tool that only reads.
    let looks = fields["command"] == "view";
    let file = text(&FILES).filter(|file| !file.is_empty());
    let file = file.filter(|_| EDITORS.iter().any(is) && !looks);
    Named {
        files: file.map(str::to_owned).into_iter().collect(),
        ..Named::default()
    }
}

/// Returns the files of the patches that a command line applies, which begins in the folder `cwd`.
/// It says nothing about what else the line does.
pub(super) fn files_on(line: &str, cwd: Option<&str>) -> Named {
    if !PATCHERS.iter().any(|name| line.contains(name)) {
        return Named::default();
    }
    let mut named = match line.contains(PATCH_BEGIN) {
        true => named_by(&texts_for(line, &PATCHERS).join("\n")),
        false => Named::default(),
    };
    let place = Place {
        cwd: cwd.map(str::to_owned),
        ..Place::default()
    };
    let calls = classify_line(line, &Rules::shipped(), &place).patches;
    if named.files.is_empty() {
        let is_applied = calls.iter().any(|call| call.is_certain);
        named.doubt = is_applied.then_some("the line does not have the patch that it applies");
        return named;
    }
    let mut dirs: Vec<&str> = calls
        .iter()
        .filter_map(|call| call.dir.as_deref())
        .collect();
    dirs.sort_unstable();
    dirs.dedup();
    if cwd.is_none() || dirs.iter().all(|dir| Some(*dir) == cwd) {
        dirs.clear();
    }
    if cwd.is_some() && calls.iter().any(|call| call.dir.is_none()) {
        named.doubt = Some("it is not certain in which folder it applies the patch");
    }
    if !dirs.is_empty() {
        let files = dirs.iter().flat_map(|dir| {
            let joined = |file: &String| Path::new(dir).join(file).to_string_lossy().into_owned();
            named.files.iter().map(joined)
        });
        let files: Vec<String> = files.take(FILES_MAX + 1).collect();
        named.is_cut |= files.len() > FILES_MAX;
        named.files = files;
    }
    named
}

/// Returns the files that a patch names, each once.
fn named_by(patch: &str) -> Named {
    let mut seen = BTreeSet::new();
    let mut named_files = Named::default();
    let named = patch.lines().filter_map(|line| {
        let line = line.trim();
        MARKERS.iter().find_map(|marker| line.strip_prefix(marker))
    });
    for file in named.map(str::trim).filter(|file| !file.is_empty()) {
        if !seen.insert(file) {
            continue;
        }
        if named_files.files.len() == FILES_MAX {
            named_files.is_cut = true;
            break;
        }
        named_files.files.push(file.to_owned());
    }
    named_files
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_tools_of_each_harness_name_their_files() {
        for (tool, input, expected) in [
            (
                "Edit",
                json!({"file_path": "/r/a", "old_string": "x"}),
                vec!["/r/a"],
            ),
            (
                "NotebookEdit",
                json!({"notebook_path": "/r/n.ipynb"}),
                vec!["/r/n.ipynb"],
            ),
            (
                "write_file",
                json!({"file_path": "a", "content": ""}),
                vec!["a"],
            ),
            ("create", json!("{\"path\":\"/r/a\"}"), vec!["/r/a"]),
            (
                "str_replace_editor",
                json!({"command": "create", "path": "/a"}),
                vec!["/a"],
            ),
            (
                "str_replace_editor",
                json!({"command": "view", "path": "/a"}),
                vec![],
            ),
            ("Read", json!({"file_path": "/r/a"}), vec![]),
            ("Bash", json!({"command": "*** Add File: a"}), vec![]),
            ("Edit", json!({"file_path": 7}), vec![]),
            ("Edit", json!({"file_path": ""}), vec![]),
            ("Edit", json!(null), vec![]),
            ("mcp__fs__write_file", json!({"path": "/a"}), vec![]),
        ] {
            assert_eq!(files(tool, &input).files, expected, "{tool} {input}");
        }
    }

    #[test]
    fn a_patch_names_its_files() {
        let patch = "*** Begin Patch\n*** Update File: src/a b.rs\r\n*** Move to: src/c.rs\n@@\n\
                     -*** Delete File: not/this\n+*** Add File: nor/this\n*** Add File: d\n+x\n\
                     *** Delete File: e\n*** Add File: d\n*** Update File: \n*** End Patch\n";
        let expected = ["src/a b.rs", "src/c.rs", "d", "e"];
        for input in [
            json!({"command": patch}),
            json!({"input": patch}),
            json!(patch),
        ] {
            assert_eq!(files("apply_patch", &input).files, expected);
        }
        for line in [
            format!("apply_patch <<'EOF'\n{patch}EOF"),
            format!("cd sub && applypatch <<EOF\n{patch}EOF\nls"),
            format!("timeout 5 /opt/codex/apply_patch '{patch}'"),
            format!("cat <<'EOF' | apply_patch\n{patch}EOF"),
            format!("bash -lc \"apply_patch <<'EOF'\n{patch}EOF\""),
            format!("apply_patch \"$(cat <<'EOF'\n{patch}EOF\n)\""),
            format!("if true; then\napply_patch <<EOF\n{patch}EOF\nfi"),
            // What no shell reads to its end may still be read by another one.
            format!("apply_patch <<'EOF'\n{patch}"),
        ] {
            assert_eq!(files_on(&line, None).files, expected, "{line}");
        }
        for line in [
            patch.to_owned(),
            "apply_patch --help".to_owned(),
            format!("cat <<'EOF' >notes.md\nuse apply_patch:\n{patch}EOF"),
            format!("ls # apply_patch <<EOF\ncat <<EOF\n{patch}EOF"),
        ] {
            assert_eq!(files_on(&line, None), Named::default(), "{line}");
        }
    }

    #[test]
    fn a_patch_of_too_many_files_says_so() {
        let of = |count: usize| -> String {
            (0..count).map(|n| format!("*** Add File: {n}\n")).collect()
        };
        let named = |count| files("apply_patch", &json!({ "command": of(count) }));
        assert!(!named(FILES_MAX).is_cut);
        let more = named(FILES_MAX + 1);
        assert!(more.is_cut);
        assert_eq!(more.files.len(), FILES_MAX);
    }
}
