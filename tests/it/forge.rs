//! Forged records, which git presence itself would never write.
//!
//! Owns the ways in which an attacker, or a power cut, puts bytes below `refs/presence/`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use git_presence::ledger::layout;
use git_presence::model::id::{NodeId, SessionId};

use crate::world::World;

/// The files of a flat tree: name and bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

impl World {
    /// The ref of a session that was written from this clone.
    pub fn ref_of(&self, id: &str) -> String {
        let node = self.git_dir().join("presence/node");
        let node = std::fs::read_to_string(node).expect("this clone has a name");
        let node = NodeId::parse(node.trim_end()).expect("the name of a clone");
        layout::session_ref(&SessionId::parse(id).expect("a session id"), node)
    }

    /// The file of a ref.
    pub fn ref_file(&self, name: &str) -> PathBuf {
        self.git_dir().join(name)
    }

    /// Every ref with its id, hidden ones and broken ones aside.
    pub fn refs(&self) -> String {
        self.git("for-each-ref --format=\"%(objectname) %(refname)\"")
    }

    pub fn files_of(&self, name: &str) -> Files {
        let listing = self.git(&format!("ls-tree {name}"));
        let file = |line: &str| {
            let (meta, path) = line.split_once('\t').expect("a line of ls-tree");
            let id = meta.split(' ').nth(2).expect("an object id");
            let said = self.try_git(&format!("cat-file blob {id}"));
            (path.to_owned(), said.out.into_bytes())
        };
        listing.lines().map(file).collect()
    }

    /// Put a commit with these files under a ref, on top of what is there.
    pub fn put(&self, name: &str, files: &Files, message: &str) {
        let mut tree = String::new();
        for (path, bytes) in files {
            let id = self.git_with_input("hash-object -w --stdin", bytes);
            tree.push_str(&format!("100644 blob {id}\t{path}\n"));
        }
        let tree = self.git_with_input("mktree", tree.as_bytes());
        let there = self.try_git(&format!("rev-parse --verify --quiet {name}"));
        let parent = match there.code {
            Some(0) => format!("-p {}", there.out.trim_end()),
            _ => String::new(),
        };
        let commit = self.git_with_input(
            &format!("commit-tree {tree} {parent} -F -"),
            message.as_bytes(),
        );
        self.git(&format!("update-ref {name} {commit}"));
    }

    /// Change the records under a ref behind the back of git presence.
    pub fn rewrite(&self, name: &str, edit: impl FnOnce(&mut Files)) {
        let mut files = self.files_of(name);
        edit(&mut files);
        let message = self.git(&format!("log -1 --format=%B {name}"));
        self.put(name, &files, &message);
    }

    /// The same for the one claim that stands under it.
    pub fn rewrite_claim(&self, name: &str, edit: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        self.rewrite(name, |files| {
            let claim = files
                .iter_mut()
                .find(|(path, _)| path.starts_with("claim-"));
            let (_, bytes) = claim.expect("a claim");
            *bytes = edit(std::mem::take(bytes));
        });
    }

    /// Git's own housekeeping succeeds; a broken ref is enough to fail all of it.
    pub fn git_is_content(&self) {
        self.git("gc --quiet");
        self.git("fsck --strict --no-dangling");
        self.git("clone --quiet --bare . ../elsewhere");
        self.git("fetch --quiet ../elsewhere");
    }

    /// What a power cut leaves: a ref file of no bytes, or of the wrong ones.
    pub fn break_ref(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.ref_file(name), bytes).expect("the ref file is written");
    }
}

/// Replace text in a record; it has to be there.
pub fn replace(from: &str, to: &str) -> impl FnOnce(Vec<u8>) -> Vec<u8> {
    let (from, to) = (from.to_owned(), to.to_owned());
    move |bytes| {
        let text = String::from_utf8(bytes).expect("a record is UTF-8");
        assert!(text.contains(&from), "no {from:?} in {text}");
        text.replace(&from, &to).into_bytes()
    }
}
