//! The name of a repository on a board that it shares with others.
//!
//! Owns which name that is, and how it stands in front of paths and branches there, so that those
//! of several repositories are apart. A repository that keeps its own board has none.

use super::{Context, Upstream, upstream};
use crate::config::Config;
use crate::ledger::repository::{Repository, Surroundings};
use crate::model::resource::{Resource, ResourceKind};

/// At most this much of a name that was not chosen stands in front.
const NAME_BYTES_MAX: usize = 100;

/// Returns the names that the repository `here` may have on a board of another one: the configured
/// one, or what the URL of its remote ends with, or the name of its folder. Several, if it has
/// several remotes with different names, and none is chosen; none, if the setting is empty or
/// there is no repository.
pub(super) fn projects(
    config: &Config,
    here: Option<&Repository>,
    surroundings: &Surroundings,
) -> Vec<String> {
    let Some(here) = here else {
        return Vec::new();
    };
    if let Some(name) = &config.project {
        let name = name.trim_matches('/');
        let is_usable = !name.is_empty() && can_stand(name);
        return is_usable.then(|| name.to_owned()).into_iter().collect();
    }
    let remotes = match upstream(None, &here.remote_names()) {
        Upstream::Named(name) | Upstream::Missing(name) => vec![name],
        Upstream::Several(names) => names,
        Upstream::None => Vec::new(),
    };
    let mut names: Vec<String> = Vec::new();
    for remote in &remotes {
        let url = here.endpoints(remote, surroundings).fetch;
        let name = url.and_then(|url| last_name(&url)).map(plain);
        names.extend(name.filter(|name| !names.contains(name)));
    }
    let folder = || {
        let dir = here.git_dir();
        let is_inside = dir.ends_with(".git");
        let folder = if is_inside { dir.parent()? } else { &dir };
        last_name(folder.to_str()?).map(plain)
    };
    if names.is_empty() {
        names.extend(folder());
    }
    names
}

/// Returns a name that was not chosen as it stands in labels. Servers take `Shop` and `shop` for
/// one; what cannot stand in a label gives way, so that paths never stand there without a name.
fn plain(name: String) -> String {
    let lower = name.to_lowercase();
    let stands = |c: char| match can_stand(&format!("x{c}x")) {
        true => c,
        false => '-',
    };
    let mut plain: String = lower.trim().chars().map(stands).collect();
    while plain.len() > NAME_BYTES_MAX {
        plain.pop();
    }
    match can_stand(&plain) {
        true => plain,
        false => format!("x{plain}x"),
    }
}

/// Checks whether a name can stand in front of a label.
fn can_stand(name: &str) -> bool {
    let path = format!("path:{}/x", escaped(name));
    Resource::parse(&format!("branch:{name}/x")).is_ok() && Resource::parse(&path).is_ok()
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
    /// Returns the names that this repository may have on a board that it shares with others:
    /// several, if it has several remotes and none is chosen.
    pub fn projects(&self) -> &[String] {
        match self.keeps_its_own_board {
            true => &[],
            false => &self.projects,
        }
    }

    /// Returns the names that a file or a branch of this repository may have on the board.
    pub fn names_on_board(&self, name: &str) -> Vec<String> {
        match self.projects() {
            [] => vec![name.to_owned()],
            some => some.iter().map(|one| format!("{one}/{name}")).collect(),
        }
    }

    /// Returns a path or a branch of this repository as it stands on the board, by each name that
    /// the repository may have; any other resource is what it is everywhere. Empty if its label
    /// would be too long there: then it cannot be claimed.
    pub fn on_board(&self, resource: &Resource) -> Vec<Resource> {
        if self.projects().is_empty() {
            return vec![resource.clone()];
        }
        let named = self.projects().iter().filter_map(|project| {
            let has_it = resource.name() == project || is_below(resource.name(), project);
            let label = match resource.kind() {
                ResourceKind::Path if resource.name() == "**" => {
                    format!("path:{}/**", escaped(project))
                }
                ResourceKind::Path => format!("path:{}/{}", escaped(project), resource.name()),
                ResourceKind::Branch if !has_it => format!("branch:{project}/{}", resource.name()),
                _ => return Some(resource.clone()),
            };
            Resource::from_record(&label).ok()
        });
        let mut all: Vec<Resource> = Vec::new();
        for one in named {
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all
    }

    /// Returns what stands behind the name of this repository in a typed path; `None` if the path
    /// does not begin with it.
    pub(super) fn behind_project<'p>(&self, path: &'p str) -> Option<&'p str> {
        let project = self.projects().first()?;
        let rest = path.strip_prefix(project.as_str())?;
        let rest = match rest.strip_prefix('/') {
            Some(rest) => rest.trim_start_matches('/'),
            None if rest.is_empty() => rest,
            None => return None,
        };
        // What leads out of it again is not below the name.
        let is_below = !rest.split('/').any(|part| matches!(part, "." | ".."));
        is_below.then_some(rest)
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
