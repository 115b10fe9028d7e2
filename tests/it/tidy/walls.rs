//! The walls of the house.
//!
//! Owns the table of what each room of `src/` never mentions, and the few files that may; and the
//! same for files and folders inside a room, which keep both their own walls and those of the room.
//! A new edge between rooms is a new line here, and so a visible choice.

use super::scan::Source;
use super::{Complaint, JOINTS, check, none, sources};

/// What the files of one room, or of one corner of a room, never mention.
struct Wall {
    /// `src/git` is `src/git.rs` and all below `src/git/`. Several corners stand side by side.
    room: &'static str,
    /// Words: a path with all that is below it, `*::X` for any path with the segment `X`, or one
    /// of the groups below.
    never: &'static str,
    /// Files that may after all, and the one path that they may.
    but: &'static [(&'static str, &'static str)],
}

/// A name for several words.
const GROUPS: [(&str, &str); 5] = [
    // `std::time::Duration` and `UNIX_EPOCH` are values; these are clocks.
    (
        "@clock",
        "*::SystemTime *::Instant chrono::Local *::Utc::now *::sleep",
    ),
    // Even the one place that prints writes to a stream.
    (
        "@printing",
        "*::print! *::println! *::eprint! *::eprintln! std::io::stdout std::io::stderr",
    ),
    ("@formats", "serde serde_json toml"),
    // The rooms between the ledger and the use cases.
    ("@middle", "crate::sync crate::guard crate::integrations"),
    // The rooms above the ledger.
    (
        "@front",
        "crate::identity crate::config crate::context crate::failure crate::app crate::cli \
         crate::front crate::output",
    ),
];

