//! Resources as they are typed: where one stands, without a type, with a slip, as a list.
//!
//! Owns what each spelling means, what is said of it, and that what is advised is accepted.

use crate::world::{BOB, World};

/// A repository with a few files, and a folder that looks like a pattern.
fn shop() -> World {
    let world = World::new();
    world.write("infra/dns.tf", "a\n");
    world.write("app/[id]/page.tsx", "b\n");
    world.write("real/conf", "c\n");
    world.write("a,b", "d\n");
    std::os::unix::fs::symlink("real", world.dir().join("current")).unwrap();
    world.git("add .");
    world.git("commit --quiet -m more");
    world
}

/// Standing there, what is typed is claimed as this.
#[track_caller]
fn means(at: &World, typed: &str, label: &str) {
    let said = at.bob(&format!("claim \"{typed}\" --purpose x --json"));
    let claimed = said.done().json();
    assert_eq!(
        claimed["claims"][0]["resource"], label,
        "{typed}: {claimed}"
    );
    at.bob(&format!("release \"{typed}\"")).done();
    at.bob("list --mine").says("Nothing is claimed");
}

#[test]
fn a_path_is_read_where_one_stands() {
    let world = shop();
    let infra = world.at("repo/infra");
    for (typed, label) in [
        ("path:./dns.tf", "path:infra/dns.tf"),
        ("path:.", "path:infra"),
        ("path:./", "path:infra"),
        ("path:..", "path:**"),
        ("path:../src/a.rs", "path:src/a.rs"),
        ("path:./../src", "path:src"),
        ("path:./*.tf", "path:infra/*.tf"),
        ("path:../**/*.rs", "path:**/*.rs"),
        ("path:./new/file", "path:infra/new/file"),
        // What is listed is written from the top, and can be typed again.
        ("path:infra/dns.tf", "path:infra/dns.tf"),
        ("path:infra/../src/a.rs", "path:src/a.rs"),
        ("path:src/**", "path:src/**"),
    ] {
        means(&infra, typed, label);
    }
    means(&world, "path:.", "path:**");
    means(&world, "path:./src/", "path:src");
    let top = world.dir().display().to_string();
    means(&infra, &format!("path:{top}/src/a.rs"), "path:src/a.rs");
    means(&infra, &format!("path:{top}"), "path:**");
    // Another work tree of the same repository has the same files.
    world.git("worktree add --quiet ../more");
    means(&infra, "path:../../more/src/a.rs", "path:src/a.rs");
    for outside in ["path:../../elsewhere", "path:/etc/hosts", "/etc/hosts"] {
        infra
            .bob(&format!("claim {outside} --purpose x"))
            .fails(129, "it is outside of /")
            .hints("git presence -C");
    }
    // By every verb in the same way.
    infra.alice("claim -x path:./dns.tf --purpose zone").done();
    infra.bob("peek path:./dns.tf").says("wizard@devvm@alice");
    infra
        .bob("hook pre-apply ./dns.tf")
        .refuses("path:infra/dns.tf is claimed by");
    infra.alice("fence ./dns.tf").done();
    infra.alice("log path:./dns.tf").says("path:infra/dns.tf");
    infra.alice("release path:./dns.tf").done();
}

#[test]
fn a_file_that_is_meant_here_and_named_from_the_top() {
    let infra = shop().at("repo/infra");
    infra
        .bob("claim path:dns.tf --purpose x")
        .done()
        .tells("path:dns.tf is read from the top of the repository")
        .tells("the file here is path:infra/dns.tf");
    infra
        .bob("claim path:src/a.rs --purpose x")
        .omits("is read from the top");
}

