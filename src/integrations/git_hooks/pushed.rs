//! Refs that a push is about to move, as Git tells its hook.
//!
//! [`Pushed`] owns the parsing of standard input, and of the variables that pre-commit sets
//! instead. Lines that cannot be parsed are counted and left out. Never asks Git.

/// At most this many refs of one push are read.
const REFS_MAX: usize = 10_000;
/// Variables that pre-commit sets for a hook of the stage `pre-push`.
pub const PRE_COMMIT: [&str; 4] = [
    "PRE_COMMIT_FROM_REF",
    "PRE_COMMIT_TO_REF",
    "PRE_COMMIT_LOCAL_BRANCH",
    "PRE_COMMIT_REMOTE_BRANCH",
];

const HEADS: &str = "refs/heads/";

/// A ref that the push moves on the remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The remote ref. Bytes that are not UTF-8 are replaced.
    pub name: String,
    /// The object id after the push; `None` if the ref is deleted.
    pub new: Option<String>,
    /// The object id before the push; `None` if the ref is new.
    pub old: Option<String>,
}

/// All refs of a push.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// The refs that the push moves.
    pub moved: Vec<Moved>,
    /// Number of lines that could not be parsed or were too many.
    pub left_out: usize,
}

impl Moved {
    /// Returns the name of the remote branch, if the ref is one.
    pub fn branch(&self) -> Option<&str> {
        self.name.strip_prefix(HEADS)
    }
}

/// Parses lines of `<local ref> <local id> <remote ref> <remote id>`. Ref names have no spaces, but
/// the first word may be any revision that a user typed, such as `HEAD@{2 days ago}`.
pub fn read(input: &[u8]) -> Pushed {
    let mut pushed = Pushed::default();
    let lines = input.split(|byte| *byte == b'\n');
    for line in lines.filter(|line| !line.is_empty()) {
        match moved(line).filter(|_| pushed.moved.len() < REFS_MAX) {
            Some(moved) => pushed.moved.push(moved),
            None => pushed.left_out += 1,
        }
    }
    pushed
}

/// Parses one line.
fn moved(line: &[u8]) -> Option<Moved> {
    let mut words = line.rsplitn(4, |byte| *byte == b' ');
    let (old, name, new) = (words.next()?, words.next()?, words.next()?);
    let local = words.next()?;
    if local.is_empty() || !name.starts_with(b"refs/") || old.len() != new.len() {
        return None;
    }
    Some(Moved {
        name: String::from_utf8_lossy(name).into_owned(),
        new: object(new)?,
        old: object(old)?,
    })
}

/// Checks whether a word is an object id.
pub fn is_object(word: &str) -> bool {
    object(word.as_bytes()).is_some()
}

/// Parses an object id, where zeros stand for none. Returns `None` if it is no id.
fn object(word: &[u8]) -> Option<Option<String>> {
    let digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if !matches!(word.len(), 40 | 64) || !word.iter().all(digit) {
        return None;
    }
    let is_null = word.iter().all(|byte| *byte == b'0');
    Some((!is_null).then(|| String::from_utf8_lossy(word).into_owned()))
}

/// Returns whether a push removes from the remote what is not in this repository, by the command
/// lines of the processes above the hook, nearest first; `None` if none of them is a push.
/// `shows_all` says that it moves refs that only a push of all refs does.
pub fn removes_the_rest(callers: &[Vec<String>], shows_all: bool) -> Option<bool> {
    let is_git = |program: &str| program.rsplit(['/', '\\']).next() == Some("git");
    let is_push = |words: &&Vec<String>| {
        words.first().is_some_and(|program| is_git(program))
            && words.iter().any(|word| word == "push")
    };
    let words = callers.iter().find(is_push)?;
    let has = |option: &str| words.iter().any(|word| word == option);
    let is_all = shows_all || words.iter().any(|word| word.ends_with("refs/*"));
    // Git takes the start of an option for the option.
    let is_mirror = words
        .iter()
        .any(|word| word.len() > 3 && "--mirror".starts_with(&word[..]));
    Some(is_mirror || has("--prune") && is_all)
}

