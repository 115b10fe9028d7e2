//! The remote that a push goes to.
//!
//! Owns which remote of the repository of the code a URL leads to: its tracking refs say what is
//! there. Git passes the name of a remote to its hook only if the user gave one, and a name may
//! have another URL for pushes. Never talks to a remote.

use super::opening::Opener;
use super::{Context, upstream};
use crate::ledger::repository::Repository;
use crate::ledger::urls::{is_one_place, leads_to};

/// How the names of many repositories end.
const DOT_GIT: &str = ".git";

impl Context {
    /// Returns true if the board is kept where `url` leads.
    pub fn is_board_at(&self, url: &str) -> bool {
        // Git, and most hosts, know a repository by its name without `.git` as well.
        let url = url.trim_end_matches('/');
        let other = url.strip_suffix(DOT_GIT).map(str::to_owned);
        let other = other.unwrap_or_else(|| format!("{url}{DOT_GIT}"));
        let ends = self.endpoints.as_ref();
        ends.is_some_and(|ends| {
            let is_there = leads_to(ends, &self.remotes_from);
            is_there(url) || is_there(&other)
        })
    }

    /// Returns the remote of the upstream of the branch that is checked out, if it has one. Opens
    /// the repository of the code: few verbs ask for that.
    pub fn upstream_remote(&self) -> Option<String> {
        let code = self.code.as_ref()?;
        let open = Opener::new(self.host);
        let here = Repository::open(&code.common_dir, &open.surroundings).ok()?;
        here.upstream_of(self.branch()?)
    }

    /// Returns the remote whose tracking refs say what is at the place of a push: one that is
    /// fetched from there, or else the named one, or else that of the code. A place that no remote
    /// is fetched from may be a spelling of that one which this machine cannot compare.
    pub fn remote_of_push(&self, name: Option<&str>, url: Option<&str>) -> Option<String> {
        let code = self.code.as_ref()?;
        let open = Opener::new(self.host);
        let here = Repository::open(&code.common_dir, &open.surroundings).ok()?;
        // The others would be patterns for `rev-list`.
        let is_plain = |name: &String| !name.contains([':', '*', '?', '[']);
        let names: Vec<String> = here.remote_names().into_iter().filter(is_plain).collect();
        let from = here.remotes_from();
        let is_there = |remote: &&String| {
            let fetched = here.endpoints(remote, &open.surroundings).fetch;
            let both = fetched.as_deref().zip(url);
            both.is_some_and(|(one, two)| is_one_place(one, two, &from))
        };
        let named = names.iter().find(|remote| Some(remote.as_str()) == name);
        let there = named.filter(is_there);
        let there = there.or_else(|| names.iter().find(is_there)).or(named);
        let chosen = || upstream(None, &names).name().map(str::to_owned);
        there.cloned().or_else(chosen)
    }
}