const WALLS: &[Wall] = &[
    Wall {
        room: "src/clock",
        never: "gix clap @formats anyhow std::fs std::env std::io std::net std::process \
                std::thread @clock @printing crate::git crate::ledger crate::sync crate::host \
                @front",
        but: &[],
    },
    Wall {
        room: "src/model",
        never: "gix clap @formats tempfile anyhow rustix procfs getrandom std::fs std::env std::io \
                std::net std::process std::thread @clock @printing crate::git crate::ledger \
                crate::host @middle @front",
        but: &[],
    },
    Wall {
        room: "src/git",
        never: "gix clap @formats anyhow std::fs std::env std::net @clock @printing crate::model \
                crate::ledger crate::host @middle @front",
        but: &[],
    },
    Wall {
        room: "src/ledger",
        never: "clap anyhow std::env std::net std::process @clock @printing crate::git \
                crate::host @middle @front",
        but: &[
            // Git itself keeps the refs that are not files.
            ("src/ledger/store.rs", "crate::git::Git"),
            ("src/ledger/refs/cli.rs", "crate::git"),
            // Git itself packs refs; a second packer would have to know all that it knows.
            ("src/ledger/remote/packing.rs", "crate::git::Git"),
        ],
    },
    Wall {
        room: "src/sync",
        never: "gix clap @formats anyhow std::fs std::env std::net std::process @clock @printing \
                crate::host crate::guard crate::integrations @front",
        but: &[],
    },
    Wall {
        room: "src/host",
        never: "gix clap @formats std::net std::process::Command @printing crate::git \
                crate::ledger crate::config crate::context crate::failure crate::app crate::cli \
                crate::output",
        but: &[
            // The command that a user runs under a claim, and this program in the background.
            ("src/host/child.rs", "std::process::Command"),
            // The browser of the user.
            ("src/host/browser.rs", "std::process::Command"),
            // Whether a stream is a terminal.
            ("src/host/terminal.rs", "std::io::stdout"),
            ("src/host/terminal.rs", "std::io::stderr"),
        ],
    },
    Wall {
        room: "src/identity",
        never: "gix clap @formats std::fs std::env std::io std::net std::process @clock @printing \
                crate::git crate::ledger crate::host crate::config crate::context crate::failure \
                crate::app crate::cli @middle crate::output",
        but: &[],
    },
    Wall {
        room: "src/config",
        never: "gix clap @formats std::fs std::env std::io std::net std::process @clock @printing \
                crate::git crate::ledger crate::host crate::identity crate::context \
                crate::failure crate::app crate::cli @middle crate::output",
        but: &[(
            "src/config/mod.rs",
            "crate::ledger::raw_settings::RawSetting",
        )],
    },
    Wall {
        room: "src/failure",
        never: "gix clap @formats std::fs std::env std::net std::process @clock @printing \
                crate::git crate::host crate::identity crate::config crate::context \
                crate::app crate::cli crate::output",
        but: &[],
    },
    Wall {
        room: "src/context",
        never: "gix clap @formats std::fs std::env std::net std::process @clock @printing \
                crate::git crate::app crate::cli crate::output",
        but: &[
            // It takes a value apart and reads nothing.
            ("src/context/opening.rs", "std::env::split_paths"),
            // Settings, environment and ledger come together in how a remote is talked to.
            ("src/context/mod.rs", "crate::git"),
        ],
    },
    Wall {
        // Foreign text is judged by pure functions.
        room: "src/guard",
        never: "gix clap @formats anyhow std::fs std::env std::io std::net std::process \
                std::thread @clock @printing crate::git crate::ledger crate::sync crate::host \
                crate::integrations @front",
        but: &[],
    },
    Wall {
        room: "src/integrations",
        never: "gix std::fs std::env std::net std::process @clock @printing crate::git \
                crate::output",
        but: &[],
    },
    Wall {
        // Use cases: any front end may call them.
        room: "src/app",
        never: "gix clap anstream @formats std::fs std::env std::net std::process @clock \
                @printing crate::git crate::cli crate::front crate::output",
        but: &[
            // What is asked of the repository of the code, and what Git said instead.
            ("src/app/hooks/pre_push.rs", "crate::git"),
            ("src/app/hooks/agent/pushed.rs", "crate::git"),
            ("src/app/setup/git_hooks.rs", "crate::git::GitError"),
            // Manual pages go to a folder that the user names; no ledger is involved.
            ("src/app/setup/man_pages.rs", "std::fs"),
        ],
    },
    Wall {
        // Arguments become requests; the work is done in `app`.
        room: "src/cli",
        never: "gix anstream @formats std::fs std::env std::net std::process @clock @printing \
                crate::git crate::ledger crate::sync",
        but: &[],
    },
    Wall {
        // They show what use cases report, each in its place. The server of pages alone listens.
        room: "src/front",
        never: "gix clap toml anyhow std::fs std::env std::process @clock @printing crate::git \
                crate::ledger crate::sync crate::cli",
        but: &[
            // A screen is drawn piece by piece; no report can hold it.
            ("src/front/board/screen.rs", "std::io::stdout"),
            // A client that sends or takes nothing is not waited for without end.
            ("src/front/serve/wire.rs", "std::time::Instant"),
            ("src/front/serve/wire.rs", "tokio::time::sleep"),
            // A trait of the library has a function of that name.
            ("src/front/serve/wire.rs", "sleep"),
        ],
    },
    Wall {
        room: "src/output",
        never: "gix toml std::fs std::env std::net std::process @clock @printing crate::git \
                crate::ledger crate::host crate::identity crate::context crate::cli crate::front",
        but: &[
            ("src/output/stream.rs", "std::io::stdout"),
            ("src/output/stream.rs", "std::io::stderr"),
        ],
    },
];

