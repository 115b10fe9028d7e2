//! The settings of the URLs of a remote.
//!
//! Owns how they are read from a configuration that was opened (`endpoints`), and the [`Place`]
//! that they lead to on this machine. Never rewrites or compares a spelling: that is
//! `model::endpoint`.

use std::path::{Path, PathBuf};

use gix::config::File;

use crate::ledger::layout;
use crate::model::endpoint::{
    Endpoints, Rewrite, UrlSettings, as_reported, is_path, is_same_place,
};

/// Returns where a remote is fetched from and pushed to. Relative paths begin at `from`.
pub(super) fn endpoints(config: &File, remote: &str, from: &Path) -> Endpoints {
    let values = |key: &str| -> Vec<String> {
        let values = config.strings_by("remote", Some(remote.into()), key);
        let values = values.into_iter().flatten();
        values.map(|value| value.to_string()).collect()
    };
    let endpoints = Endpoints::of(&UrlSettings {
        urls: values("url"),
        push_urls: values("pushurl"),
        instead_of: rewrites(config, "insteadOf"),
        push_instead_of: rewrites(config, "pushInsteadOf"),
    });
    let endpoints = endpoints.map(|url| absolute(url, from));
    match endpoints.divided() {
        None => endpoints,
        // Two paths may lead to one folder.
        Some(_) => endpoints.map(resolved),
    }
}

/// Returns the URL, and for a relative path of this machine the whole path.
fn absolute(url: String, from: &Path) -> String {
    match is_path(&url)
        .then(|| from.join(&url))
        .as_deref()
        .map(Path::to_str)
    {
        Some(Some(path)) => path.to_owned(),
        _ => url,
    }
}

/// Resolves links and `..` in the path of a repository on this machine.
fn resolved(url: String) -> String {
    let path = url.strip_prefix("file://").unwrap_or(&url);
    let real = is_path(path).then(|| Path::new(path).canonicalize().ok());
    let real = real.flatten();
    let real = real.and_then(|real| real.to_str().map(str::to_owned));
    real.unwrap_or(url)
}

/// Returns the rewritings in the order in which Git tries them: all of a base together, where the
/// base first appears.
fn rewrites(config: &File, key: &str) -> Vec<Rewrite> {
    let mut found: Vec<Rewrite> = Vec::new();
    for section in config.sections() {
        let header = section.header();
        let is_url = header.name().eq_ignore_ascii_case(b"url");
        let Some(with) = header.subsection_name().filter(|_| is_url) else {
            continue;
        };
        let with = with.to_string();
        for find in section.values(key) {
            let after = found.iter().rposition(|one| one.with == with);
            let at = after.map_or(found.len(), |after| after + 1);
            let (find, with) = (find.to_string(), with.clone());
            found.insert(at, Rewrite { find, with });
        }
    }
    found
}

/// The place of a remote.
#[derive(Clone, Debug)]
pub struct Place {
    /// The digest of its URLs.
    pub(super) digest: String,
    /// The URL that is fetched.
    fetch: String,
    /// Where relative paths begin.
    from: PathBuf,
}

impl Place {
    /// Returns the place of `endpoints`; relative paths begin at `from`.
    pub fn of(endpoints: &Endpoints, from: &Path) -> Self {
        Self {
            digest: digest(endpoints),
            fetch: endpoints.fetch.clone().unwrap_or_default(),
            from: from.to_owned(),
        }
    }

    /// Checks whether `to`, which Git reports after a push, is the place that is fetched. Git
    /// leaves out the user, and does not resolve a path.
    pub(super) fn is_at(&self, to: &str) -> bool {
        is_one_place(to, &self.fetch, &self.from)
    }
}

/// Returns a function that checks whether one of `ends` is where `url` leads: spelled otherwise,
/// without its user, or through a link. Relative paths begin at `from`.
pub fn leads_to<'a>(ends: &'a Endpoints, from: &'a Path) -> impl Fn(&str) -> bool + 'a {
    move |url: &str| {
        let mut all = ends.fetch.iter().chain(&ends.push);
        all.any(|end| is_one_place(end, url, from))
    }
}

/// Checks whether two URLs are one place, as far as this machine can tell.
pub fn is_one_place(one: &str, two: &str, from: &Path) -> bool {
    let [one, two] = [one, two].map(|url| absolute(url.to_owned(), from));
    is_same_place(&one, &two)
        || is_same_place(&as_reported(&one), &two)
        || is_same_place(&one, &as_reported(&two))
        || is_same_place(&resolved(one), &resolved(two))
}

/// Checks whether every push to `remote` is one of all refs, as `git remote add --mirror=push` and
/// `git clone --mirror` set it.
pub(super) fn is_pushed_as_mirror(config: &File, remote: &str) -> bool {
    let set = config.boolean_by("remote", Some(remote.into()), "mirror");
    matches!(set, Ok(Some(true)))
}

/// Checks whether a fetch from `remote` writes its refs over those of the board here.
pub(super) fn copies_board(config: &File, remote: &str) -> bool {
    let specs = config.strings_by("remote", Some(remote.into()), "fetch");
    let is_over = |spec: &str| {
        let to = spec.split_once(':').map(|(_, to)| to);
        to.is_some_and(|to| to == "refs/*" || to.starts_with(layout::ROOT))
    };
    let mut specs = specs.into_iter().flatten();
    specs.any(|spec| is_over(&spec.to_string()))
}

/// Returns a digest of the places of a remote, for files of this clone: a URL may have a password.
fn digest(endpoints: &Endpoints) -> String {
    let hash = blake3::derive_key(
        "git-presence place of a remote",
        endpoints.places().as_bytes(),
    );
    blake3::Hash::from(hash).to_hex()[..32].to_owned()
}
