//! What a push is about to do, as Git tells its hook.
//!
//! Owns the reading of the lines of standard input, and of the variables that pre-commit sets
//! instead of them. What is not understood is counted and left out. Never asks Git, never judges.

/// The most refs of one push that are looked at.
const REFS_MAX: usize = 10_000;
/// What pre-commit says to a hook of the stage `pre-push`.
pub const PRE_COMMIT: [&str; 4] = [
    "PRE_COMMIT_FROM_REF",
    "PRE_COMMIT_TO_REF",
    "PRE_COMMIT_LOCAL_BRANCH",
    "PRE_COMMIT_REMOTE_BRANCH",
];

const HEADS: &str = "refs/heads/";

/// A ref that is to move on the remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The ref there; what is not UTF-8 in it is replaced.
    pub name: String,
    /// What is to stand there; `None`: nothing, it is removed.
    pub new: Option<String>,
    /// What stands there; `None`: nothing yet.
    pub old: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    pub moved: Vec<Moved>,
    /// Lines that were not understood, or were too many.
    pub left_out: usize,
}

impl Moved {
    /// The branch there, if it is one.
    pub fn branch(&self) -> Option<&str> {
        self.name.strip_prefix(HEADS)
    }
}

/// Read `<local ref> <local id> <remote ref> <remote id>`, a line each. No name of a ref holds a
/// space, but the first word may be any revision that a user typed, `HEAD@{2 days ago}` too.
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

pub fn is_object(word: &str) -> bool {
    object(word.as_bytes()).is_some()
}

/// An object id, where zeros stand for none; `None` where it is no id.
fn object(word: &[u8]) -> Option<Option<String>> {
    let digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if !matches!(word.len(), 40 | 64) || !word.iter().all(digit) {
        return None;
    }
    let is_null = word.iter().all(|byte| *byte == b'0');
    Some((!is_null).then(|| String::from_utf8_lossy(word).into_owned()))
}

/// What pre-commit says; it tells of the first ref only, and nothing of a removed one.
pub fn from_pre_commit(variable: impl Fn(&str) -> Option<String>) -> Pushed {
    let [from, to, local, remote] = PRE_COMMIT.map(variable);
    let moved = remote.and_then(|name| {
        Some(Moved {
            name: match name.starts_with("refs/") {
                true => name,
                false => format!("{HEADS}{name}"),
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

    proptest! {
        #[test]
        fn no_input_panics_and_every_line_counts(input in any::<Vec<u8>>()) {
            let pushed = read(&input);
            let lines = input.split(|b| *b == b'\n').filter(|line| !line.is_empty());
            prop_assert_eq!(pushed.moved.len() + pushed.left_out, lines.count());
        }
    }
}
