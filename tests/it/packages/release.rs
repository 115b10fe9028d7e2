//! The texts of a release: `.ci/release --only-texts`, in a scratch checkout.

use std::path::Path;

use crate::said::{Said, holds};
use crate::snapshot::Snapshot;
use crate::world::World;

const CHANGELOG: &str = "\
# Changelog

What changes for users.

## Unreleased

### Fixed

- One thing, and
  its second line.

```sh
## no heading
```

## [0.0.9] — 2026-01-01

- The first.

[0.0.9]: docs/releases/0.0.9.md
";

const FEATURE: &str = "contrib/image/devcontainer/devcontainer-feature.json";

/// A checkout with the files that a release changes, all of them committed.
fn checkout(changelog: &str) -> World {
    let world = World::empty().at("checkout");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/release");
    world.write(".ci/release", std::fs::read(script).unwrap());
    world.write("CHANGELOG.md", changelog);
    world.write(
        "Cargo.toml",
        "[package]\nname = \"git-presence\"\nversion = \"0.1.0\"\n\n[dependencies]\nx = \"0.1.0\"\n",
    );
    world.write(
        "Cargo.lock",
        "[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"git-presence\"\nversion = \"0.1.0\"\n",
    );
    world.write(
        "plugin/.claude-plugin/plugin.json",
        "{ \"version\": \"0.1.0\" }\n",
    );
    world.write(FEATURE, "{ \"version\": \"0.1.0\" }\n");
    world.git("init --quiet");
    world.git("add .");
    world.git("commit --quiet -m \"all files\"");
    world
}

fn release(world: &World, options: &str) -> Said {
    world.sh(&format!("sh .ci/release --only-texts {options}"))
}

#[test]
fn entries_become_those_of_the_version() {
    let world = checkout(CHANGELOG);
    release(&world, "--date 2026-02-03").says("are those of 0.1.0");
    let wanted = CHANGELOG
        .replace(
            "## Unreleased\n",
            "## Unreleased\n\n## [0.1.0] — 2026-02-03\n",
        )
        .replace(
            "[0.0.9]: docs",
            "[0.1.0]: docs/releases/0.1.0.md\n[0.0.9]: docs",
        );
    assert_eq!(world.read("CHANGELOG.md"), wanted);
    let notes = world.read("docs/releases/0.1.0.md");
    let (entries, verify) = notes.split_once("\n## Verify\n").unwrap();
    assert_eq!(
        entries,
        "# git presence 0.1.0\n\n2026-02-03\n\n## Fixed\n\n- One thing, and\n  its second line.\n\n\
         ```sh\n## no heading\n```\n"
    );
    holds(verify, "sha256sum --check --ignore-missing SHA256SUMS");
    holds(verify, "git checkout v0.1.0 && sh .ci/package");
    // The version was there.
    assert_eq!(world.git("status --porcelain"), " M CHANGELOG.md\n?? docs/");
}

#[test]
fn another_version_is_written_wherever_the_last_one_stands() {
    let world = checkout(CHANGELOG);
    release(&world, "--version 0.2.0-rc.1 --date 2026-02-03").done();
    assert_eq!(
        world.read("Cargo.toml"),
        "[package]\nname = \"git-presence\"\nversion = \"0.2.0-rc.1\"\n\n[dependencies]\nx = \"0.1.0\"\n"
    );
    assert_eq!(
        world.read("Cargo.lock"),
        "[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"git-presence\"\nversion = \"0.2.0-rc.1\"\n"
    );
    for file in ["plugin/.claude-plugin/plugin.json", FEATURE] {
        assert_eq!(world.read(file), "{ \"version\": \"0.2.0-rc.1\" }\n");
    }
    assert!(world.has("docs/releases/0.2.0-rc.1.md"));
}

#[test]
fn line_ends_stay_what_they_are() {
    let world = checkout(&CHANGELOG.replace('\n', "\r\n"));
    release(&world, "--date 2026-02-03").done();
    let lines = world.read("CHANGELOG.md");
    assert_eq!(lines.matches('\n').count(), lines.matches("\r\n").count());
    holds(
        &lines,
        "## Unreleased\r\n\r\n## [0.1.0] — 2026-02-03\r\n\r\n### Fixed\r\n",
    );
    holds(
        &lines,
        "\r\n[0.1.0]: docs/releases/0.1.0.md\r\n[0.0.9]: docs",
    );
    assert!(!world.read("docs/releases/0.1.0.md").contains('\r'));
}