/// Walls inside rooms: what stands lower in a folder never mentions what stands higher.
const INNER_WALLS: &[Wall] = &[
    Wall {
        // Values know nothing of the rules that are made of them.
        room: "src/model/actor src/model/holding src/model/id src/model/path src/model/resource \
               src/model/text src/model/time src/model/token src/model/unreadable",
        never: "crate::model::board crate::model::event \
                crate::model::lock_request crate::model::lock crate::model::refusal \
                crate::model::session",
        but: &[],
    },
    Wall {
        // What Git printed is taken apart without asking Git anything.
        room: "src/git/porcelain",
        never: "crate::git::Git crate::git::remote std::process std::io",
        but: &[],
    },
    Wall {
        // Deciding what a sync does needs no remote.
        room: "src/sync/plan",
        never: "crate::sync::git_replicas crate::sync::locks crate::sync::probe crate::sync::rounds \
                crate::git crate::ledger::Ledger",
        but: &[],
    },
    Wall {
        // A store of refs does not know what the refs are for.
        room: "src/ledger/refs",
        never: "crate::ledger::store crate::ledger::sessions crate::ledger::locks \
                crate::ledger::records crate::sync",
        but: &[],
    },
    Wall {
        // The use cases on which others stand.
        room: "src/app/background src/app/remote src/app/warnings",
        never: "crate::app::board crate::app::claims crate::app::hooks crate::app::sessions \
                crate::app::setup crate::app::sync",
        but: &[],
    },
    Wall {
        // Claims are below all verbs but those about remotes.
        room: "src/app/claims",
        never: "crate::app::board crate::app::hooks crate::app::sessions crate::app::setup \
                crate::app::sync",
        but: &[],
    },
    Wall {
        // The ground floor of printing knows no use case.
        room: "src/output/shapes src/output/stream src/output/style src/output/table \
               src/output/when",
        never: "crate::app crate::failure",
        but: &[],
    },
];

impl Wall {
    fn is_around(&self, file: &str) -> bool {
        let around = |room: &str| {
            let rest = file.strip_prefix(room);
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        self.room.split_whitespace().any(around)
    }

    /// The word that forbids `path` to `file`, if there is one.
    fn forbids(&self, file: &str, path: &str) -> Option<&'static str> {
        let mut excuses = self.but.iter().filter(|(excused, _)| *excused == file);
        if excuses.any(|(_, excuse)| covers(excuse, path)) {
            return None;
        }
        words(self.never).find(|word| covers(word, path))
    }
}

/// The words of a list, groups spelled out.
fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_whitespace().flat_map(|word| {
        let group = GROUPS.iter().find(|(name, _)| *name == word);
        group.map_or(word, |(_, words)| *words).split_whitespace()
    })
}

/// Whether `path` is what `word` says, or below it.
fn covers(word: &str, path: &str) -> bool {
    match word.strip_prefix("*::") {
        Some(inner) => format!("::{path}::").contains(&format!("::{inner}::")),
        None => path == word || path.starts_with(&format!("{word}::")),
    }
}

/// What a file mentions although its room never does.
fn walls(source: &Source) -> Vec<Complaint> {
    if JOINTS.contains(&source.path.as_str()) {
        return Vec::new();
    }
    if !WALLS.iter().any(|wall| wall.is_around(&source.path)) {
        return vec![source.complaint(0, "it stands in no room: give it one in tidy/walls.rs")];
    }
    let walls = WALLS.iter().chain(INNER_WALLS);
    let walls: Vec<&Wall> = walls.filter(|wall| wall.is_around(&source.path)).collect();
    let mut complaints = Vec::new();
    for mention in source.mentions() {
        let mut holes = walls.iter().rev().filter_map(|wall| {
            let word = wall.forbids(&source.path, &mention.path)?;
            Some((wall.room, word))
        });
        // One is enough for a mention: a room and its corner may forbid the same.
        if let Some((room, word)) = holes.next() {
            let rule = format!("mentions {}; {room} never mentions {word}", mention.path);
            complaints.push(source.complaint(mention.line, rule));
        }
    }
    complaints
}

#[test]
fn every_room_keeps_its_walls() {
    none(sources().iter().flat_map(walls));
}

