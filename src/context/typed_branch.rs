//! Branches as a user types them.
//!
//! Owns what is made of a name that is no short name of a branch: `model::branch` says what it
//! means, and this asks which branches there are here. Never accepts what no push can meet.

use std::time::Duration;

use super::typed::{Misread, Typed};
use super::{Context, Upstream};
use crate::clock::Clock as _;
use crate::model::branch::{Meant, meant};
use crate::model::resource::Resource;
use crate::model::text;

/// How long Git is asked whether there is a branch.
const ASK_WAIT: Duration = Duration::from_secs(2);

impl Context {
    /// Reads what stands behind `branch:`.
    pub(super) fn typed_branch(&self, name: &str) -> Result<Typed, Misread> {
        let behind = self.behind_project(name).filter(|rest| !rest.is_empty());
        let own = behind.unwrap_or(name);
        let remotes: Vec<&str> = match &self.upstream {
            Upstream::Named(name) | Upstream::Missing(name) => vec![name],
            Upstream::Several(names) => names.iter().map(String::as_str).collect(),
            Upstream::None => Vec::new(),
        };
        let refused = |may_be: bool, meant: Option<&str>| {
            let meant = meant.map(|name| format!("branch:{name}"));
            Err(Misread::NoBranch { may_be, meant })
        };
        let (short, is_full) = match meant(own, &remotes) {
            Meant::Itself => (own, false),
            Meant::Short(short) => (short, true),
            Meant::Current => return refused(false, self.branch()),
            Meant::Never { meant } => return refused(false, meant),
            Meant::Unlikely { .. } if self.has_branch(own) => (own, false),
            Meant::Unlikely { meant } => return refused(true, Some(meant)),
        };
        let resource = Resource::parse(&format!("branch:{short}")).map_err(Misread::Not)?;
        let resource = self.named_on_board(&resource)?;
        Ok(Typed {
            note: is_full.then(|| format!("{} is taken as {resource}", text::name(name))),
            resource,
        })
    }

    fn has_branch(&self, name: &str) -> bool {
        let until = self.host.elapsed() + ASK_WAIT;
        let left = || until.saturating_sub(self.host.elapsed());
        self.code.as_ref().is_some_and(|code| {
            let found = code.git.resolve(&format!("refs/heads/{name}"), &left);
            found.is_ok()
        })
    }
}