/// Reads the variables of pre-commit, which names only the first ref and no deleted ones.
pub fn from_pre_commit(variable: impl Fn(&str) -> Option<String>) -> Pushed {
    let [from, to, local, remote] = PRE_COMMIT.map(variable);
    let moved = remote.and_then(|name| {
        Some(Moved {
            name: if name.starts_with("refs/") {
                name
            } else {
                format!("{HEADS}{name}")
            },
            new: Some(to.or(local)?),
            old: from,
        })
    });
    Pushed {
        moved: moved.into_iter().collect(),
        left_out: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    fn one(line: &str) -> Option<Moved> {
        let pushed = read(line.as_bytes());
        assert_eq!(pushed.moved.len() + pushed.left_out, 1, "{line}");
        pushed.moved.into_iter().next()
    }

    #[test]
    fn lines_are_read() {
        let some = |id: &str| Some(id.to_owned());
        for (line, name, new, old) in [
            (
                format!("refs/heads/x {A} refs/heads/main {B}\n"),
                "refs/heads/main",
                some(A),
                some(B),
            ),
            (
                format!("refs/heads/x {A} refs/heads/main {B}"),
                "refs/heads/main",
                some(A),
                some(B),
            ),
            (
                format!("(delete) {ZERO} refs/heads/x {B}\n"),
                "refs/heads/x",
                None,
                some(B),
            ),
            (
                format!("refs/tags/v1 {A} refs/tags/v1 {ZERO}\n"),
                "refs/tags/v1",
                some(A),
                None,
            ),
            (
                format!("HEAD@{{2 days ago}} {A} refs/heads/x {ZERO}\n"),
                "refs/heads/x",
                some(A),
                None,
            ),
        ] {
            let name = name.to_owned();
            assert_eq!(one(&line), Some(Moved { name, new, old }), "{line}");
        }
        assert_eq!(
            one(&format!("x {A} refs/heads/a/b {B}")).unwrap().branch(),
            Some("a/b")
        );
        assert_eq!(
            one(&format!("x {A} refs/tags/a {B}")).unwrap().branch(),
            None
        );
    }

    #[test]
    fn what_is_not_understood_is_counted() {
        for line in [
            "x",
            "a b c",
            "a b c d",
            &format!("refs/heads/x {A} refs/heads/main"),
            &format!("refs/heads/x {A} refs/heads/main {}", &B[1..]),
            &format!(" {A} refs/heads/main {B}"),
            &format!("x {A} main {B}"),
            &format!("x {A} refs/heads/main {B}{B}"),
            &format!("x {} refs/heads/main {B}", A.to_uppercase()),
        ] {
            assert_eq!(one(line), None, "{line}");
        }
        let many = format!("x {A} refs/heads/x {B}\n").repeat(REFS_MAX + 3);
        let pushed = read(many.as_bytes());
        assert_eq!((pushed.moved.len(), pushed.left_out), (REFS_MAX, 3));
        assert_eq!(read(b""), Pushed::default());
    }

    #[test]
    fn a_name_that_is_not_utf_8_is_a_name_all_the_same() {
        let line = [
            format!("x {A} refs/heads/").as_bytes(),
            b"\xff\xfe ",
            B.as_bytes(),
        ]
        .concat();
        assert_eq!(read(&line).moved[0].branch(), Some("\u{FFFD}\u{FFFD}"));
    }

    #[test]
    fn pre_commit_says_it_in_variables() {
        let said = |pairs: &'static [(&str, &str)]| {
            from_pre_commit(|name| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(said(&[]), Pushed::default());
        let moved = said(&[
            ("PRE_COMMIT_FROM_REF", "aa"),
            ("PRE_COMMIT_TO_REF", "bb"),
            ("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main"),
        ]);
        let [moved] = moved.moved.as_slice() else {
            panic!()
        };
        assert_eq!(
            (moved.branch(), moved.old.as_deref()),
            (Some("main"), Some("aa"))
        );
        assert_eq!(moved.new.as_deref(), Some("bb"));
        let whole = said(&[
            ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/x"),
            ("PRE_COMMIT_REMOTE_BRANCH", "x"),
        ]);
        let [moved] = whole.moved.as_slice() else {
            panic!()
        };
        assert_eq!((moved.branch(), moved.old.as_deref()), (Some("x"), None));
        assert_eq!(moved.new.as_deref(), Some("refs/heads/x"));
    }

    #[test]
    fn a_push_of_all_refs_shows_in_its_command() {
        let of = |lines: &[&str], shows_all: bool| {
            let words = |line: &&str| line.split(' ').map(str::to_owned).collect();
            let callers: Vec<Vec<String>> = lines.iter().map(words).collect();
            removes_the_rest(&callers, shows_all)
        };
        for (line, removes) in [
            ("git push --mirror origin", Some(true)),
            ("/usr/bin/git -C x push origin --mirror", Some(true)),
            ("git push --mir origin", Some(true)),
            ("git push --prune origin +refs/*:refs/*", Some(true)),
            (
                "git push --prune origin +refs/heads/*:refs/heads/*",
                Some(false),
            ),
            ("git push origin main", Some(false)),
            ("git m origin", None),
            ("make push --mirror", None),
        ] {
            assert_eq!(
                of(&["sh .git/hooks/pre-push", line], false),
                removes,
                "{line}"
            );
        }
        assert_eq!(of(&["git push --prune origin"], true), Some(true));
        assert_eq!(of(&[], true), None);
    }

    proptest! {
        #[test]
        fn no_input_panics_and_every_line_counts(input in any::<Vec<u8>>()) {
            let pushed = read(&input);
            let lines = input.split(|b| *b == b'\n').filter(|line| !line.is_empty());
            prop_assert_eq!(pushed.moved.len() + pushed.left_out, lines.count());
        }
    }
}
