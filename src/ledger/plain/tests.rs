//! What stands in the place of a file, and what is done about it.

use super::*;
use rustix::fs::{CWD, FileType, Mode, mknodat};

const TEXT: (Access, &str, &[u8]) = (Access::New, ".new", b"ours");

/// A folder with a file outside, and one thing of each kind inside.
fn odd_folder() -> (tempfile::TempDir, PlainDir) {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("own");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(root.path().join("outside"), "precious").unwrap();
    let fifo = |name: &str| {
        let mode = Mode::from_raw_mode(0o600);
        mknodat(CWD, dir.join(name), FileType::Fifo, mode, 0).unwrap();
    };
    fifo("pipe");
    std::fs::create_dir(dir.join("folder")).unwrap();
    let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, dir.join(name)).unwrap();
    link(&root.path().join("outside"), "link");
    link(&root.path().join("absent"), "dangling");
    link(root.path(), "way-out");
    std::fs::hard_link(root.path().join("outside"), dir.join("twin")).unwrap();
    std::fs::write(dir.join("plain"), "ours").unwrap();
    let dir = PlainDir::open(&dir).unwrap();
    (root, dir)
}

#[track_caller]
fn odd<T>(result: io::Result<T>) -> Option<Odd> {
    match result {
        Ok(_) => panic!("it does not fail"),
        Err(error) => Foreign::of(&error).map(|foreign| foreign.odd),
    }
}

#[test]
fn only_plain_files_are_opened_and_nothing_waits() {
    let (root, dir) = odd_folder();
    for (name, what) in [
        ("pipe", Odd::Special),
        ("folder", Odd::Folder),
        ("link", Odd::Link),
        ("dangling", Odd::Link),
        ("way-out", Odd::Link),
    ] {
        for access in [Access::Read, Access::Lock, Access::Append] {
            assert_eq!(odd(dir.file(name, access)), Some(what), "{name}");
        }
        assert_eq!(odd(dir.read(name, 9)), Some(what), "{name}");
        assert_eq!(dir.odd(name), Some(what));
    }
    assert_eq!(odd(dir.read("absent", 9)), None);
    assert_eq!(odd(dir.read("plain", 3)), Some(Odd::Large { bytes_max: 3 }));
    assert_eq!(dir.read("plain", 4).unwrap(), b"ours");
    assert_eq!(odd(dir.file("twin", Access::Append)), Some(Odd::Linked));
    assert!(!root.path().join("absent").exists());
}

#[test]
fn whatever_has_the_name_is_replaced_and_not_written_through() {
    let (root, dir) = odd_folder();
    for name in [
        "pipe", "link", "dangling", "way-out", "twin", "plain", "new",
    ] {
        dir.replace(name, TEXT, |_| Ok(())).unwrap();
        assert_eq!(dir.read(name, 9).unwrap(), b"ours", "{name}");
    }
    assert_eq!(
        odd(dir.replace("folder", TEXT, |_| Ok(()))),
        Some(Odd::Folder)
    );
    let outside = std::fs::read_to_string(root.path().join("outside"));
    assert_eq!(outside.unwrap(), "precious");
    assert!(!root.path().join("absent").exists());
    let failed = dir.replace("plain", TEXT, |_| Err(ErrorKind::Other.into()));
    assert!(failed.is_err());
    let names = dir.names().unwrap();
    assert!(
        !names.iter().any(|name| name.starts_with(".new")),
        "{names:?}"
    );
}

#[test]
fn no_folder_is_entered_through_a_link() {
    let (root, dir) = odd_folder();
    let entered = |name: &str| dir.below(name, Sharing::default());
    assert_eq!(odd(entered("way-out").map(drop)), Some(Odd::Link));
    assert_eq!(odd(entered("plain").map(drop)), Some(Odd::NoFolder));
    assert_eq!(odd(entered("pipe").map(drop)), Some(Odd::NoFolder));
    let own = root.path().join("own");
    assert_eq!(
        odd(PlainDir::open(&own.join("way-out")).map(drop)),
        Some(Odd::Link)
    );
    assert_eq!(
        odd(PlainDir::open(&own.join("plain")).map(drop)),
        Some(Odd::NoFolder)
    );
    let below = entered("made").unwrap();
    dir.rename("pipe", &below, "moved").unwrap();
    assert_eq!(below.odd("moved"), Some(Odd::Special));
    below.remove("moved").unwrap();
    assert_eq!(below.names().unwrap(), Vec::<String>::new());
}

#[test]
fn a_pipe_is_opened_at_once() {
    let (root, _dir) = odd_folder();
    let mut bytes = Vec::new();
    let mut pipe = open_without_waiting(&root.path().join("own/pipe")).unwrap();
    assert_eq!(pipe.read_to_end(&mut bytes).unwrap(), 0);
}