#[test]
fn a_path_without_a_type() {
    let world = shop();
    let infra = world.at("repo/infra");
    for (at, typed, label) in [
        (&world, "README", "path:README"),
        (&world, "src/a.rs", "path:src/a.rs"),
        (&world, "src/new.rs", "path:src/new.rs"),
        (&world, "src/*.rs", "path:src/*.rs"),
        (&infra, "dns.tf", "path:infra/dns.tf"),
        (&infra, "./dns.tf", "path:infra/dns.tf"),
        (&infra, "src/a.rs", "path:src/a.rs"),
        (&infra, "new/file", "path:infra/new/file"),
    ] {
        at.bob(&format!("claim {typed} --purpose x"))
            .says(format!("Claimed {label}").as_str())
            .tells(format!("is taken as {label}").as_str());
        at.bob(&format!("release {typed}")).done();
    }
    world
        .bob("claim k8s-1 --purpose x")
        .fails(129, "it has no type")
        .hints("node:, host:");
}

#[test]
fn names_that_look_like_patterns_and_links() {
    let world = shop();
    means(&world, "path:app/[id]/page.tsx", r"path:app/\[id]/page.tsx");
    means(&world, "path:app/[id]/**", r"path:app/\[id]/**");
    means(&world, "path:app/[i]d/page.tsx", "path:app/[i]d/page.tsx");
    means(
        &world,
        r"path:app/\[new\]/page.tsx",
        r"path:app/\[new]/page.tsx",
    );
    let page = world.at("repo/app/[id]");
    means(&page, "path:./page.tsx", r"path:app/\[id]/page.tsx");
    world
        .bob("claim \"path:app/[id]/page.tsx\" --purpose x")
        .done()
        .tells("is the name of a file");
    world.bob("release --all-mine").done();
    // Of two names of one file, that of the file counts.
    means(&world, "path:current/conf", "path:real/conf");
    means(&world, "path:current", "path:real");
    world
        .bob("claim path:current/conf --purpose x")
        .done()
        .tells("goes through a link, and is taken as path:real/conf");
    world.bob("release --all-mine").done();
    // A link that leads away is a file of the repository.
    std::os::unix::fs::symlink("/etc", world.dir().join("etc")).unwrap();
    means(&world, "path:etc", "path:etc");
    // Through a link above the tree.
    std::os::unix::fs::symlink(world.dir(), world.root().join("way")).unwrap();
    let way = world.root().join("way/src/a.rs").display().to_string();
    means(&world, &format!("path:{way}"), "path:src/a.rs");
}

#[test]
fn slips_and_lists_are_refused_with_what_was_meant() {
    let world = shop();
    for (typed, meant) in [
        ("file:src/a.rs", "write path:src/a.rs"),
        ("paht:src/a.rs", "write path:src/a.rs"),
        ("Path:src/a.rs", "write path:src/a.rs"),
        ("brach:main", "write branch:main"),
        ("nodes:k8s-1", "write node:k8s-1"),
        ("node:a,b", "node:a node:b"),
        ("path:README,src/a.rs", "path:README path:src/a.rs"),
        ("stack:dns,db:main", "stack:dns db:main"),
    ] {
        for verb in ["claim --purpose x", "peek", "hook pre-apply", "release"] {
            let said = world.bob(&format!("{verb} {typed}"));
            if verb == "release" {
                continue;
            }
            said.fails(129, "is not accepted").hints(meant);
        }
        let (_, words) = meant.rsplit_once("write ").unwrap_or(("", meant));
        world.bob(&format!("claim {words} --purpose x")).done();
        world.session(BOB, "release --all-mine").done();
    }
    means(&world, "path:a,b", "path:a,b");
    means(&world, r"path:c\,d", r"path:c,d");
    means(&world, "path:src/{a,b}.rs", "path:src/{a,b}.rs");
    for other in ["note:x", "mode:x", "gpu-slot:1", "post:a"] {
        means(&world, other, other);
    }
}

#[test]
fn without_a_work_tree() {
    let world = shop();
    world.at("board.git").git("init --quiet --bare");
    let bare = world.at("board.git");
    means(&bare, "path:src/a.rs", "path:src/a.rs");
    means(&bare, "path:.", "path:**");
    for typed in ["path:../a", "path:/a", "path:.."] {
        bare.bob(&format!("claim {typed} --purpose x"))
            .fails(129, "there is no work tree here");
    }
}
