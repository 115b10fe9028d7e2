//! Contract tests that run over all three ref stores.
//!
//! Owns the cases of [`RefStore`], and those of files alone. Never tests what a ref stands for.

use std::path::Path;

use gix::ObjectId;
use gix::objs::{Kind, Write as _};

use super::memory::MemoryRefs;
use super::{CliRefs, FileRefs, RefStore, RefValue, SwapError};
use crate::git::Git;
use crate::ledger::local::writers::Writers;
use crate::ledger::permissions::Sharing;

const A: &str = "refs/presence/sessions/a-0000000000000000";
const B: &str = "refs/presence/sessions/b-0000000000000000";

#[expect(clippy::disallowed_methods, reason = "a repository to test on")]
fn git(dir: &Path, args: &[&str]) {
    let mut command = std::process::Command::new("git");
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_"))
    {
        command.env_remove(name);
    }
    let status = command.arg("-C").arg(dir).args(args).output().unwrap();
    assert!(
        status.status.success(),
        "git {args:?}: {}",
        String::from_utf8_lossy(&status.stderr)
    );
}

fn repository(format: &str) -> (tempfile::TempDir, gix::Repository) {
    let dir = tempfile::tempdir().unwrap();
    git(
        dir.path(),
        &[
            "init",
            "-q",
            "--bare",
            &format!("--ref-format={format}"),
            ".",
        ],
    );
    let repo = gix::open_opts(dir.path(), gix::open::Options::isolated()).unwrap();
    (dir, repo)
}

fn file_refs(repo: &gix::Repository, durable: bool) -> FileRefs {
    let sharing = Sharing::default();
    let writers = Writers::new(repo.common_dir(), sharing);
    FileRefs::new(repo, writers, durable, sharing)
}

/// Objects that refs may name; Git checks that they exist.
fn objects(repo: &gix::Repository) -> [ObjectId; 3] {
    ["1", "2", "3"].map(|text| repo.objects.write_buf(Kind::Blob, text.as_bytes()).unwrap())
}

fn for_each_store(test: impl Fn(&str, &dyn RefStore, [ObjectId; 3])) {
    let (_dir, repo) = repository("files");
    test("files", &file_refs(&repo, true), objects(&repo));
    let (_dir, repo) = repository("files");
    test(
        "git over files",
        &CliRefs::new(Git::at(repo.git_dir()), true),
        objects(&repo),
    );
    let (_dir, repo) = repository("reftable");
    test(
        "git over reftable",
        &CliRefs::new(Git::at(repo.git_dir()), true),
        objects(&repo),
    );
    let (_dir, repo) = repository("files");
    test("memory", &MemoryRefs::default(), objects(&repo));
}

#[test]
fn a_ref_is_made_moved_and_read() {
    for_each_store(|store, refs, [one, two, _]| {
        assert_eq!(refs.read(A).unwrap(), RefValue::Absent, "{store}");
        refs.swap(A, None, one).unwrap();
        refs.swap(A, Some(one), two).unwrap();
        refs.swap(B, None, one).unwrap();
        assert_eq!(refs.read(A).unwrap(), RefValue::At(two), "{store}");
        let all = vec![
            (A.to_owned(), RefValue::At(two)),
            (B.to_owned(), RefValue::At(one)),
        ];
        assert_eq!(
            refs.list("refs/presence/sessions/").unwrap(),
            all,
            "{store}"
        );
        assert_eq!(refs.list("refs/presence/").unwrap(), all, "{store}");
        assert_eq!(refs.list("refs/presence/locks/").unwrap(), [], "{store}");
    });
}

#[test]
fn a_wrong_expectation_loses_and_changes_nothing() {
    for_each_store(|store, refs, [one, two, three]| {
        let lost = |expected, new| match refs.swap(A, expected, new) {
            Err(SwapError::Lost(_)) => {}
            other => panic!("{store}: {other:?}"),
        };
        lost(Some(one), two);
        refs.swap(A, None, one).unwrap();
        lost(None, two);
        // Also for the value that the ref has already: only one of two equal claims wins.
        lost(None, one);
        lost(Some(two), three);
        assert_eq!(refs.read(A).unwrap(), RefValue::At(one), "{store}");
    });
}

#[test]
fn a_repair_replaces_only_what_was_found() {
    for_each_store(|store, refs, [one, two, three]| {
        refs.swap(A, None, one).unwrap();
        assert!(
            refs.repair(A, &RefValue::At(two), Some(three)).is_err(),
            "{store}"
        );
        assert_eq!(refs.read(A).unwrap(), RefValue::At(one), "{store}");
        refs.repair(A, &RefValue::At(one), Some(two)).unwrap();
        assert_eq!(refs.read(A).unwrap(), RefValue::At(two), "{store}");
        refs.repair(A, &RefValue::At(two), None).unwrap();
        assert_eq!(refs.read(A).unwrap(), RefValue::Absent, "{store}");
    });
}