/// The first release has no older link to stand before.
#[test]
fn the_first_one_adds_its_link_at_the_end() {
    let world = checkout("# Changelog\n\n## Unreleased\n\n- One.\n");
    release(&world, "--date 2026-02-03").done();
    assert_eq!(
        world.read("CHANGELOG.md"),
        "# Changelog\n\n## Unreleased\n\n## [0.1.0] — 2026-02-03\n\n- One.\n\n\
         [0.1.0]: docs/releases/0.1.0.md\n"
    );
}

/// Nothing is written, in the work tree or in Git, whatever is wrong.
#[test]
fn what_is_wrong_is_told_before_anything_is_written() {
    let without = |part: &str| CHANGELOG.replace(part, "");
    let usual = || CHANGELOG.to_owned();
    let empty = "# Changelog\n\n## Unreleased\n\n### Fixed\n\n## [0.0.9] — 2026-01-01\n\n- x\n";
    let cases: [(&str, String, &str, &str); 15] = [
        ("", without("## Unreleased\n"), "", "no \"## Unreleased\""),
        ("", empty.to_owned(), "", "no entry below \"## Unreleased\""),
        (
            "--version 0.0.9",
            usual(),
            "",
            "CHANGELOG.md has 0.0.9 already",
        ),
        (
            "",
            CHANGELOG.replace("[0.0.9] —", "0.1.0 of"),
            "",
            "has 0.1.0 already",
        ),
        (
            "",
            usual(),
            "mkdir -p docs/releases && echo x >docs/releases/0.1.0.md && git add . && git commit -qm x",
            "docs/releases/0.1.0.md exists",
        ),
        ("--version 1.2", usual(), "", "1.2 is no version"),
        ("--version 01.2.3", usual(), "", "01.2.3 is no version"),
        ("--version '1.2.3 x'", usual(), "", "1.2.3 x is no version"),
        ("--version ''", usual(), "", "the version is empty"),
        ("--version 0.1.0", usual(), "", "leave --version out"),
        (
            "--version 0.2.0 --version 0.3.0",
            usual(),
            "",
            "given twice",
        ),
        ("--date 2026-02-30", usual(), "", "2026-02-30 is no date"),
        ("--date today", usual(), "", "today is no date"),
        ("--dated 2026-02-03", usual(), "", "unknown option --dated"),
        ("", usual(), "git tag v0.1.0", "there is a tag v0.1.0"),
    ];
    for (options, changelog, before, says) in cases {
        let world = checkout(&changelog);
        world.sh(&format!(
            "export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
            {before}"
        ))
        .done();
        told_and_unchanged(&world, options, says);
    }
    let world = checkout(CHANGELOG);
    told_and_unchanged(&world, "--date", "--date needs a value");
    world.write("new.txt", "x");
    told_and_unchanged(&world, "", "changes that are not committed");
}

/// A file that cannot take the version is found when others are written already.
#[test]
fn what_fails_later_is_put_back() {
    let world = checkout(CHANGELOG);
    world.write("plugin/.claude-plugin/plugin.json", "{}\n");
    world.git("commit --all --quiet -m \"no version\"");
    let says = "plugin.json does not have version 0.1.0";
    told_and_unchanged(&world, "--version 0.2.0", says);
}

/// Trailing spaces would be in the notes for ever.
#[test]
fn what_git_complains_about_is_put_back() {
    let world = checkout(&CHANGELOG.replace("- One thing, and", "- One thing, and  "));
    told_and_unchanged(&world, "--date 2026-02-03", "git diff --check");
}

/// The second of two runs is told so.
#[test]
fn a_second_run_changes_nothing() {
    let world = checkout(CHANGELOG);
    release(&world, "--date 2026-02-03").done();
    world.git("add .");
    world.git("commit --quiet -m released");
    told_and_unchanged(&world, "--date 2026-02-03", "exists");
}

#[track_caller]
fn told_and_unchanged(world: &World, options: &str, says: &str) {
    // Git keeps what it was at, and refreshes what it knows of files.
    let except = [".git/ORIG_HEAD", ".git/index", ".git/logs", ".git/objects"];
    let before = Snapshot::of(world.dir(), &except);
    let indexed = world.git("ls-files --stage");
    release(world, options).exits(1).tells(says);
    let changed = Snapshot::of(world.dir(), &except).differs_from(&before);
    assert!(changed.is_empty(), "{options}: {changed:?}");
    assert_eq!(world.git("ls-files --stage"), indexed, "{options}");
}