#[test]
fn every_room_is_lived_in_and_every_excuse_is_used() {
    let sources = sources();
    for wall in WALLS.iter().chain(INNER_WALLS) {
        for room in wall.room.split_whitespace() {
            let corner = Wall { room, ..*wall };
            let lived_in = sources.iter().any(|source| corner.is_around(&source.path));
            assert!(lived_in, "no file stands in {room}");
        }
        for (file, path) in wall.but {
            let source = sources.iter().find(|source| source.path == *file);
            let mut mentions = source.map(Source::mentions).unwrap_or_default().into_iter();
            let used = mentions.any(|mention| covers(path, &mention.path));
            assert!(used, "{file} is excused for {path} and does not mention it");
        }
    }
    let all = WALLS.iter().chain(INNER_WALLS);
    let all: Vec<&str> = all.flat_map(|wall| words(wall.never)).collect();
    let modules: Vec<String> = sources.iter().map(|s| s.module().join("::")).collect();
    for word in all.iter().filter_map(|word| word.strip_prefix("crate::")) {
        let is_there = |module: &String| format!("{module}::").starts_with(&format!("{word}::"));
        // An item begins with a capital.
        let is_item = word
            .rsplit("::")
            .next()
            .is_some_and(|name| name.starts_with(char::is_uppercase));
        assert!(
            is_item || modules.iter().any(is_there),
            "no module {word} stands in src/"
        );
    }
    let unknown: Vec<&&str> = all.iter().filter(|word| word.starts_with('@')).collect();
    assert!(unknown.is_empty(), "no such group: {unknown:?}");
}

#[test]
fn a_hole_in_a_wall_is_found() {
    let model = |text: &str, lines: &[usize]| check(walls, "src/model/a.rs", text, lines);
    model("use chrono::DateTime;\nuse super::text::{self, A};\n", &[]);
    model("use gix::ObjectId;\n", &[1]);
    model("use std::{\n    fmt,\n    fs::{self, File},\n};\n", &[3, 3]);
    model("fn f() {\n    std::env::var(\"A\");\n}\n", &[2]);
    model(
        "fn f() -> SystemTime {\n    SystemTime::now()\n}\n",
        &[1, 2],
    );
    model("use super::super::ledger;\n", &[1]);
    model("use crate::ledger as l;\n", &[1]);
    model(
        "//! gix\n// std::fs\nconst A: &str = \"std::fs\"; /* toml */\n",
        &[],
    );
    model("#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n", &[]);
    model("fn f() { println!(\"x\"); }\n", &[1]);
    model("fn f(a: serde_json::Value) {}\n", &[1]);

    let ledger = "use crate::git::Git;\nuse clap::Args;\n";
    check(walls, "src/ledger/a.rs", ledger, &[1, 2]);
    let git = "use crate::git::{Git, Output};\n";
    check(walls, "src/ledger/refs/cli.rs", git, &[]);
    check(walls, "src/ledger/store.rs", git, &[1]);
    let verb = "use std::process::Command;\nuse std::fs;\n";
    check(walls, "src/app/a.rs", verb, &[1, 2]);
    check(walls, "src/app/setup/man_pages.rs", verb, &[1]);
    let report = "use crate::model::event::Entry;\nuse crate::ledger::Ledger;\n";
    check(walls, "src/output/shapes.rs", report, &[2]);
    let prints = "fn f() { std::io::stdout(); }\n";
    check(walls, "src/output/table.rs", prints, &[1]);
    check(walls, "src/output/stream.rs", prints, &[]);
    check(walls, "src/identity/a.rs", "use crate::host::Host;\n", &[1]);
    check(walls, "src/newroom.rs", "use std::fmt;\n", &[1]);
    let porcelain = "src/git/porcelain/push.rs";
    check(walls, porcelain, "use super::super::Git;\n", &[1]);
    check(
        walls,
        porcelain,
        "use super::Failure;\nuse std::fs;\n",
        &[2],
    );
    check(walls, "src/model/id.rs", "use super::board::Board;\n", &[1]);
    check(
        walls,
        "src/model/session.rs",
        "use super::board::Board;\n",
        &[],
    );
    check(walls, "src/lib.rs", "use clap::Parser;\n", &[]);
}
