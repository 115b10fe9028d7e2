//! The report of `doctor` about hooks of Git and of harnesses.
//!
//! Owns that each state is told with what repairs it, and that nothing is changed by telling.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::takes_hooks_from_config;
use crate::said::Said;
use crate::world::{World, open_to_all};

const HOOK: &str = ".git/hooks/pre-push";

/// The row of one hook, or of one harness in one scope.
#[track_caller]
fn row(said: &Said, who: &str, of: &str) -> Value {
    let report = said.json();
    let rows = report["hooks"].as_array().unwrap();
    let is_it = |row: &&Value| row["who"] == who && (row["hook"] == of || row["scope"] == of);
    let mut found = rows.iter().filter(is_it);
    let row = found
        .next()
        .unwrap_or_else(|| panic!("{who} {of} in {rows:?}"));
    row.clone()
}

#[track_caller]
fn is(world: &World, who: &str, of: &str, state: &str) -> Value {
    let row = row(&world.anyone("doctor --json"), who, of);
    assert_eq!(row["state"], state, "{row}");
    row
}

/// The text of a row.
fn text(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_default().to_owned()
}

#[test]
fn nothing_is_installed_and_that_is_no_problem() {
    let world = World::new();
    world.untouched(&[], || {
        let said = world.anyone("doctor");
        said.says("Healthy: 0 sessions");
        said.says("  git pre-push    not installed; git presence install\n");
        said.says("  git pre-apply   not installed; git presence install\n");
        said.says("  agents          not installed: claude, codex, gemini, cursor, copilot; git presence install <agent>\n");
        let said = world.anyone("doctor --json");
        let report = said.done().json();
        assert_eq!(report["hooks"].as_array().unwrap().len(), 12, "{report}");
        assert_eq!(report["open"], 0);
    });
    assert!(!world.home().join(".claude").exists());
    // Without a work tree there is no project, and without a home no user.
    let bare = World::empty().at("bare");
    bare.git("init --quiet --bare");
    let rows = bare.anyone("doctor --json").done().json();
    assert_eq!(rows["hooks"].as_array().unwrap().len(), 7, "{rows}");
    let homeless = world.without("HOME");
    let rows = homeless.anyone("doctor --json").done().json();
    assert_eq!(rows["hooks"].as_array().unwrap().len(), 7, "{rows}");
}

#[test]
fn what_install_says_is_done() {
    let world = World::new();
    for hook in ["pre-push", "pre-apply"] {
        assert_eq!(
            is(&world, "git", hook, "not_installed")["advice"],
            "git presence install"
        );
    }
    world.anyone("install").done();
    for hook in ["pre-push", "pre-apply"] {
        let row = is(&world, "git", hook, "installed");
        assert_eq!((&row["why"], &row["advice"]), (&Value::Null, &Value::Null));
    }
    world.anyone("doctor").says("git pre-push    installed: /");
    // From another work tree, too.
    world.git("worktree add --quiet ../more");
    is(&world.at("more"), "git", "pre-push", "installed");
    world.anyone("uninstall").done();
    is(&world, "git", "pre-push", "not_installed");
}

#[test]
fn a_hook_that_git_does_not_run_is_a_problem() {
    let world = World::new();
    if takes_hooks_from_config(&world) {
        return;
    }
    world.anyone("install").done();
    open_to_all(&world.dir().join(HOOK), 0o644);
    let said = world.anyone("doctor");
    said.exits(1);
    said.prints("problem: the hook pre-push in /");
    said.prints("is not run: it is not executable");
    said.prints("git pre-push    not run: /");
    let row = is(&world, "git", "pre-push", "not_run");
    is(&world, "git", "pre-apply", "installed");
    // Nothing was changed, and what is said helps.
    let mode = world
        .dir()
        .join(HOOK)
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o644);
    world.anyone("doctor --repair").exits(1);
    world.sh(&text(&row, "advice")).done();
    is(&world, "git", "pre-push", "installed");
}

#[test]
fn what_stands_where_a_hook_belongs() {
    let world = World::new();
    if takes_hooks_from_config(&world) {
        return;
    }
    world.write(HOOK, "#!/bin/sh\nexit 0\n");
    open_to_all(&world.dir().join(HOOK), 0o644);
    let row = is(&world, "git", "pre-push", "not_installed");
    assert!(text(&row, "why").contains("not executable"), "{row}");
    assert!(
        text(&row, "advice").ends_with("; then git presence install"),
        "{row}"
    );
    open_to_all(&world.dir().join(HOOK), 0o755);
    assert_eq!(
        is(&world, "git", "pre-push", "not_installed")["why"],
        Value::Null
    );
    world.anyone("install").done();
    is(&world, "git", "pre-push", "installed");
    // Lines of another version.
    let older = world.read(HOOK).replace("exit $?", "exit 1");
    world.write(HOOK, older);
    let row = is(&world, "git", "pre-push", "partial");
    world
        .anyone("doctor")
        .says("git pre-push    partly installed: /");
    world
        .sh(&text(&row, "advice").replace("git presence", "git-presence"))
        .done();
    is(&world, "git", "pre-push", "installed");
    // A line of one's own is as good, and a comment is none.
    world.anyone("uninstall").done();
    world.write(HOOK, "#!/bin/sh\n# git presence hook pre-push\n");
    is(&world, "git", "pre-push", "not_installed");
    world.write(HOOK, "#!/bin/sh\ngit presence hook pre-push \"$@\"\n");
    is(&world, "git", "pre-push", "installed");
}

