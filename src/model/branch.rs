//! Names of branches as they are typed behind `branch:`.
//!
//! Owns what a name means ([`Meant`]): claims and pushes use the short name, and a claim of a name
//! that no branch can have would guard nothing. Pure: never knows which branches exist.

/// The folder of branches in a repository.
const HEADS: &str = "refs/heads/";
/// Folders of what else Git calls a ref: a name below one is none of a branch.
const REFS: &str = "refs/";
/// What Git writes for the branch that is checked out.
const CURRENT: [&str; 2] = ["HEAD", "@"];

/// What a typed name of a branch means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant<'n> {
    /// The branch of that name.
    Itself,
    /// This branch: the full name of its ref was typed.
    Short(&'n str),
    /// The branch that is checked out.
    Current,
    /// No branch can have that name; perhaps this one was meant.
    Never {
        /// The name that was meant; `None` if there is no guess.
        meant: Option<&'n str>,
    },
    /// A branch may have that name, but most likely this one was meant.
    Unlikely {
        /// The name that was meant.
        meant: &'n str,
    },
}

/// Returns what a typed name means. `remotes` are names of remotes of the repository.
pub fn meant<'n>(name: &'n str, remotes: &[&str]) -> Meant<'n> {
    if CURRENT.contains(&name) {
        return Meant::Current;
    }
    if let Some(short) = name.strip_prefix(HEADS) {
        return match is_branch(short) {
            true => Meant::Short(short),
            false => Meant::Never { meant: None },
        };
    }
    let behind_remote = |name: &'n str| {
        let short = remotes
            .iter()
            .find_map(|remote| name.strip_prefix(*remote)?.strip_prefix('/'));
        short.filter(|short| is_branch(short))
    };
    if let Some(below) = name.strip_prefix(REFS) {
        let tracked = below.strip_prefix("remotes/");
        let meant = tracked.and_then(|tracked| {
            let by_name = behind_remote(tracked);
            by_name.or_else(|| tracked.split_once('/').map(|(_, short)| short))
        });
        let meant = meant.filter(|short| is_branch(short));
        return Meant::Never { meant };
    }
    if !is_branch(name) {
        let trimmed = name.trim_matches('/');
        let is_other = trimmed != name && is_branch(trimmed);
        return Meant::Never {
            meant: is_other.then_some(trimmed),
        };
    }
    let short = name.strip_prefix("heads/").filter(|short| is_branch(short));
    match short.or_else(|| behind_remote(name)) {
        Some(meant) => Meant::Unlikely { meant },
        None => Meant::Itself,
    }
}

/// Checks whether Git accepts `refs/heads/<name>`, as `git check-ref-format --branch` does.
fn is_branch(name: &str) -> bool {
    let is_part = |part: &str| {
        let is_hidden = part.starts_with('.') || part.ends_with(".lock");
        !part.is_empty() && !is_hidden
    };
    let is_odd = |c: char| c.is_ascii_control() || " ~^:?*[\\".contains(c);
    let ends_well = !name.starts_with('-') && !name.ends_with('.');
    let has_none_of = ["..", "@{"].iter().all(|odd| !name.contains(odd));
    ends_well
        && has_none_of
        && !CURRENT.contains(&name)
        && !name.contains(is_odd)
        && name.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_branches() {
        let never = |meant| Meant::Never { meant };
        for (name, means) in [
            ("main", Meant::Itself),
            ("feature/x+y", Meant::Itself),
            ("MAIN", Meant::Itself),
            ("a@b", Meant::Itself),
            ("refs/heads/main", Meant::Short("main")),
            ("refs/heads/a/b", Meant::Short("a/b")),
            ("HEAD", Meant::Current),
            ("@", Meant::Current),
            ("refs/heads/", never(None)),
            ("refs/heads/ma*", never(None)),
            ("refs/tags/v1", never(None)),
            ("refs/remotes/origin/main", never(Some("main"))),
            ("refs/remotes/a/b/main", never(Some("main"))),
            ("refs/remotes/other/main", never(Some("main"))),
            ("main/", never(Some("main"))),
            ("/main", never(Some("main"))),
            ("ma*", never(None)),
            ("*", never(None)),
            ("a..b", never(None)),
            ("a//b", never(None)),
            ("a b", never(None)),
            (".a", never(None)),
            ("a/.b", never(None)),
            ("a.lock", never(None)),
            ("a.", never(None)),
            ("-a", never(None)),
            ("a~1", never(None)),
            ("a:b", never(None)),
            ("@{-1}", never(None)),
            ("heads/main", Meant::Unlikely { meant: "main" }),
            ("origin/main", Meant::Unlikely { meant: "main" }),
            ("a/b/main", Meant::Unlikely { meant: "main" }),
            ("originally/main", Meant::Itself),
        ] {
            assert_eq!(meant(name, &["origin", "a/b"]), means, "{name}");
        }
        assert_eq!(meant("origin/main", &[]), Meant::Itself);
    }
}
