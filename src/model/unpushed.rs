//! Commits of a branch that its remote does not have, as a session is told of them.
//!
//! Owns [`Unpushed`] and its sentence. Never looks for them, never decides who is told.

/// Commits of the branch that is checked out that its remote has on no branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpushed {
    /// The newest of them.
    pub head: String,
    /// How many there are.
    pub count: usize,
    /// The branch.
    pub branch: String,
    /// The remote of its upstream.
    pub remote: String,
    /// A file of theirs that a claim is about, if it is about files.
    pub file: Option<String>,
}

impl Unpushed {
    /// Returns what is not pushed, and the command that pushes it. `name` is how a name is shown,
    /// and `word` how it stands in a command, if it may.
    pub fn sentence(
        &self,
        name: impl Fn(&str) -> String,
        word: impl Fn(&str) -> Option<String>,
    ) -> String {
        let (count, is) = match self.count {
            1 => ("1 commit".to_owned(), "is"),
            count => (format!("{count} commits"), "are"),
        };
        let with = self.file.as_deref();
        let with = with.map(|file| format!(", with {},", name(file)));
        let how = word(&self.remote).zip(word(&self.branch));
        let how = how.map(|(remote, branch)| format!(": git push {remote} {branch}"));
        format!(
            "push{}; {count} of {}{} {is} not at {} yet",
            how.unwrap_or_default(),
            name(&self.branch),
            with.unwrap_or_default(),
            name(&self.remote)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_what_is_not_pushed_and_how_it_is() {
        let mut one = Unpushed {
            head: "aa".to_owned(),
            count: 1,
            branch: "main".to_owned(),
            remote: "origin".to_owned(),
            file: None,
        };
        let sentence = |one: &Unpushed| {
            let word = |name: &str| (!name.contains(' ')).then(|| name.to_owned());
            one.sentence(|name| format!("<{name}>"), word)
        };
        assert_eq!(
            sentence(&one),
            "push: git push origin main; 1 commit of <main> is not at <origin> yet"
        );
        one.count = 2;
        one.branch = "a b".to_owned();
        one.file = Some("src/a".to_owned());
        assert_eq!(
            sentence(&one),
            "push; 2 commits of <a b>, with <src/a>, are not at <origin> yet"
        );
    }
}