#[test]
fn hooks_in_another_folder() {
    let world = World::new();
    if takes_hooks_from_config(&world) {
        return;
    }
    world.anyone("install").done();
    world.git("config core.hooksPath .husky");
    let row = is(&world, "git", "pre-push", "not_run");
    assert!(
        text(&row, "why").contains(".husky, by core.hooksPath"),
        "{row}"
    );
    let line = text(&row, "advice");
    let (_, line) = line.rsplit_once(": ").unwrap();
    world.write(".husky/pre-push", format!("#!/bin/sh\n{line}\n"));
    open_to_all(&world.dir().join(".husky/pre-push"), 0o755);
    is(&world, "git", "pre-push", "installed");
    world.git("config --unset core.hooksPath");
    world.anyone("uninstall").done();
    world.git("config core.hooksPath .husky");
    std::fs::remove_file(world.dir().join(".husky/pre-push")).unwrap();
    let row = is(&world, "git", "pre-push", "not_installed");
    assert!(text(&row, "why").contains("core.hooksPath"), "{row}");
    assert!(text(&row, "advice").contains("add this line to /"), "{row}");
    world.anyone("doctor").says("Healthy");
}

#[test]
fn a_program_that_hooks_do_not_find() {
    let world = World::new();
    world.anyone("install").done();
    world.anyone("install gemini").done();
    let elsewhere = world.with("PATH", "/usr/bin:/bin");
    let said = elsewhere.anyone("doctor");
    said.exits(1);
    for what in [
        "the hook pre-push in /",
        "the hooks of gemini in /",
        "git-presence is not in the PATH",
    ] {
        said.prints(what);
    }
    is(&elsewhere, "gemini", "user", "not_run");
    let row = is(&elsewhere, "gemini", "project", "not_installed");
    assert_eq!(row["advice"], "git presence install gemini --project");
    // Git looks among its own programs first; harnesses do not.
    let own = world.root().join("own");
    std::fs::create_dir(&own).unwrap();
    let exec_path = world.git("--exec-path");
    world
        .sh(&format!(
            "ln -s {exec_path}/* {} && cp $(command -v git-presence) {}",
            own.display(),
            own.display()
        ))
        .done();
    let own = elsewhere.with("GIT_EXEC_PATH", own);
    is(&own, "git", "pre-push", "installed");
    is(&own, "gemini", "user", "not_run");
}

#[test]
fn settings_of_harnesses() {
    let world = World::new();
    world.anyone("install claude").done();
    world.anyone("install claude --project").done();
    is(&world, "claude", "user", "installed");
    let row = is(&world, "claude", "project", "installed");
    assert_eq!(
        row["path"],
        world
            .dir()
            .join(".claude/settings.json")
            .display()
            .to_string()
    );
    is(&world, "codex", "user", "not_installed");
    world
        .anyone("doctor")
        .says("  claude user     installed: /")
        .says("  agents          not installed: codex, gemini, cursor, copilot;")
        .omits("codex user");
    // As an older version left it: without one event, and with another time for one.
    let mut settings: Value = serde_json::from_str(&world.read(".claude/settings.json")).unwrap();
    settings["hooks"].as_object_mut().unwrap().remove("Stop");
    settings["hooks"]["SessionStart"][0]["hooks"][0]["timeout"] = json!(1);
    world.write(".claude/settings.json", settings.to_string());
    let before = world.read(".claude/settings.json");
    let row = is(&world, "claude", "project", "partial");
    assert_eq!(row["why"], "Stop missing; SessionStart of another version");
    assert_eq!(row["advice"], "git presence install claude --project");
    let said = world.anyone("doctor");
    said.says("claude project  partly installed: /")
        .says("Stop missing")
        .says("Healthy");
    assert_eq!(world.read(".claude/settings.json"), before);
    world
        .sh(&text(&row, "advice").replace("git presence", "git-presence"))
        .done();
    is(&world, "claude", "project", "installed");
    world.write(".cursor/hooks.json", "{ \u{1b}[31m");
    let row = is(&world, "cursor", "project", "unreadable");
    assert!(text(&row, "why").contains("no JSON"), "{row}");
    world
        .anyone("doctor")
        .says("cursor project  not readable")
        .omits("\u{1b}");
    // Where a harness is told that its settings stand.
    let moved = world.with("CODEX_HOME", world.root().join("codex"));
    moved.anyone("install codex").done();
    is(&moved, "codex", "user", "installed");
    is(&world, "codex", "user", "not_installed");
}

#[test]
fn rules_of_the_guard_that_mean_nothing() {
    let world = World::new();
    world.git("config --global --add presence.guard \"old => explode\"");
    world.git("config --add presence.guard \"\"");
    world.git("config --add presence.guard \"make deploy => explode\"");
    world.git("config --add presence.guard \"mytool takes region\"");
    world.git("config --add presence.guard \"make clean => ignore\"");
    let said = world.anyone("doctor");
    said.exits(1).omits("old =>").omits("make clean");
    for what in [
        "problem: presence.guard, in ",
        ".git/config: \"make deploy => explode\" is not a valid rule: explode is not a class",
        "\"mytool takes region\" is not a valid rule: region is not an option",
        "git config --edit",
        "2 open problems",
    ] {
        said.prints(what);
    }
    let report = world.anyone("doctor --json").exits(1).json();
    assert_eq!(report["findings"].as_array().unwrap().len(), 2, "{report}");
    // In the order of the files; forgotten ones do not name the place of others.
    world.git("config --global --replace-all presence.guard \"make deploy => explode\"");
    world.anyone("guard explain -- make deploy").fails(
        129,
        "repo/.git/config: \"make deploy => explode\" is not a valid rule",
    );
    world.git("config --unset-all presence.guard");
    world.anyone("doctor").exits(1);
    world.git("config --global --unset-all presence.guard");
    world.anyone("doctor").says("Healthy");
}
