//! The name of a repository on a board that it shares with others.
//!
//! Owns which name that is, and how it stands in front of paths and branches there, so that those
//! of several repositories are apart. A repository that keeps its own board has none.

use std::path::Path;

use super::{Context, upstream};
use crate::config::Config;
use crate::ledger::repository::{Repository, Surroundings};
use crate::model::resource::{Resource, ResourceKind};

/// Returns the name of the repository `here` on a board of another one: the configured one, or what
/// the URL of its remote ends with, or the name of its folder.
pub(super) fn project(
    config: &Config,
    here: &Repository,
    surroundings: &Surroundings,
) -> Option<String> {
    let named = config.project.clone().or_else(|| {
        let upstream = upstream(None, &here.remote_names());
        let url = here.endpoints(upstream.name()?, surroundings).fetch?;
        last_name(&url)
    });
    let folder = || {
        let dir = here.git_dir();
        let is_inside = dir.ends_with(".git");
        let folder = if is_inside { dir.parent()? } else { &dir };
        last_name(folder.to_str()?)
    };
    let name = named.or_else(folder)?;
    let name = name.trim_matches('/');
    // A name that cannot stand in a label would make every path unusable.
    let is_usable = |name: &&str| Resource::parse(&format!("branch:{name}/x")).is_ok();
    Some(name)
        .filter(|name| !name.is_empty())
        .filter(is_usable)
        .map(str::to_owned)
}

/// Returns the last name of a URL or a path, without `.git`.
fn last_name(url: &str) -> Option<String> {
    let url = url.trim_end_matches('/');
    let url = url.strip_suffix("/.git").unwrap_or(url);
    let name = url.rsplit(['/', ':', '\\']).next()?;
    let name = name.strip_suffix(".git").unwrap_or(name);
    Some(name)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
}

impl Context {
    /// Returns the name of this repository on a board that it shares with others.
    pub fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    /// Returns the name that a file or a branch of this repository has on the board.
    pub fn name_on_board(&self, name: &str) -> String {
        match &self.project {
            Some(project) => format!("{project}/{name}"),
            None => name.to_owned(),
        }
    }

    /// Returns a path or a branch of this repository as it stands on the board; any other resource
    /// is what it is everywhere.
    pub fn on_board(&self, resource: &Resource) -> Resource {
        let Some(project) = &self.project else {
            return resource.clone();
        };
        let has_it = resource.name() == project || is_below(resource.name(), project);
        let label = match resource.kind() {
            ResourceKind::Path if resource.name() == "**" => {
                format!("path:{}/**", escaped(project))
            }
            ResourceKind::Path => format!("path:{}/{}", escaped(project), resource.name()),
            ResourceKind::Branch if !has_it => format!("branch:{project}/{}", resource.name()),
            _ => return resource.clone(),
        };
        Resource::from_record(&label).unwrap_or_else(|_| resource.clone())
    }

    /// Returns true if a typed path already begins with the name of this repository, and not with
    /// the name of a folder at its top.
    pub(super) fn has_project(&self, top: &Path, path: &str) -> bool {
        let project = self.project.as_deref();
        let has_it = |project: &str| path == project || is_below(path, project);
        project.is_some_and(|project| has_it(project) && !top.join(project).exists())
    }
}

fn is_below(name: &str, project: &str) -> bool {
    name.strip_prefix(project)
        .is_some_and(|rest| rest.starts_with('/'))
}

fn escaped(project: &str) -> String {
    crate::model::path::literal(project)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_urls() {
        for (url, name) in [
            ("https://example.org/team/shop.git", Some("shop")),
            ("https://example.org/team/shop/", Some("shop")),
            ("git@example.org:shop.git", Some("shop")),
            ("/srv/git/shop", Some("shop")),
            ("/home/me/shop/.git", Some("shop")),
            ("../shop.git/", Some("shop")),
            ("", None),
            ("/", None),
        ] {
            assert_eq!(last_name(url).as_deref(), name, "{url}");
        }
    }
}