fn files() -> (tempfile::TempDir, gix::Repository, FileRefs, [ObjectId; 3]) {
    let (dir, repo) = repository("files");
    let refs = file_refs(&repo, true);
    let ids = objects(&repo);
    (dir, repo, refs, ids)
}

#[test]
fn a_broken_file_is_never_absent_and_never_swapped_over() {
    let (dir, _repo, refs, [one, two, _]) = files();
    let path = dir.path().join(A);
    for garbage in [
        "",
        "\n",
        "0000",
        "ref: refs/heads/main\n",
        "no id at all",
        &"0".repeat(40),
    ] {
        refs.swap(A, None, one).unwrap();
        std::fs::write(&path, garbage).unwrap();
        let found = refs.read(A).unwrap();
        assert!(matches!(found, RefValue::Broken(_)), "{garbage:?}");
        assert_eq!(
            refs.list("refs/presence/").unwrap(),
            [(A.to_owned(), found.clone())]
        );
        for expected in [None, Some(one)] {
            let refused = refs.swap(A, expected, two);
            assert!(
                matches!(refused, Err(SwapError::Broken { .. })),
                "{garbage:?}"
            );
        }
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            garbage,
            "it is left alone"
        );
        refs.repair(A, &found, None).unwrap();
        assert_eq!(refs.read(A).unwrap(), RefValue::Absent);
    }
}

#[test]
fn packed_refs_count_and_loose_ones_win() {
    let (dir, _repo, refs, [one, two, three]) = files();
    refs.swap(A, None, one).unwrap();
    refs.swap(B, None, one).unwrap();
    git(dir.path(), &["pack-refs", "--all", "--prune"]);
    assert!(!dir.path().join(A).exists());
    assert_eq!(refs.read(A).unwrap(), RefValue::At(one));
    assert!(matches!(refs.swap(A, None, two), Err(SwapError::Lost(_))));
    refs.swap(A, Some(one), two).unwrap();
    let all = [
        (A.to_owned(), RefValue::At(two)),
        (B.to_owned(), RefValue::At(one)),
    ];
    assert_eq!(refs.list("refs/presence/").unwrap(), all);
    refs.repair(B, &RefValue::At(one), None).unwrap();
    assert_eq!(refs.read(B).unwrap(), RefValue::Absent);
    // Moving a ref needs no lock on `packed-refs`.
    std::fs::write(dir.path().join("packed-refs.lock"), "").unwrap();
    refs.swap(A, Some(two), three).unwrap();
}

#[test]
fn a_lock_is_respected_and_named() {
    let (dir, _repo, refs, [one, ..]) = files();
    std::fs::create_dir_all(dir.path().join("refs/presence/sessions")).unwrap();
    std::fs::write(dir.path().join(format!("{A}.lock")), "").unwrap();
    match refs.swap(A, None, one) {
        Err(SwapError::Busy(what)) => assert_eq!(what, format!("{A}.lock")),
        other => panic!("{other:?}"),
    }
    assert_eq!(refs.list("refs/presence/").unwrap(), [], "a lock is no ref");
}

#[test]
fn a_conflicting_foreign_ref_is_named() {
    let foreign = "refs/presence/sessions";
    let (dir, _repo, refs, [one, ..]) = files();
    git(dir.path(), &["update-ref", foreign, &one.to_string()]);
    let is_clash =
        |error: &SwapError| matches!(error, SwapError::Clash { with } if with == foreign);
    let loose = refs.swap(A, None, one).unwrap_err();
    assert!(is_clash(&loose), "{loose:?}");
    assert!(refs.list("refs/presence/sessions/").is_err());
    assert!(refs.read(A).is_err());
    git(dir.path(), &["pack-refs", "--all", "--prune"]);
    let packed = refs.swap(A, None, one).unwrap_err();
    assert!(is_clash(&packed), "{packed:?}");
    let (dir, repo) = repository("reftable");
    let [one, ..] = objects(&repo);
    git(dir.path(), &["update-ref", foreign, &one.to_string()]);
    let refs = CliRefs::new(Git::at(repo.git_dir()), true);
    let reftable = refs.swap(A, None, one).unwrap_err();
    assert!(is_clash(&reftable), "{reftable:?}");
}

#[test]
fn one_of_many_threads_wins() {
    let (dir, _repo, _refs, ids) = files();
    let wins: usize = std::thread::scope(|scope| {
        let race = |id: ObjectId| {
            let path = dir.path();
            scope.spawn(move || {
                let repo = gix::open_opts(path, gix::open::Options::isolated()).unwrap();
                let refs = file_refs(&repo, false);
                let attempt = || refs.swap(A, None, id);
                (0..50).filter(|_| attempt().is_ok()).count()
            })
        };
        let threads: Vec<_> = (0..8).map(|n| race(ids[n % 3])).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(wins, 1);
}
