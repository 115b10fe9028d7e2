//! Which object folders are read, and what is found in them.

use super::*;
use gix::objs::{Kind, Write as _};

fn folders(names: &[&str]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let root = tempfile::tempdir().unwrap();
    let make = |name: &&str| {
        let dir = root.path().join(name);
        fs::create_dir_all(dir.join("info")).unwrap();
        dir
    };
    let dirs = names.iter().map(make).collect();
    (root, dirs)
}

fn borrow(dir: &Path, lines: &str) {
    fs::write(alternates_of(dir), lines).unwrap();
}

#[test]
fn each_folder_is_used_once_whatever_leads_to_it() {
    let (root, dirs) = folders(&["a", "b", "c", "d"]);
    let [a, b, c, d] = &dirs[..] else { panic!() };
    assert_eq!(resolve(a), std::slice::from_ref(a), "none is borrowed");
    // A comment, an empty line, a missing folder, a file, itself, twice the same, a relative path.
    fs::write(root.path().join("file"), "").unwrap();
    let lines = format!(
        "# note\n\n/no/where\n../file\n{0}\n../b\n{1}\n\"../b\"\n",
        a.display(),
        b.display()
    );
    borrow(a, &lines);
    // The relative path of a second folder begins there; one leads back.
    borrow(b, &format!("../c\n{}\n", a.display()));
    borrow(c, &format!("{}\n{}", b.display(), d.display()));
    let found: Vec<PathBuf> = resolve(a).iter().map(|dir| canonical(dir)).collect();
    let wanted: Vec<PathBuf> = dirs.iter().map(|dir| canonical(dir)).collect();
    assert_eq!(found, wanted);
}

#[test]
fn a_chain_ends_where_it_ends_for_git() {
    let names: Vec<String> = (0..9).map(|n| format!("x{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (_root, dirs) = folders(&names);
    for pair in dirs.windows(2) {
        borrow(&pair[0], &pair[1].display().to_string());
    }
    assert_eq!(resolve(&dirs[0]).len(), 2 + DEPTH_MAX);
}

#[test]
fn an_object_is_found_beside_odd_alternates() {
    let (_root, dirs) = folders(&["a", "b"]);
    let [a, b] = &dirs[..] else { panic!() };
    borrow(a, &format!("{}\n{}\n/no/where\n", a.display(), b.display()));
    borrow(b, &a.display().to_string());
    let hash = gix::hash::Kind::Sha1;
    let store = odb::loose::Store::at(b, hash);
    let id = store.write_buf(Kind::Blob, b"borrowed").unwrap();
    let (reader, loose) = (PackedReader::new(a, hash), LooseReader::default());
    let read = |bytes_max| reader.read(&loose, id, bytes_max);
    assert!(matches!(read(8), Loose::Found(Kind::Blob, data) if data == b"borrowed"));
    assert!(matches!(read(7), Loose::TooLarge));
    assert!(reader.has(id));
    let absent = ObjectId::null(hash);
    assert!(matches!(reader.read(&loose, absent, 8), Loose::Absent));
    assert!(!reader.has(absent));
}
