//! What the fuzz targets ask of the ledger: any bytes in the place of its files.
//!
//! Owns the questions about refs and the session cache, whose parsers are private. Built for the
//! workspace in `fuzz/` only. Never used by the program.

#![expect(clippy::expect_used, reason = "a fuzz target fails by a panic")]

use std::path::Path;

use super::layout;
use super::local::writers::Writers;
use super::permissions::Sharing;
use super::refs::{FileRefs, RefStore as _, RefValue};
pub use super::sessions::cache::fuzzed::{check_cache, check_changed_line};

/// Checks the ref `name` and all others of the repository in `dir`, whose files have any content.
///
/// `loose` is the content of the file of `name`: a ref has its object id and nothing else. A ref
/// that is listed is found by its name, with the same value.
pub fn check_refs(dir: &Path, name: &str, loose: Option<&[u8]>) {
    let repo = gix::open_opts(dir, gix::open::Options::isolated()).expect("a repository");
    let sharing = Sharing::default();
    let writers = Writers::new(repo.common_dir(), sharing);
    let refs = FileRefs::new(&repo, writers, false, sharing);
    if let (Some(bytes), Ok(value)) = (loose, refs.read(name)) {
        match value {
            RefValue::At(id) => {
                let found = bytes.trim_ascii_end().to_ascii_lowercase();
                assert_eq!(found, id.to_string().as_bytes(), "the id and white space");
            }
            RefValue::Broken(why) => assert!(!why.is_empty()),
            RefValue::Absent => panic!("a file that exists is no absent ref"),
        }
    }
    let Ok(listed) = refs.list(layout::ROOT) else {
        return;
    };
    for (name, value) in listed {
        assert!(name.starts_with(layout::ROOT), "{name:?}");
        // A search stops at a line that is no ref, and a list may pass it.
        if let (RefValue::At(listed), Ok(RefValue::At(found))) = (value, refs.read(&name)) {
            assert_eq!(listed, found, "{name}");
        }
    }
}
