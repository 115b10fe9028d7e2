//! Any bytes as `packed-refs` and as the file of a ref.
//!
//! Owns what holds of each: the refs are listed and found in the same way, or refused. Never writes
//! a ref.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use git_presence::ledger::fuzzed::check_refs;
use libfuzzer_sys::fuzz_target;

const NAME: &str = "refs/presence/sessions/a";
/// As much of a loose ref as is read.
const LOOSE_BYTES_MAX: usize = 255;

static REPOSITORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path();
    for folder in ["objects", "refs/presence/sessions"] {
        std::fs::create_dir_all(path.join(folder)).expect("a folder");
    }
    std::fs::write(path.join("HEAD"), "ref: refs/heads/main\n").expect("a file");
    let config = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";
    std::fs::write(path.join("config"), config).expect("a file");
    dir
});

fuzz_target!(|bytes: &[u8]| {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let dir: &Path = REPOSITORY.path();
    let (loose, packed) = (dir.join(NAME), dir.join("packed-refs"));
    if first % 2 == 0 {
        let _ = std::fs::remove_file(&loose);
        std::fs::write(&packed, rest).expect("a file");
        check_refs(dir, NAME, None);
    } else {
        let _ = std::fs::remove_file(&packed);
        let rest = &rest[..rest.len().min(LOOSE_BYTES_MAX)];
        std::fs::write(&loose, rest).expect("a file");
        check_refs(dir, NAME, Some(rest));
    }
});
